#include "ais_cublas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct handle_data *lt_handle;
typedef struct operation_data *lt_operation;
typedef struct layout_data *lt_layout;
typedef struct preference_data *lt_preference;

typedef struct {
  uint64_t data[8];
} lt_algorithm;

typedef struct {
  lt_algorithm algorithm;
  size_t workspace_bytes;
  int status;
  float waves;
  int reserved[4];
} lt_candidate;

// The part of cuBLASLt's interface that is used: type, name here, name in the library, parameters. An int is a
// cublasStatus_t. Releases 12 and 13 have the same values and sizes.
#define AIS_LIBRARY_FUNCTIONS(X)                                                                        \
  X(size_t, version, cublasLtGetVersion, (void))                                                        \
  X(const char *, status_name, cublasLtGetStatusName, (int status))                                     \
  X(int, create, cublasLtCreate, (lt_handle * handle))                                                  \
  X(int, create_operation, cublasLtMatmulDescCreate, (lt_operation * result, int compute, int scale))   \
  X(int, set_operation, cublasLtMatmulDescSetAttribute,                                                 \
    (lt_operation operation, int attribute, const void *value, size_t bytes))                           \
  X(int, destroy_operation, cublasLtMatmulDescDestroy, (lt_operation operation))                        \
  X(int, create_layout, cublasLtMatrixLayoutCreate,                                                     \
    (lt_layout * result, int type, uint64_t rows, uint64_t columns, int64_t stride))                    \
  X(int, set_layout, cublasLtMatrixLayoutSetAttribute,                                                  \
    (lt_layout layout, int attribute, const void *value, size_t bytes))                                 \
  X(int, destroy_layout, cublasLtMatrixLayoutDestroy, (lt_layout layout))                               \
  X(int, create_preference, cublasLtMatmulPreferenceCreate, (lt_preference * result))                   \
  X(int, set_preference, cublasLtMatmulPreferenceSetAttribute,                                          \
    (lt_preference preference, int attribute, const void *value, size_t bytes))                         \
  X(int, destroy_preference, cublasLtMatmulPreferenceDestroy, (lt_preference preference))               \
  X(int, search, cublasLtMatmulAlgoGetHeuristic,                                                        \
    (lt_handle handle, lt_operation operation, lt_layout a, lt_layout b, lt_layout c, lt_layout d,      \
     lt_preference preference, int wanted, lt_candidate *candidates, int *found))                       \
  X(int, multiply, cublasLtMatmul,                                                                      \
    (lt_handle handle, lt_operation operation, const void *alpha, uint64_t a, lt_layout a_layout,       \
     uint64_t b, lt_layout b_layout, const void *beta, uint64_t c, lt_layout c_layout, uint64_t d,      \
     lt_layout d_layout, const lt_algorithm *algorithm, uint64_t workspace, size_t workspace_bytes,     \
     void *stream))

enum { AIS_WORKSPACE_BYTES = 64 << 20 };

// What an algorithm depends on; all fields, so that keys can be compared as bytes.
typedef struct {
  int64_t rows, inputs, outputs, x_stride, weight_stride, out_stride;
  int64_t input_type, output_type, accumulates;
  int64_t x_alignment, weight_alignment, out_alignment;
} shape;

// A shape's algorithm. The library sees transposed matrices, since its columns are our rows: outᵀ = W · xᵀ.
typedef struct plan {
  struct plan *next;
  shape key;
  lt_operation operation;
  lt_layout weights, x, out;
  lt_algorithm algorithm;
} plan;

#define DECLARE(type, name, symbol, parameters) type(*name) parameters;
struct ais_cublas {
  AIS_LIBRARY_FUNCTIONS(DECLARE)
  ais_cuda_device *device;
  lt_handle handle;
  ais_cuda_address workspace;
  pthread_mutex_t lock;  // of the plans
  plan *plans;
};
#undef DECLARE

// Returns from the calling function if a call of the driver, or of the library, fails.
#define TRY(call)                    \
  do {                               \
    const int code_ = (call);        \
    if (code_) return code_;         \
  } while (0)
