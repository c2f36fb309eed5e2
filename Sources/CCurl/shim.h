// libcurl, with a name for every kind of argument that its variadic functions take: Swift calls
// no variadic functions.
#ifndef AIS_CURL_SHIM_H
#define AIS_CURL_SHIM_H

// The type checks are macros for constant options; here the option is an argument.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// Takes size × count bytes and returns how many it took; fewer ends the transfer.
typedef size_t (*ais_curl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ais_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ais_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

// The only protocols that requests, and what a server leads to, can use: https, and http where it is asked for.
static inline CURLcode ais_curl_set_protocols(CURL *handle, int with_http) {
#if LIBCURL_VERSION_NUM >= 0x075500
  const char *names = with_http ? "http,https" : "https";
  CURLcode code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, names);
  return code ? code : curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, names);
#else
  long set = with_http ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS;
  CURLcode code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS, set);
  return code ? code : curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, set);
#endif
}

static inline CURLcode ais_curl_set_fields(CURL *handle, struct curl_slist *fields) {
  return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, fields);
}

static inline CURLcode ais_curl_set_sinks(
    CURL *handle, ais_curl_sink head, ais_curl_sink body, void *context) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, head);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
  return curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

#endif
