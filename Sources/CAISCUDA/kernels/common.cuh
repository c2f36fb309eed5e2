// What all kernels share. Compiled by NVRTC, without any header of CUDA.
//
// A row's result must not depend on the rows beside it. So every reduction has an order that depends on the row's
// width alone: lanes add numbers at fixed places, then warps are added as a fixed tree.
#pragma once

#ifndef AIS_ACT
#error "AIS_ACT: 0 for float32, 1 for bfloat16"
#endif

__device__ __forceinline__ float from_bf16(unsigned short v) { return __uint_as_float((unsigned)v << 16); }

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
#else
typedef unsigned short act;
__device__ __forceinline__ float from_act(act v) { return from_bf16(v); }
__device__ __forceinline__ act to_act(float v) { return to_bf16(v); }
#endif

#include "ais_cuda_arguments.h"

#define infinity __int_as_float(0x7f800000)

#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)

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

// The sum over a block of `warps` warps, in every thread. `shared` holds a number for each warp.
template <int warps>
__device__ __forceinline__ float block_sum(float v, float *shared) {
  v = warp_sum(v);
  __syncthreads();
  if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = v;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int w = 0; w < warps; w++) sum += shared[w];
  return sum;
}

template <int warps>
__device__ __forceinline__ float block_max(float v, float *shared) {
  v = warp_max(v);
  __syncthreads();
  if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = v;
  __syncthreads();
  float best = shared[0];
#pragma unroll
  for (int w = 1; w < warps; w++) best = fmaxf(best, shared[w]);
  return best;
}
