#include "ais_cuda.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The part of CUDA's driver interface that is used, declared here since no header of CUDA is needed.
typedef void *driver_context, *driver_stream, *driver_graph, *driver_node;

// CUlaunchAttribute and CUlaunchConfig.
struct launch_attribute {
  int id, padding, value;
  char rest[60];
};

struct launch_shape {
  unsigned grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes;
  driver_stream stream;
  struct launch_attribute *attributes;
  unsigned attribute_count;
};

// CUgraphNodeParams of a conditional node.
struct node_description {
  int type, reserved[3];
  uint64_t condition;
  int kind;
  unsigned count;
  driver_graph *bodies;  // filled in
  driver_context context;
  char rest[208];
};
_Static_assert(sizeof(struct node_description) == 256, "the size of CUgraphNodeParams");

// Each line: result is int (CUresult), name in the library, parameters. A suffix _v2 is the current form of a
// function whose first form had 32-bit sizes.
#define DRIVER_FUNCTIONS(X)                                                                        \
  X(init, cuInit, (unsigned flags))                                                                \
  X(driver_version, cuDriverGetVersion, (int *version))                                            \
  X(error_string, cuGetErrorString, (int code, const char **text))                                 \
  X(device_count, cuDeviceGetCount, (int *count))                                                  \
  X(device_get, cuDeviceGet, (int *device, int ordinal))                                           \
  X(device_name, cuDeviceGetName, (char *name, int length, int device))                            \
  X(device_memory, cuDeviceTotalMem_v2, (size_t * bytes, int device))                              \
  X(device_attribute, cuDeviceGetAttribute, (int *value, int attribute, int device))               \
  X(retain_context, cuDevicePrimaryCtxRetain, (driver_context * context, int device))              \
  X(set_context, cuCtxSetCurrent, (driver_context context))                                        \
  X(allocate, cuMemAlloc_v2, (uint64_t * address, size_t bytes))                                   \
  X(release, cuMemFree_v2, (uint64_t address))                                                     \
  X(allocate_host, cuMemAllocHost_v2, (void **address, size_t bytes))                              \
  X(release_host, cuMemFreeHost, (void *address))                                                  \
  X(upload, cuMemcpyHtoDAsync_v2,                                                                  \
    (uint64_t to, const void *from, size_t bytes, driver_stream stream))                           \
  X(download, cuMemcpyDtoHAsync_v2,                                                                \
    (void *to, uint64_t from, size_t bytes, driver_stream stream))                                 \
  X(copy, cuMemcpyDtoDAsync_v2,                                                                    \
    (uint64_t to, uint64_t from, size_t bytes, driver_stream stream))                              \
  X(fill, cuMemsetD8Async,                                                                         \
    (uint64_t to, unsigned char value, size_t bytes, driver_stream stream))                        \
  X(create_stream, cuStreamCreate, (driver_stream * stream, unsigned flags))                       \
  X(wait, cuStreamSynchronize, (driver_stream stream))                                             \
  X(load_module, cuModuleLoadData, (ais_cuda_module * module, const void *image))                  \
  X(get_function, cuModuleGetFunction,                                                             \
    (ais_cuda_function * function, ais_cuda_module module, const char *name))                      \
  X(function_attribute, cuFuncGetAttribute, (int *value, int attribute, ais_cuda_function function)) \
  X(set_function_attribute, cuFuncSetAttribute,                                                    \
    (ais_cuda_function function, int attribute, int value))                                        \
  X(launch, cuLaunchKernelEx,                                                                      \
    (const struct launch_shape *shape, ais_cuda_function function, void **parameters, void **extra)) \
  X(begin_capture, cuStreamBeginCapture_v2, (driver_stream stream, int mode))                      \
  X(end_capture, cuStreamEndCapture, (driver_stream stream, driver_graph *graph))                  \
  X(instantiate, cuGraphInstantiateWithFlags,                                                      \
    (ais_cuda_program * program, driver_graph graph, unsigned long long flags))                    \
  X(destroy_graph, cuGraphDestroy, (driver_graph graph))                                           \
  X(destroy_program, cuGraphExecDestroy, (ais_cuda_program program))                               \
  X(run_program, cuGraphLaunch, (ais_cuda_program program, driver_stream stream))

