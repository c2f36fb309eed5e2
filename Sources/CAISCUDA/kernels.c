#include "ais_cuda_kernels.h"

#include <stddef.h>

// The compiler puts each file into the object as it is, so that a tool needs no files beside it.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const char rows[] = {
#embed "kernels/rows.cu"
  , 0};
static const char elements[] = {
#embed "kernels/elements.cu"
  , 0};
static const char cache[] = {
#embed "kernels/cache.cu"
  , 0};
static const char attention[] = {
#embed "kernels/attention.cu"
  , 0};
static const char few_attention[] = {
#embed "kernels/few_attention.cu"
  , 0};
static const char flash[] = {
#embed "kernels/flash.cu"
  , 0};
static const char few_rows[] = {
#embed "kernels/few_rows.cu"
  , 0};
static const char products[] = {
#embed "kernels/products.cu"
  , 0};
static const char quantized[] = {
#embed "kernels/quantized.cu"
  , 0};
static const char branches[] = {
#embed "kernels/branches.cu"
  , 0};
static const char common[] = {
#embed "kernels/common.cuh"
  , 0};
static const char activation[] = {
#embed "kernels/activation.cuh"
  , 0};
static const char heads[] = {
#embed "kernels/heads.cuh"
  , 0};
static const char splits[] = {
#embed "kernels/splits.cuh"
  , 0};
static const char tensor[] = {
#embed "kernels/tensor.cuh"
  , 0};
static const char blocks[] = {
#embed "kernels/blocks.cuh"
  , 0};
static const char arguments[] = {
#embed "include/ais_cuda_arguments.h"
  , 0};

static const ais_cuda_source kernel_files[] = {
  {"rows.cu", rows},
  {"elements.cu", elements},
  {"cache.cu", cache},
  {"attention.cu", attention},
  {"few_attention.cu", few_attention},
  {"flash.cu", flash},
  {"few_rows.cu", few_rows},
  {"products.cu", products},
  {"quantized.cu", quantized},
  {"branches.cu", branches},
  {NULL, NULL},
};

static const ais_cuda_source header_files[] = {
  {"common.cuh", common},
  {"activation.cuh", activation},
  {"heads.cuh", heads},
  {"splits.cuh", splits},
  {"tensor.cuh", tensor},
  {"blocks.cuh", blocks},
  {"ais_cuda_arguments.h", arguments},
  {NULL, NULL},
};

const ais_cuda_source *ais_cuda_kernel_list(void) { return kernel_files; }
const ais_cuda_source *ais_cuda_header_list(void) { return header_files; }
