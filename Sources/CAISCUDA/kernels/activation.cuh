// Non-linearities, and the first half of an RMSNorm.
#pragma once

#include "common.cuh"

// The numbers are those of ais_activation in ais_block.h. Those that few models have are a call: kernels fetch their code
// anew each time they run, so it should be short.
__device__ __noinline__ float activate_otherwise(int kind, float v) {
  switch (kind) {
    case 1: return 0.5f * v * (1 + erff(v * 0.70710678f));
    case 2: return 0.5f * v * (1 + tanhf(0.79788456f * (v + 0.044715f * v * v * v)));
    case 3: return v / (1 + expf(-1.702f * v));
  }
  return v < 0 ? 0 : v;
}

__device__ __forceinline__ float activate(int kind, float v) {
  return kind == 0 ? v / (1 + expf(-v)) : activate_otherwise(kind, v);
}

// The sums of squares are over this many neighbouring states.
enum { squares_width = 8 };

// The part of an RMSNorm that the writer of a state does: the state times the norm's weight, and the sum of squares of 8
// neighbours. The reader of the row adds these sums and scales its result. The 8 neighbouring lanes of the neighbours
// call it together; other lanes of the warp may be elsewhere.
__device__ __forceinline__ void prepare(float state, bool is_used, float weight, int place, act *out,
                                        float *squares) {
  if (is_used) *out = to_act(state * weight);
  const unsigned lanes = 0xffu << (threadIdx.x & 24);
  float sum = state * state;
#pragma unroll
  for (int distance = squares_width / 2; distance; distance >>= 1) sum += __shfl_xor_sync(lanes, sum, distance);
  if (is_used && place % squares_width == 0) *squares = sum;
}
