#include "ais_cublas.h"

#include <dlfcn.h>
#include <math.h>
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
#define LIBRARY_FUNCTIONS(X)                                                                            \
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

  WORKSPACE_BYTES = 64 << 20,
  MOST_CANDIDATES = 16,
  TIMED_RUNS = 5,
  OUT_OF_MEMORY = 2,  // the driver's code
};

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
  int is_prepared;
} plan;

#define DECLARE(type, name, symbol, parameters) type(*name) parameters;
struct ais_cublas {
  LIBRARY_FUNCTIONS(DECLARE)
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
    if (status_) return AIS_CUBLAS_REFUSED - status_;        \
  } while (0)

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
  LIBRARY_FUNCTIONS(FIND)
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
  if (!code) code = ais_cuda_allocate(device, WORKSPACE_BYTES, &opened->workspace);
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
  const uint64_t bytes = WORKSPACE_BYTES;
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

// The library's best guesses for a plan, which are at least one unless an error is returned.
static int search(const ais_cublas *library, const plan *p, int wanted, lt_candidate *candidates, int *found) {
  lt_preference preference;
  TRY(set_rows(library, p, (uint64_t)p->key.rows));
  TRY_LIBRARY(library->create_preference(&preference));
  int code = set_limits(library, &p->key, preference);
  if (!code) {
    const int status = library->search(library->handle, p->operation, p->weights, p->x, p->out, p->out, preference,
                                       wanted, candidates, found);
    code = status ? AIS_CUBLAS_REFUSED - status : *found < 1 ? AIS_CUBLAS_REFUSED - NOT_SUPPORTED : 0;
  }
  library->destroy_preference(preference);
  return code;
}

// The plan of a product, made with the library's best guess if there is none. Those used last come first: a pass uses
// few shapes again and again.
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
  lt_candidate best;
  int found = 0, code = describe(library, made);
  if (!code) code = search(library, made, 1, &best, &found);
  if (code) {
    release(library, made);
    return code;
  }
  made->algorithm = best.algorithm;
  made->next = library->plans;
  *result = library->plans = made;
  return 0;
}

static int run(const ais_cublas *library, const plan *p, const lt_algorithm *algorithm, uint64_t weights, uint64_t x,
               uint64_t out, void *stream) {
  const float one = 1, beta = p->key.accumulates ? 1 : 0;
  TRY_LIBRARY(library->multiply(library->handle, p->operation, &one, weights, p->weights, x, p->x, &beta, out, p->out,
                                out, p->out, algorithm, library->workspace, WORKSPACE_BYTES, stream));
  return 0;
}

// Memory that stands for x and out, and the two moments of a measurement.
typedef struct {
  ais_cuda_address weights, x, out;
  ais_cuda_event begin, end;
} rehearsal;

// The shortest of several runs. Before each, memory larger than most caches is written: in a pass, too, weights come
// from memory. The host gets ahead meanwhile, so that its launch isn't measured.
static int measure(const ais_cublas *library, const plan *p, const lt_algorithm *algorithm, const rehearsal *r,
                   float *shortest) {
  ais_cuda_device *device = library->device;
  void *stream = ais_cuda_stream(device);
  *shortest = INFINITY;
  TRY(run(library, p, algorithm, r->weights, r->x, r->out, stream));  // its kernels are loaded
  for (int i = 0; i < TIMED_RUNS; i++) {
    float milliseconds;
    TRY(ais_cuda_fill(device, library->workspace, 0, WORKSPACE_BYTES));
    TRY(ais_cuda_record(device, r->begin));
    TRY(run(library, p, algorithm, r->weights, r->x, r->out, stream));
    TRY(ais_cuda_record(device, r->end));
    TRY(ais_cuda_elapsed(device, r->begin, r->end, &milliseconds));
    if (milliseconds < *shortest) *shortest = milliseconds;
  }
  return 0;
}

static int rehearse(const ais_cublas *library, plan *p, int wanted, const rehearsal *r) {
  lt_candidate candidates[MOST_CANDIDATES];
  int found = 0, code = 0, is_chosen = 0;
  TRY(search(library, p, wanted, candidates, &found));
  float best = INFINITY;
  for (int i = 0; i < found; i++) {
    float time;
    const int own = candidates[i].status ? AIS_CUBLAS_REFUSED - candidates[i].status
                                         : measure(library, p, &candidates[i].algorithm, r, &time);
    if (own) {
      code = code ? code : own;
    } else if (time < best) {
      best = time;
      p->algorithm = candidates[i].algorithm;
      is_chosen = 1;
    }
  }
  return is_chosen ? 0 : code;
}

static int prepare(const ais_cublas *library, plan *p, ais_cuda_address weights, int wanted) {
  ais_cuda_device *device = library->device;
  const shape *s = &p->key;
  const size_t x_bytes = (size_t)(s->rows * s->x_stride) * (s->input_type == AIS_CUBLAS_F32 ? 4 : 2);
  const size_t out_bytes = (size_t)(s->rows * s->out_stride) * (s->output_type == AIS_CUBLAS_F32 ? 4 : 2);
  rehearsal r = {.weights = weights};
  int code = ais_cuda_allocate(device, x_bytes, &r.x);
  if (!code) code = ais_cuda_allocate(device, out_bytes, &r.out);
  if (!code) code = ais_cuda_create_event(device, &r.begin);
  if (!code) code = ais_cuda_create_event(device, &r.end);
  if (!code) code = ais_cuda_fill(device, r.x, 0x3C, x_bytes);  // a small number in every type
  if (!code) code = ais_cuda_fill(device, r.out, 0, out_bytes);
  if (!code) code = rehearse(library, p, wanted, &r);
  if (r.begin) ais_cuda_release_event(device, r.begin);
  if (r.end) ais_cuda_release_event(device, r.end);
  if (r.x) ais_cuda_release(device, r.x);
  if (r.out) ais_cuda_release(device, r.out);
  return code;
}

int ais_cublas_prepare(ais_cublas *library, const ais_cublas_product *product, int candidates) {
  plan *p = NULL;
  const int wanted = candidates < 1 ? 1 : candidates > MOST_CANDIDATES ? MOST_CANDIDATES : candidates;
  pthread_mutex_lock(&library->lock);
  int code = ais_cuda_bind(library->device);
  if (!code) code = find(library, product, &p);
  if (!code && !p->is_prepared) code = prepare(library, p, product->weights, wanted);
  if (!code) p->is_prepared = 1;
  pthread_mutex_unlock(&library->lock);
  return code;
}

int ais_cublas_multiply(ais_cublas *library, const ais_cublas_product *product, void *stream) {
  if (!product->rows) return 0;
  plan *p = NULL;
  pthread_mutex_lock(&library->lock);
  int code = ais_cuda_bind(library->device);
  if (!code) code = find(library, product, &p);
  if (!code) code = set_rows(library, p, (uint64_t)product->rows);
  if (!code) code = run(library, p, &p->algorithm, product->weights, product->x, product->out, stream);
  pthread_mutex_unlock(&library->lock);
  return code;
}
