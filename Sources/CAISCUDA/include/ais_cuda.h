// CUDA's driver, opened at run time: nothing of CUDA is needed to build.
//
// All functions of a device may be called by any thread. They return 0, or the driver's error code, which
// ais_cuda_reason describes. An operation that fails on the device is reported by a later call.
#ifndef AIS_CUDA_H
#define AIS_CUDA_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t ais_cuda_address;
typedef struct ais_cuda_device ais_cuda_device;
typedef struct ais_cuda_function_handle *ais_cuda_function;
typedef struct ais_cuda_module_handle *ais_cuda_module;
typedef struct ais_cuda_program_handle *ais_cuda_program;

enum {
  AIS_CUDA_NO_DRIVER = -1,  // libcuda.so.1 does not exist or cannot be opened
  AIS_CUDA_OLD_DRIVER = -2, // it lacks a function
};

// What a GPU is.
typedef struct {
  char name[256];
  int major, minor;      // compute capability
  int multiprocessors;
  int driver_version;    // the CUDA version that the driver supports, 1000 · major + 10 · minor
  size_t memory_bytes;
} ais_cuda_info;

// A code in words. The text is valid until the thread's next call.
const char *ais_cuda_reason(int code);

// The number of GPUs. Opens the driver at the first call.
int ais_cuda_count(int *count);

// What GPU `ordinal` is.
int ais_cuda_describe(int ordinal, ais_cuda_info *info);

// Opens a GPU with one queue of operations. Its context is kept until the process ends.
int ais_cuda_open(int ordinal, ais_cuda_device **device);

// Memory of the GPU, aligned to 256 bytes, with undefined contents. Freeing waits for the operations that use it.
int ais_cuda_allocate(ais_cuda_device *device, size_t bytes, ais_cuda_address *address);
int ais_cuda_release(ais_cuda_device *device, ais_cuda_address address);

// Memory of the host that the GPU can access directly.
int ais_cuda_allocate_host(ais_cuda_device *device, size_t bytes, void **address);
int ais_cuda_release_host(ais_cuda_device *device, void *address);

// Operations, in the order of the calls. An upload returns once the host's bytes may change.
int ais_cuda_upload(ais_cuda_device *device, ais_cuda_address to, const void *from, size_t bytes);
int ais_cuda_copy(ais_cuda_device *device, ais_cuda_address to, ais_cuda_address from, size_t bytes);
int ais_cuda_fill(ais_cuda_device *device, ais_cuda_address to, uint8_t value, size_t bytes);

// Copies to the host and waits for this and all earlier operations. `to` is from ais_cuda_allocate_host.
int ais_cuda_download(ais_cuda_device *device, void *to, ais_cuda_address from, size_t bytes);

// Waits for all operations.
int ais_cuda_wait(ais_cuda_device *device);

// For libraries that work on the GPU: its context becomes the calling thread's, and its queue is a CUstream.
int ais_cuda_bind(ais_cuda_device *device);
void *ais_cuda_stream(ais_cuda_device *device);

// Loads compiled kernels, and finds one by its name.
int ais_cuda_load(ais_cuda_device *device, const void *image, ais_cuda_module *module);
int ais_cuda_find(ais_cuda_device *device, ais_cuda_module module, const char *name,
                  ais_cuda_function *function);

// How a kernel is launched.
typedef struct {
  unsigned blocks_x, blocks_y, threads;
  unsigned shared_bytes;  // dynamic
  int starts_early;       // it may start while the kernel before it runs: it waits itself (sm_90 and later)
} ais_cuda_shape;

// Runs a kernel whose only parameter is the struct at `arguments`.
int ais_cuda_launch(ais_cuda_device *device, ais_cuda_function function, ais_cuda_shape shape,
                    const void *arguments);

// Between the two calls, operations are recorded as a program instead of being run; the caller sees to it that no other
// thread uses the device. A program can be run any number of times.
int ais_cuda_begin_recording(ais_cuda_device *device);
int ais_cuda_end_recording(ais_cuda_device *device, ais_cuda_program *program);
int ais_cuda_run(ais_cuda_device *device, ais_cuda_program program);
int ais_cuda_release_program(ais_cuda_device *device, ais_cuda_program program);

// Parts of a program that run only on a condition. A condition is a number that kernels set (cudaGraphSetConditional)
// and that is `value` when the program starts. It belongs to the part that is being recorded, and decides about one
// branch there or in a part of it: with AIS_CUDA_LOOP the one body runs as long as it is not 0; with AIS_CUDA_CHOICE it
// is the index of the body that runs, or none.
typedef struct ais_cuda_body_handle *ais_cuda_body;
enum { AIS_CUDA_LOOP = 1, AIS_CUDA_CHOICE = 2 };

// Whether the driver knows them (CUDA 12.8 and later).
int ais_cuda_can_branch(void);
int ais_cuda_create_condition(ais_cuda_device *device, unsigned value, uint64_t *condition);
int ais_cuda_add_branch(ais_cuda_device *device, uint64_t condition, int kind, unsigned count, ais_cuda_body *bodies);

// Between the two calls, operations are recorded into a body; bodies may contain branches.
int ais_cuda_begin_body(ais_cuda_device *device, ais_cuda_body body);
int ais_cuda_end_body(ais_cuda_device *device);

#endif