#define TRY_LIBRARY(call)                              \
  do {                                                 \
    const int status_ = (call);                        \
    if (status_) return AIS_CUBLAS_REFUSED - status_;  \
  } while (0)

enum {
  COMPUTE_32F = 68,
  TRANSPOSED = 1,
  OPERATION_TRANSA = 3,
  LAYOUT_COLUMNS = 3,
  PREFER_WORKSPACE = 1,
  PREFER_REDUCTIONS = 3,
  PREFER_ALIGNMENT_A = 5,  // then those of B, C, D
  REDUCTION_IN_COMPUTE_TYPE = 2,
  NOT_SUPPORTED = 15,

  OUT_OF_MEMORY = 2,  // the driver's code
};

ais_cublas *ais_cublas_open(const char *path, ais_cuda_device *device, char *reason, size_t reason_size) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (!library) {
    const char *text = dlerror();
    snprintf(reason, reason_size, "%s", text ? text : path);
    return NULL;
  }
  ais_cublas *opened = calloc(1, sizeof *opened);
  if (!opened) return NULL;
  const char *missing = NULL;
#define FIND(type, name, symbol, parameters)               \
  *(void **)&opened->name = dlsym(library, #symbol);       \
  if (!opened->name && !missing) missing = #symbol;
  AIS_LIBRARY_FUNCTIONS(FIND)
#undef FIND
  if (missing) {
    snprintf(reason, reason_size, "%s has no %s", path, missing);
    free(opened);
    dlclose(library);
    return NULL;
  }
  opened->device = device;
  pthread_mutex_init(&opened->lock, NULL);
  int code = ais_cuda_bind(device), status = 0;
  if (!code && (status = opened->create(&opened->handle))) code = AIS_CUBLAS_REFUSED - status;
  if (!code) code = ais_cuda_allocate(device, AIS_WORKSPACE_BYTES, &opened->workspace);
  if (!code) return opened;
  snprintf(reason, reason_size, "%s: %s", path, ais_cublas_reason(opened, code));
  free(opened);
  return NULL;
}

int ais_cublas_version(const ais_cublas *library) { return (int)library->version(); }

const char *ais_cublas_reason(const ais_cublas *library, int code) {
  if (code > AIS_CUBLAS_REFUSED) return ais_cuda_reason(code);
  const char *name = library->status_name(AIS_CUBLAS_REFUSED - code);
  return name ? name : "an unknown status";
}

// The largest power of two, up to 256, that divides an address.
static int64_t alignment_of(ais_cuda_address address) {
  const uint64_t lowest = address & (~address + 1);
  return lowest && lowest < 256 ? (int64_t)lowest : 256;
}

static shape shape_of(const ais_cublas_product *p) {
  return (shape){
    .rows = p->planned_rows > p->rows ? p->planned_rows : p->rows,
    .inputs = p->inputs,
    .outputs = p->outputs,
    .x_stride = p->x_stride,
    .weight_stride = p->weight_stride,
    .out_stride = p->out_stride,
    .input_type = p->input_type,
    .output_type = p->output_type,
    .accumulates = p->accumulates != 0,
    .x_alignment = alignment_of(p->x),
    .weight_alignment = alignment_of(p->weights),
    .out_alignment = alignment_of(p->out),
  };
}

static int describe(const ais_cublas *library, plan *p) {
  const shape *s = &p->key;
  const int32_t transposed = TRANSPOSED;
  TRY_LIBRARY(library->create_operation(&p->operation, COMPUTE_32F, AIS_CUBLAS_F32));
  TRY_LIBRARY(library->set_operation(p->operation, OPERATION_TRANSA, &transposed, sizeof transposed));
  TRY_LIBRARY(library->create_layout(&p->weights, (int)s->input_type, s->inputs, s->outputs, s->weight_stride));
  TRY_LIBRARY(library->create_layout(&p->x, (int)s->input_type, s->inputs, s->rows, s->x_stride));
  TRY_LIBRARY(library->create_layout(&p->out, (int)s->output_type, s->outputs, s->rows, s->out_stride));
  return 0;
}