// Functions that only newer drivers have.
#define NEWER_FUNCTIONS(X)                                                                         \
  X(capture_info, cuStreamGetCaptureInfo_v3,                                                       \
    (driver_stream stream, int *status, uint64_t *id, driver_graph *graph,                         \
     const driver_node **nodes, const void **edges, size_t *count))                                \
  X(set_capture_nodes, cuStreamUpdateCaptureDependencies_v2,                                       \
    (driver_stream stream, driver_node * nodes, const void *edges, size_t count, unsigned flags))  \
  X(begin_part, cuStreamBeginCaptureToGraph,                                                       \
    (driver_stream stream, driver_graph graph, const driver_node *nodes, const void *edges,        \
     size_t count, int mode))                                                                      \
  X(create_condition, cuGraphConditionalHandleCreate,                                              \
    (uint64_t * condition, driver_graph graph, driver_context context, unsigned value,             \
     unsigned flags))                                                                              \
  X(add_node, cuGraphAddNode_v2,                                                                   \
    (driver_node * node, driver_graph graph, const driver_node *nodes, const void *edges,          \
     size_t count, struct node_description *description))

enum {
  ATTRIBUTE_MULTIPROCESSORS = 16,
  ATTRIBUTE_MAJOR = 75,
  ATTRIBUTE_MINOR = 76,
  ATTRIBUTE_SHARED_BYTES = 97,  // of a block, with the kernel's consent
  STREAM_NON_BLOCKING = 1,
  FUNCTION_SHARED_BYTES = 1,
  FUNCTION_MOST_DYNAMIC_BYTES = 8,
  LAUNCH_PROGRAMMATIC_SERIALIZATION = 6,
  CAPTURE_RELAXED = 2,
  REPLACE_NODES = 1,
  SET_AT_START = 1,
  CONDITIONAL_NODE = 13,
  FIRST_WITH_CHOICES = 12080,
  MOST_PARTS = 3,  // a program, a choice in it, a loop in that
};

#define DECLARE(name, symbol, parameters) int(*name) parameters;
static struct { DRIVER_FUNCTIONS(DECLARE) NEWER_FUNCTIONS(DECLARE) } driver;
#undef DECLARE

static int driver_state;  // 0, or why the driver cannot be used
static char driver_reason[512];
static int driver_branches;  // whether it has the newer functions
static pthread_once_t driver_once = PTHREAD_ONCE_INIT;

struct ais_cuda_device {
  driver_context context;
  driver_stream stream;
  driver_stream parts[MOST_PARTS];  // the queue, and those into which parts of a program are recorded
  int part;
  int follows_branch;  // the next kernel must not start early
  int shared_bytes;    // the most of a block
};

static void open_driver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    driver_state = AIS_CUDA_NO_DRIVER;
    const char *reason = dlerror();
    snprintf(driver_reason, sizeof driver_reason, "no NVIDIA driver (%s)",
             reason ? reason : "libcuda.so.1");
    return;
  }
