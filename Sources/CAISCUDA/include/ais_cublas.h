// CUDA's library of matrix products, cuBLASLt, opened at run time.
#ifndef AIS_CUBLAS_H
#define AIS_CUBLAS_H

#include "ais_cuda.h"

typedef struct ais_cublas ais_cublas;

// Types of numbers; the values are cuBLASLt's.
enum { AIS_CUBLAS_F32 = 0, AIS_CUBLAS_F16 = 2, AIS_CUBLAS_BF16 = 14 };

// out = x · Wᵀ, or out += x · Wᵀ. x [rows, x_stride]; weights [outputs, weight_stride]; out [rows, out_stride]: strides
// in numbers, of which the first `inputs` or `outputs` count. x and weights have one type; a 16-bit out has it, too.
// Sums are float32, and float32 numbers are multiplied as they are, not as TF32.
typedef struct {
  ais_cuda_address x, weights, out;
  int64_t rows, inputs, outputs;
  int64_t x_stride, weight_stride, out_stride;
  int32_t input_type, output_type, accumulates;
  // The algorithm is that for so many rows, or for `rows` if these are more. Products that differ in `rows` alone
  // use one algorithm if this is the same.
  int64_t planned_rows;
} ais_cublas_product;

// Opens the library at `path`, or of this name, with memory of the device to work in. NULL if it cannot be used;
// `reason` says why. It stays open until the process ends.
ais_cublas *ais_cublas_open(const char *path, ais_cuda_device *device, char *reason, size_t reason_size);

// Its version, 10000 · major + 100 · minor + patch.
int ais_cublas_version(const ais_cublas *library);

enum { AIS_CUBLAS_REFUSED = -1000 };

// Adds a product to a stream (a CUstream), computed by the library's best guess of an algorithm for the shape. A guess
// is the same in every process; the fastest measured algorithm need not be, and other algorithms give other bits.
//
// Returns 0, an error of the driver, or AIS_CUBLAS_REFUSED minus a status of the library, which then has added nothing:
// it does not have an algorithm for every shape and stride. ais_cublas_reason describes each. Any thread may call it,
// but products on different streams must not overlap: they use the same memory to work in.
int ais_cublas_multiply(ais_cublas *library, const ais_cublas_product *product, void *stream);

// A code in words. The text is valid until the thread's next call.
const char *ais_cublas_reason(const ais_cublas *library, int code);

#endif
