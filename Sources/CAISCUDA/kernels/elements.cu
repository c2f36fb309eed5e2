// Norms, activations and other operations on single rows or numbers.
#include "common.cuh"

#define ELEMENTS                                                                          \
  for (long long i = blockIdx.x * 256ll + threadIdx.x; i < a.count; i += gridDim.x * 256ll)

KERNEL(256) ais_convert(ais_elements_arguments a) {
  ELEMENTS a.out[i] = to_act(a.x[i]);
}

KERNEL(256) ais_add(ais_elements_arguments a) {
  ELEMENTS a.x[i] += a.y[i];
}

KERNEL(256) ais_soft_cap(ais_elements_arguments a) {
  ELEMENTS a.x[i] = a.a * tanhf(a.x[i] / a.a);
}

KERNEL(256) ais_blend(ais_elements_arguments a) {
  ELEMENTS a.x[i] = a.a * a.x[i] + (1 - a.a) * a.y[i];
}

// The numbers are those of ais_activation in ais_block.h.
__device__ __forceinline__ float activate(int kind, float v) {
  switch (kind) {
    case 0: return v / (1 + expf(-v));
    case 1: return 0.5f * v * (1 + erff(v * 0.70710678f));
    case 2: return 0.5f * v * (1 + tanhf(0.79788456f * (v + 0.044715f * v * v * v)));
    case 3: return v / (1 + expf(-1.702f * v));
  }
  return v < 0 ? 0 : v;
}

// Grid: columns × rows.
KERNEL(256) ais_activate(ais_activate_arguments a) {
  const int column = blockIdx.x * 256 + threadIdx.x;
  if (column >= a.width) return;
  const float *row = a.x + (long long)blockIdx.y * a.width * (a.gated ? 2 : 1);
  float v = activate(a.activation, row[column]);
  if (a.gated) v *= row[a.width + column];
  a.out[(long long)blockIdx.y * a.width + column] = to_act(v);
}

// Grid: rows. The output may be the input.
KERNEL(256) ais_normalize(ais_norm_arguments a) {
  __shared__ float shared[8];
  const long long first = (long long)blockIdx.x * a.width;
  const float *x = a.x + first;
  const row_statistic row = norm_of<8>(x, a.width, a.centers, a.epsilon, shared);
  for (int i = threadIdx.x; i < a.width; i += 256) {
    const float v = (x[i] - row.mean) * row.scale * a.weight[i] + (a.bias ? a.bias[i] : 0);
    if (a.floats) a.floats[first + i] = v;
    if (a.acts) a.acts[first + i] = to_act(v);
  }
}

// Grid: rows. A NaN counts as larger than every number, so that it is found.
KERNEL(1024) ais_argmax(ais_argmax_arguments a) {
  __shared__ float values[32];
  __shared__ int indices[32];
  const float *x = a.x + (long long)blockIdx.x * a.width;
  float best = -infinity;
  int index = 0x7fffffff;
  for (int i = threadIdx.x; i < a.width; i += 1024) {
    const float v = x[i] != x[i] ? infinity : x[i];
    if (v > best || index == 0x7fffffff) best = v, index = i;
  }
  for (int stage = 0; stage < 2; stage++) {
#pragma unroll
    for (int distance = 16; distance; distance >>= 1) {
      const float other = __shfl_xor_sync(~0u, best, distance);
      const int other_index = __shfl_xor_sync(~0u, index, distance);
      if (other > best || (other == best && other_index < index)) best = other, index = other_index;
    }
    if (stage == 0) {
      if ((threadIdx.x & 31) == 0) values[threadIdx.x >> 5] = best, indices[threadIdx.x >> 5] = index;
      __syncthreads();
      best = values[threadIdx.x & 31];
      index = indices[threadIdx.x & 31];
    }
  }
  if (threadIdx.x == 0) a.out[blockIdx.x] = best < infinity && best > -infinity ? index : -1;
}