#define FIND(name, symbol, parameters)                                                             \
  *(void **)&driver.name = dlsym(library, #symbol);                                                \
  if (!driver.name && !driver_state) {                                                             \
    driver_state = AIS_CUDA_OLD_DRIVER;                                                            \
    snprintf(driver_reason, sizeof driver_reason, "the driver has no " #symbol);                   \
  }
  DRIVER_FUNCTIONS(FIND)
#undef FIND
  driver_branches = 1;
#define FIND(name, symbol, parameters)                                                             \
  *(void **)&driver.name = dlsym(library, #symbol);                                                \
  if (!driver.name) driver_branches = 0;
  NEWER_FUNCTIONS(FIND)
#undef FIND
  if (!driver_state) driver_state = driver.init(0);
  int version = 0;
  if (driver_state || driver.driver_version(&version) || version < FIRST_WITH_CHOICES)
    driver_branches = 0;
}

static int use_driver(void) {
  pthread_once(&driver_once, open_driver);
  return driver_state;
}

const char *ais_cuda_reason(int code) {
  const char *text = NULL;
  if (code == AIS_CUDA_NO_DRIVER || code == AIS_CUDA_OLD_DRIVER) return driver_reason;
  if (driver.error_string && driver.error_string(code, &text) == 0 && text) return text;
  static _Thread_local char number[32];
  snprintf(number, sizeof number, "error %d", code);
  return number;
}

// Returns from the calling function if a call fails.
#define TRY(call)                    \
  do {                               \
    const int code_ = (call);        \
    if (code_) return code_;         \
  } while (0)

int ais_cuda_count(int *count) {
  *count = 0;
  TRY(use_driver());
  return driver.device_count(count);
}

int ais_cuda_describe(int ordinal, ais_cuda_info *info) {
  memset(info, 0, sizeof *info);
  int device;
  TRY(use_driver());
  TRY(driver.device_get(&device, ordinal));
  TRY(driver.device_name(info->name, sizeof info->name, device));
  TRY(driver.device_attribute(&info->major, ATTRIBUTE_MAJOR, device));
  TRY(driver.device_attribute(&info->minor, ATTRIBUTE_MINOR, device));
  TRY(driver.device_attribute(&info->multiprocessors, ATTRIBUTE_MULTIPROCESSORS, device));
  TRY(driver.device_memory(&info->memory_bytes, device));
  return driver.driver_version(&info->driver_version);
}

int ais_cuda_open(int ordinal, ais_cuda_device **result) {
  *result = NULL;
  int device;
  driver_context context;
  driver_stream parts[MOST_PARTS];
  TRY(use_driver());
  TRY(driver.device_get(&device, ordinal));
  TRY(driver.retain_context(&context, device));
  TRY(driver.set_context(context));
  for (int i = 0; i < MOST_PARTS; i++) TRY(driver.create_stream(&parts[i], STREAM_NON_BLOCKING));
  ais_cuda_device *opened = calloc(1, sizeof *opened);
  if (!opened) return 2;  // CUDA_ERROR_OUT_OF_MEMORY
  opened->context = context;
  memcpy(opened->parts, parts, sizeof parts);
  opened->stream = parts[0];
  const int code = driver.device_attribute(&opened->shared_bytes, ATTRIBUTE_SHARED_BYTES, device);
  if (code) {
    free(opened);
    return code;
  }
  *result = opened;
  return 0;
}

int ais_cuda_allocate(ais_cuda_device *device, size_t bytes, ais_cuda_address *address) {
  TRY(driver.set_context(device->context));
  return driver.allocate(address, bytes ? bytes : 1);
}

int ais_cuda_release(ais_cuda_device *device, ais_cuda_address address) {
  TRY(driver.set_context(device->context));
  return driver.release(address);
}

int ais_cuda_allocate_host(ais_cuda_device *device, size_t bytes, void **address) {
  TRY(driver.set_context(device->context));
  return driver.allocate_host(address, bytes ? bytes : 1);
}

int ais_cuda_release_host(ais_cuda_device *device, void *address) {
  TRY(driver.set_context(device->context));
  return driver.release_host(address);
}

int ais_cuda_upload(ais_cuda_device *device, ais_cuda_address to, const void *from, size_t bytes) {
  if (!bytes) return 0;
  TRY(driver.set_context(device->context));
  // From memory that the GPU cannot access the driver copies to its own first, so `from` is free afterwards.
  return driver.upload(to, from, bytes, device->stream);
}

int ais_cuda_copy(ais_cuda_device *device, ais_cuda_address to, ais_cuda_address from,
                  size_t bytes) {
  if (!bytes) return 0;
  TRY(driver.set_context(device->context));
  return driver.copy(to, from, bytes, device->stream);
}

int ais_cuda_fill(ais_cuda_device *device, ais_cuda_address to, uint8_t value, size_t bytes) {
  if (!bytes) return 0;
  TRY(driver.set_context(device->context));
  return driver.fill(to, value, bytes, device->stream);
}

int ais_cuda_download(ais_cuda_device *device, void *to, ais_cuda_address from, size_t bytes) {
  TRY(driver.set_context(device->context));
  if (bytes) TRY(driver.download(to, from, bytes, device->stream));
  return driver.wait(device->stream);
}

int ais_cuda_wait(ais_cuda_device *device) {
  TRY(driver.set_context(device->context));
  return driver.wait(device->stream);
}

int ais_cuda_bind(ais_cuda_device *device) { return driver.set_context(device->context); }

void *ais_cuda_stream(ais_cuda_device *device) { return device->stream; }

int ais_cuda_load(ais_cuda_device *device, const void *image, ais_cuda_module *module) {
  TRY(driver.set_context(device->context));
  return driver.load_module(module, image);
}

int ais_cuda_find(ais_cuda_device *device, ais_cuda_module module, const char *name,
                  ais_cuda_function *function) {
  int bytes = 0;
  TRY(driver.set_context(device->context));
  TRY(driver.get_function(function, module, name));
  TRY(driver.function_attribute(&bytes, FUNCTION_SHARED_BYTES, *function));
  return driver.set_function_attribute(*function, FUNCTION_MOST_DYNAMIC_BYTES, device->shared_bytes - bytes);
}

int ais_cuda_launch(ais_cuda_device *device, ais_cuda_function function, ais_cuda_shape shape,
                    const void *arguments) {
  if (!shape.blocks_x || !shape.blocks_y) return 0;
  TRY(driver.set_context(device->context));
  struct launch_attribute early = {.id = LAUNCH_PROGRAMMATIC_SERIALIZATION, .value = 1};
  const struct launch_shape launch = {
    shape.blocks_x, shape.blocks_y, 1, shape.threads, 1, 1, shape.shared_bytes,
    device->stream, &early, shape.starts_early && !device->follows_branch ? 1 : 0,
  };
  device->follows_branch = 0;
  void *parameters[] = {(void *)arguments};
  return driver.launch(&launch, function, parameters, NULL);
}

int ais_cuda_begin_recording(ais_cuda_device *device) {
  TRY(driver.set_context(device->context));
  return driver.begin_capture(device->stream, CAPTURE_RELAXED);
}

int ais_cuda_end_recording(ais_cuda_device *device, ais_cuda_program *program) {
  driver_graph graph = NULL;
  *program = NULL;
  TRY(driver.set_context(device->context));
  TRY(driver.end_capture(device->stream, &graph));
  const int code = driver.instantiate(program, graph, 0);
  driver.destroy_graph(graph);
  return code;
}

int ais_cuda_run(ais_cuda_device *device, ais_cuda_program program) {
  TRY(driver.set_context(device->context));
  return driver.run_program(program, device->stream);
}

int ais_cuda_release_program(ais_cuda_device *device, ais_cuda_program program) {
  TRY(driver.set_context(device->context));
  return driver.destroy_program(program);
}

int ais_cuda_can_branch(void) { return use_driver() == 0 && driver_branches; }

// The graph that is being recorded, and what its next node must come after.
static int recorded_graph(ais_cuda_device *device, driver_graph *graph, const driver_node **nodes, const void **edges,
                          size_t *count) {
  int status;
  uint64_t id;
  TRY(driver.set_context(device->context));
  return driver.capture_info(device->stream, &status, &id, graph, nodes, edges, count);
}

int ais_cuda_create_condition(ais_cuda_device *device, unsigned value, uint64_t *condition) {
  driver_graph graph;
  const driver_node *nodes;
  const void *edges;
  size_t count;
  TRY(recorded_graph(device, &graph, &nodes, &edges, &count));
  return driver.create_condition(condition, graph, device->context, value, SET_AT_START);
}

int ais_cuda_add_branch(ais_cuda_device *device, uint64_t condition, int kind, unsigned count, ais_cuda_body *bodies) {
  driver_graph graph;
  driver_node node;
  const driver_node *nodes;
  const void *edges;
  size_t node_count;
  TRY(recorded_graph(device, &graph, &nodes, &edges, &node_count));
  struct node_description description = {
    .type = CONDITIONAL_NODE, .condition = condition, .kind = kind, .count = count, .context = device->context,
  };
  TRY(driver.add_node(&node, graph, nodes, edges, node_count, &description));
  for (unsigned i = 0; i < count; i++) bodies[i] = (ais_cuda_body)description.bodies[i];
  device->follows_branch = 1;
  return driver.set_capture_nodes(device->stream, &node, NULL, 1, REPLACE_NODES);
}

int ais_cuda_begin_body(ais_cuda_device *device, ais_cuda_body body) {
  if (device->part + 1 >= MOST_PARTS) return 1;  // CUDA_ERROR_INVALID_VALUE
  TRY(driver.set_context(device->context));
  TRY(driver.begin_part(device->parts[device->part + 1], (driver_graph)body, NULL, NULL, 0, CAPTURE_RELAXED));
  device->stream = device->parts[++device->part];
  device->follows_branch = 1;
  return 0;
}

int ais_cuda_end_body(ais_cuda_device *device) {
  driver_graph graph;
  TRY(driver.set_context(device->context));
  const int code = driver.end_capture(device->stream, &graph);
  device->stream = device->parts[--device->part];
  device->follows_branch = 1;
  return code;
}