static void release(const ais_cublas *library, plan *p) {
  if (p->operation) library->destroy_operation(p->operation);
  if (p->weights) library->destroy_layout(p->weights);
  if (p->x) library->destroy_layout(p->x);
  if (p->out) library->destroy_layout(p->out);
  free(p);
}

static int set_rows(const ais_cublas *library, const plan *p, uint64_t rows) {
  TRY_LIBRARY(library->set_layout(p->x, LAYOUT_COLUMNS, &rows, sizeof rows));
  TRY_LIBRARY(library->set_layout(p->out, LAYOUT_COLUMNS, &rows, sizeof rows));
  return 0;
}

static int set_limits(const ais_cublas *library, const shape *s, lt_preference preference) {
  const uint64_t bytes = AIS_WORKSPACE_BYTES;
  // Parts of a sum are added as float32, whatever the type of `out`.
  const uint32_t reductions = REDUCTION_IN_COMPUTE_TYPE;
  const uint32_t alignments[] = {(uint32_t)s->weight_alignment, (uint32_t)s->x_alignment,
                                 (uint32_t)s->out_alignment, (uint32_t)s->out_alignment};
  TRY_LIBRARY(library->set_preference(preference, PREFER_WORKSPACE, &bytes, sizeof bytes));
  TRY_LIBRARY(library->set_preference(preference, PREFER_REDUCTIONS, &reductions, sizeof reductions));
  for (int i = 0; i < 4; i++)
    TRY_LIBRARY(library->set_preference(preference, PREFER_ALIGNMENT_A + i, &alignments[i], sizeof alignments[i]));
  return 0;
}

// The library's best guess of an algorithm for a plan.
static int choose(const ais_cublas *library, plan *p) {
  lt_preference preference;
  lt_candidate best;
  int found = 0;
  TRY(set_rows(library, p, (uint64_t)p->key.rows));
  TRY_LIBRARY(library->create_preference(&preference));
  int code = set_limits(library, &p->key, preference);
  if (!code) {
    const int status = library->search(library->handle, p->operation, p->weights, p->x, p->out, p->out, preference,
                                       1, &best, &found);
    code = status ? AIS_CUBLAS_REFUSED - status : found < 1 ? AIS_CUBLAS_REFUSED - NOT_SUPPORTED : 0;
    if (!code && best.status) code = AIS_CUBLAS_REFUSED - best.status;
  }
  library->destroy_preference(preference);
  if (!code) p->algorithm = best.algorithm;
  return code;
}

// The plan of a product, made if there is none. Plans used last come first: a pass uses few shapes again and again.
static int find(ais_cublas *library, const ais_cublas_product *product, plan **result) {
  const shape key = shape_of(product);
  for (plan **link = &library->plans; *link; link = &(*link)->next) {
    plan *p = *link;
    if (memcmp(&p->key, &key, sizeof key)) continue;
    *link = p->next;
    p->next = library->plans;
    *result = library->plans = p;
    return 0;
  }
  plan *made = calloc(1, sizeof *made);
  if (!made) return OUT_OF_MEMORY;
  made->key = key;
  int code = describe(library, made);
  if (!code) code = choose(library, made);
  if (code) {
    release(library, made);
    return code;
  }
  made->next = library->plans;
  *result = library->plans = made;
  return 0;
}

static int multiply(const ais_cublas *library, const plan *p, const ais_cublas_product *product, void *stream) {
  const float one = 1, beta = p->key.accumulates ? 1 : 0;
  TRY(set_rows(library, p, (uint64_t)product->rows));
  TRY_LIBRARY(library->multiply(library->handle, p->operation, &one, product->weights, p->weights, product->x, p->x,
                                &beta, product->out, p->out, product->out, p->out, &p->algorithm, library->workspace,
                                AIS_WORKSPACE_BYTES, stream));
  return 0;
}

int ais_cublas_multiply(ais_cublas *library, const ais_cublas_product *product, void *stream) {
  if (!product->rows) return 0;
  plan *p = NULL;
  pthread_mutex_lock(&library->lock);
  int code = ais_cuda_bind(library->device);
  if (!code) code = find(library, product, &p);
  if (!code) code = multiply(library, p, product, stream);
  pthread_mutex_unlock(&library->lock);
  return code;
}
