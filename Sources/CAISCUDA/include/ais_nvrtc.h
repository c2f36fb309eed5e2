// CUDA's compiler for kernels, NVRTC, opened at run time.
#ifndef AIS_NVRTC_H
#define AIS_NVRTC_H

#include <stddef.h>

typedef struct ais_nvrtc ais_nvrtc;

// Opens the library at `path`, or of this name. NULL if it cannot be opened or lacks a function; `reason` says why.
// It stays open until the process ends.
ais_nvrtc *ais_nvrtc_open(const char *path, char *reason, size_t reason_size);

// Its version, 1000 · major + 10 · minor.
int ais_nvrtc_version(const ais_nvrtc *library);

// A compiled program, or the compiler's messages. Free with ais_nvrtc_release.
typedef struct {
  int code;     // 0: success
  char *image;  // device code for one architecture, or PTX
  size_t image_size;
  char *log;    // messages; empty if there are none
} ais_nvrtc_result;

// Compiles a source file. The options name the architecture. `headers` are files that it may include. With
// `wants_text` the result is PTX, which the driver translates and links with its own functions.
ais_nvrtc_result ais_nvrtc_compile(const ais_nvrtc *library, const char *source, const char *name,
                                   int header_count, const char *const *headers,
                                   const char *const *header_names, int option_count,
                                   const char *const *options, int wants_text);
void ais_nvrtc_release(ais_nvrtc_result *result);

#endif
