// What the files of cuBLASLt share.
#ifndef AIS_CUBLAS_PLANS_H
#define AIS_CUBLAS_PLANS_H

#include "ais_cublas.h"

#include <pthread.h>

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
  int is_prepared;
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

// The plan of a product, made with the library's best guess if there is none. The lock is held.
int ais_plan_find(ais_cublas *library, const ais_cublas_product *product, plan **result);

// The library's best guesses for a plan, which are at least one unless an error is returned.
int ais_plan_search(const ais_cublas *library, const plan *p, int wanted, lt_candidate *candidates, int *found);

// Adds a plan's product to a stream.
int ais_plan_run(const ais_cublas *library, const plan *p, const lt_algorithm *algorithm, uint64_t weights, uint64_t x,
                 uint64_t out, void *stream);

#endif
