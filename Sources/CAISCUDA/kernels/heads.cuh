// A head's norm and rotation, and where its keys and values lie. A warp does a head.
#pragma once

#include "common.cuh"

// Where a position's key or value begins.
__device__ __forceinline__ long long cache_place(const ais_attention_arguments &a, int sequence, int kv_head,
                                                 int position) {
  return (((long long)sequence * a.kv_heads + kv_head) * a.capacity + position) * a.head_dim;
}

// A head of a fused row: queries, then keys, then values.
__device__ __forceinline__ float *head_of(const ais_attention_arguments &a, int row, int head) {
  return a.qkv + ((long long)row * (a.query_heads + 2 * a.kv_heads) + head) * a.head_dim;
}

// Normalizes a head in place. Few models do: a call keeps the code of the others small, which the processors fetch anew
// for each kernel.
__device__ __noinline__ void normalize_head(const ais_attention_arguments &a, float *head, const float *weight,
                                               const float *bias) {
  const int lane = threadIdx.x & 31;
  float mean = 0, squares = 0;
  if (a.centers) {
    for (int d = lane; d < a.head_dim; d += 32) mean += head[d];
    mean = warp_sum(mean) / a.head_dim;
  }
  for (int d = lane; d < a.head_dim; d += 32) squares = fmaf(head[d] - mean, head[d] - mean, squares);
  const float scale = 1 / sqrtf(warp_sum(squares) / a.head_dim + a.norm_epsilon);
  for (int d = lane; d < a.head_dim; d += 32)
    head[d] = __fmaf_rn(__fmul_rn(head[d] - mean, scale), weight[d], bias ? bias[d] : 0);
  __syncwarp();
}

// The cosines and sines of a row's position.
struct row_angles {
  const float *cosines, *sines;
};

__device__ __forceinline__ row_angles angles_of(const ais_attention_arguments &a, const ais_cuda_row &row) {
  const long long variant = a.original_context && row.length > a.original_context ? a.angle_positions : 0;
  const long long place = (variant + row.position) * (a.rotary_dim / 2);
  return {a.cosines + place, a.sines + place};
}

// Two numbers of a head, rotated. Said in full, so that every kernel rounds alike.
__device__ __forceinline__ float2 rotated(float u, float v, float cosine, float sine) {
  return make_float2(__fmaf_rn(u, cosine, -__fmul_rn(v, sine)), __fmaf_rn(v, cosine, __fmul_rn(u, sine)));
}

// Rotates a head in place.
__device__ __forceinline__ void rotate_head(const ais_attention_arguments &a, row_angles angles, float *head) {
  const int half = a.rotary_dim / 2;
#pragma unroll 1
  for (int i = threadIdx.x & 31; i < half; i += 32) {
    float *first = a.interleaved ? head + 2 * i : head + i, *second = a.interleaved ? first + 1 : first + half;
    const float2 both = rotated(*first, *second, angles.cosines[i], angles.sines[i]);
    *first = both.x;
    *second = both.y;
  }
  __syncwarp();
}

// Normalizes a query or a key in place, if the model does so.
__device__ __forceinline__ void norm_head(const ais_attention_arguments &a, float *head, bool is_query) {
  const float *norm = is_query ? a.query_norm : a.key_norm;
  if (norm) normalize_head(a, head, norm, is_query ? a.query_norm_bias : a.key_norm_bias);
}

// Normalizes (if the model does so) and rotates a query or a key in place.
__device__ __forceinline__ void finish_head(const ais_attention_arguments &a, row_angles angles, float *head,
                                            bool is_query) {
  norm_head(a, head, is_query);
  if (a.rotary_dim) rotate_head(a, angles, head);
}
