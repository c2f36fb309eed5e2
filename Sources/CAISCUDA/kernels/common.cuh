// What all kernels share. Compiled by NVRTC, without any header of CUDA.
//
// A row's result must not depend on the rows beside it. So every sum has an order that depends on the row alone: each
// lane adds numbers at fixed places, then the lanes of a warp are added as a tree, then the warps one after another.
#pragma once

#ifndef AIS_ACT
#error "AIS_ACT: 0 for float32, 1 for bfloat16, 2 for float16"
#endif

__device__ __forceinline__ float from_bf16(unsigned short v) { return __uint_as_float((unsigned)v << 16); }

// Numbers that are read or written together.
template <typename Number, int count>
struct __align__(count * sizeof(Number) > 16 ? 16 : count * sizeof(Number)) vector_of {
  Number v[count];
};

// An address as instructions on shared memory want it.
__device__ __forceinline__ unsigned shared_address(const void *p) { return (unsigned)__cvta_generic_to_shared(p); }

// Nearest even; a NaN stays a NaN.
__device__ __forceinline__ unsigned short to_bf16(float v) {
  unsigned packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(0.f), "f"(v));
  return (unsigned short)packed;
}

__device__ __forceinline__ float from_half(unsigned short v) {
  float r;
  asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(v));
  return r;
}

#if AIS_ACT == 0
typedef float act;
__device__ __forceinline__ float from_act(act v) { return v; }
__device__ __forceinline__ act to_act(float v) { return v; }
#elif AIS_ACT == 1
typedef unsigned short act;
__device__ __forceinline__ float from_act(act v) { return from_bf16(v); }
__device__ __forceinline__ act to_act(float v) { return to_bf16(v); }
// Rounds two numbers to activations, and multiplies tiles of 16 × 16 and 8 × 16 of them.
#define act_convert "cvt.rn.bf16x2.f32"
#define act_multiply "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
#else
typedef unsigned short act;
__device__ __forceinline__ float from_act(act v) { return from_half(v); }
// What is too large becomes the largest number, 65504; a NaN stays a NaN.
__device__ __forceinline__ act to_act(float v) {
  unsigned packed;
  asm("cvt.rn.satfinite.f16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(0.f), "f"(v));
  return (act)packed;
}
#define act_convert "cvt.rn.satfinite.f16x2.f32"
#define act_multiply "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32"
#endif

#include "ais_cuda_arguments.h"

#define infinity __int_as_float(0x7f800000)

// The most threads of a block, and how many blocks should fit a multiprocessor.
#define KERNEL(...) extern "C" __global__ void __launch_bounds__(__VA_ARGS__)

// With programmatic dependent launch (sm_90 and later) a kernel may start while the kernel before it still runs.
// Until it has waited it may only read what no earlier kernel of the pass writes.
__device__ __forceinline__ void let_next_start() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// Waits until the kernel before has ended and what it wrote can be read.
__device__ __forceinline__ void wait_for_last() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Reads all arguments early, so that no late thread has to wait for one.
template <typename Arguments>
__device__ __forceinline__ void fetch(const Arguments &a) {
  unsigned all = 0;
#pragma unroll
  for (int i = 0; i < sizeof(Arguments) / 4; i += 8) all ^= ((const unsigned *)&a)[i];
  asm volatile("" ::"r"(all));
}

// A number that another block has written, of the same kernel or of the one before.
__device__ __forceinline__ float read_fresh(const float *p) {
  float v;
  asm volatile("ld.relaxed.gpu.global.f32 %0, [%1];" : "=f"(v) : "l"(p) : "memory");
  return v;
}

__device__ __forceinline__ int read_fresh(const int32_t *p) {
  int v;
  asm volatile("ld.relaxed.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
  return v;
}

__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
  for (int distance = 16; distance; distance >>= 1) v += __shfl_xor_sync(~0u, v, distance);
  return v;
}

__device__ __forceinline__ float warp_max(float v) {
#pragma unroll
  for (int distance = 16; distance; distance >>= 1) v = fmaxf(v, __shfl_xor_sync(~0u, v, distance));
  return v;
}

struct sum_of {
  __device__ __forceinline__ static float warp(float v) { return warp_sum(v); }
  __device__ __forceinline__ static float of(float a, float b) { return a + b; }
};

struct max_of {
  __device__ __forceinline__ static float warp(float v) { return warp_max(v); }
  __device__ __forceinline__ static float of(float a, float b) { return fmaxf(a, b); }
};

// The numbers of all threads combined, in every thread of a block of `warps` warps. `shared` holds a number for each.
template <int warps, typename Combine>
__device__ __forceinline__ float block(float v, float *shared) {
  v = Combine::warp(v);
  __syncthreads();  // numbers of an earlier call have been read
  if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = v;
  __syncthreads();
  float combined = shared[0];
#pragma unroll
  for (int w = 1; w < warps; w++) combined = Combine::of(combined, shared[w]);
  return combined;
}

// A row's mean (0 for RMSNorm) and the reciprocal of its deviation from it, in every thread of the block.
struct row_statistic {
  float mean, scale;
};

template <int warps>
__device__ __forceinline__ row_statistic norm_of(const float *x, int width, bool centers, float epsilon,
                                                 float *shared) {
  row_statistic found = {0, 0};
  if (centers) {
    float sum = 0;
    for (int i = threadIdx.x; i < width; i += 32 * warps) sum += x[i];
    found.mean = block<warps, sum_of>(sum, shared) / width;
  }
  float squares = 0;
  for (int i = threadIdx.x; i < width; i += 32 * warps)
    squares = fmaf(x[i] - found.mean, x[i] - found.mean, squares);
  found.scale = 1 / sqrtf(block<warps, sum_of>(squares, shared) / width + epsilon);
  return found;
}
