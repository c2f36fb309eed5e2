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
static const char attention[] = {
#embed "kernels/attention.cu"
  , 0};
static const char flash[] = {
#embed "kernels/flash.cu"
  , 0};
static const char products[] = {
#embed "kernels/products.cu"
  , 0};
static const char common[] = {
#embed "kernels/common.cuh"
  , 0};
static const char arguments[] = {
#embed "include/ais_cuda_arguments.h"
  , 0};

static const ais_cuda_source kernel_files[] = {
  {"rows.cu", rows}, {"elements.cu", elements}, {"attention.cu", attention},
  {"flash.cu", flash}, {"products.cu", products}, {NULL, NULL},
};

static const ais_cuda_source header_files[] = {
  {"common.cuh", common}, {"ais_cuda_arguments.h", arguments}, {NULL, NULL},
};

const ais_cuda_source *ais_cuda_kernel_list(void) { return kernel_files; }
const ais_cuda_source *ais_cuda_header_list(void) { return header_files; }
