#include "cublas_plans.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int ais_plan_search(const ais_cublas *library, const plan *p, int wanted, lt_candidate *candidates, int *found) {
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

// Plans used last come first: a pass uses few shapes again and again.
int ais_plan_find(ais_cublas *library, const ais_cublas_product *product, plan **result) {
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
  if (!code) code = ais_plan_search(library, made, 1, &best, &found);
  if (!code && best.status) code = AIS_CUBLAS_REFUSED - best.status;
  if (code) {
    release(library, made);
    return code;
  }
  made->algorithm = best.algorithm;
  made->next = library->plans;
  *result = library->plans = made;
  return 0;
}

int ais_plan_run(const ais_cublas *library, const plan *p, const lt_algorithm *algorithm, uint64_t weights, uint64_t x,
                 uint64_t out, void *stream) {
  const float one = 1, beta = p->key.accumulates ? 1 : 0;
  TRY_LIBRARY(library->multiply(library->handle, p->operation, &one, weights, p->weights, x, p->x, &beta, out, p->out,
                                out, p->out, algorithm, library->workspace, AIS_WORKSPACE_BYTES, stream));
  return 0;
}

int ais_cublas_multiply(ais_cublas *library, const ais_cublas_product *product, void *stream) {
  if (!product->rows) return 0;
  plan *p = NULL;
  pthread_mutex_lock(&library->lock);
  int code = ais_cuda_bind(library->device);
  if (!code) code = ais_plan_find(library, product, &p);
  if (!code) code = set_rows(library, p, (uint64_t)product->rows);
  if (!code) code = ais_plan_run(library, p, &p->algorithm, product->weights, product->x, product->out, stream);
  pthread_mutex_unlock(&library->lock);
  return code;
}
