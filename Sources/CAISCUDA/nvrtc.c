#include "ais_nvrtc.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct program_handle *program;

// The part of NVRTC's interface that is used; every function returns an nvrtcResult.
#define COMPILER_FUNCTIONS(X)                                                                  \
  X(version, nvrtcVersion, (int *major, int *minor))                                           \
  X(create, nvrtcCreateProgram,                                                                \
    (program * result, const char *source, const char *name, int header_count,                 \
     const char *const *headers, const char *const *header_names))                             \
  X(compile, nvrtcCompileProgram, (program p, int option_count, const char *const *options))   \
  X(log_size, nvrtcGetProgramLogSize, (program p, size_t * size))                              \
  X(log, nvrtcGetProgramLog, (program p, char *log))                                           \
  X(image_size, nvrtcGetCUBINSize, (program p, size_t * size))                                 \
  X(image, nvrtcGetCUBIN, (program p, char *image))                                            \
  X(text_size, nvrtcGetPTXSize, (program p, size_t * size))                                    \
  X(text, nvrtcGetPTX, (program p, char *text))                                                \
  X(destroy, nvrtcDestroyProgram, (program * p))

#define DECLARE(name, symbol, parameters) int(*name) parameters;
struct ais_nvrtc {
  COMPILER_FUNCTIONS(DECLARE)
  int number;
};
#undef DECLARE

// NVRTC opens its builtins by name, which the system finds only in its own folders or if they are open already.
static void open_builtins(const char *path) {
  static const char prefix[] = "libnvrtc-builtins.so";
  const char *name = strrchr(path, '/');
  char folder[4096], file[8192];
  if (!name || snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path) >= (int)sizeof folder) return;
  DIR *entries = opendir(folder);
  if (!entries) return;
  for (struct dirent *entry; (entry = readdir(entries));) {
    if (strncmp(entry->d_name, prefix, sizeof prefix - 1)) continue;
    snprintf(file, sizeof file, "%s/%s", folder, entry->d_name);
    dlopen(file, RTLD_NOW | RTLD_LOCAL);
  }
  closedir(entries);
}

ais_nvrtc *ais_nvrtc_open(const char *path, char *reason, size_t reason_size) {
  open_builtins(path);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *text = dlerror();
    snprintf(reason, reason_size, "%s", text ? text : path);
    return NULL;
  }
  ais_nvrtc *opened = calloc(1, sizeof *opened);
  if (!opened) return NULL;
  const char *missing = NULL;
#define FIND(name, symbol, parameters)                     \
  *(void **)&opened->name = dlsym(library, #symbol);       \
  if (!opened->name && !missing) missing = #symbol;
  COMPILER_FUNCTIONS(FIND)
#undef FIND
  int major = 0, minor = 0;
  if (missing || opened->version(&major, &minor)) {
    snprintf(reason, reason_size, "%s has no %s", path, missing ? missing : "version");
    free(opened);
    dlclose(library);
    return NULL;
  }
  opened->number = 1000 * major + 10 * minor;
  return opened;
}

int ais_nvrtc_version(const ais_nvrtc *library) { return library->number; }

ais_nvrtc_result ais_nvrtc_compile(const ais_nvrtc *library, const char *source, const char *name,
                                   int header_count, const char *const *headers,
                                   const char *const *header_names, int option_count,
                                   const char *const *options, int wants_text) {
  ais_nvrtc_result result = {0};
  program p = NULL;
  result.code = library->create(&p, source, name, header_count, headers, header_names);
  if (result.code) return result;
  result.code = library->compile(p, option_count, options);
  size_t size = 0;
  if (library->log_size(p, &size) == 0 && (result.log = calloc(1, size + 1))) library->log(p, result.log);
  if (!result.code) result.code = (wants_text ? library->text_size : library->image_size)(p, &result.image_size);
  if (!result.code) {
    result.image = malloc(result.image_size);
    result.code = result.image ? (wants_text ? library->text : library->image)(p, result.image) : 1;
  }
  library->destroy(&p);
  return result;
}

void ais_nvrtc_release(ais_nvrtc_result *result) {
  free(result->image);
  free(result->log);
  memset(result, 0, sizeof *result);
}
