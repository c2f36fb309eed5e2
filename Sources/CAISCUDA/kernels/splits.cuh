// What blocks of attention share: copies to shared memory, and the sum over the splits of a row's positions.
#pragma once

#include "heads.cuh"

enum { attention_threads = 256 };

__device__ __forceinline__ void copy_16(void *to, const void *from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
}

__device__ __forceinline__ void wait_for_copies() { asm volatile("cp.async.wait_all;" ::: "memory"); }

// Partial results of a key-value head of a row: for each split and query head the weighted values, the largest score,
// and the sum of weights.
__device__ __forceinline__ float *partial_of(const ais_attention_arguments &a, int row, int kv_head) {
  return a.partial + ((long long)row * a.kv_heads + kv_head) * a.splits * (a.query_heads / a.kv_heads) * (a.head_dim + 2);
}

// What some models do to a score: a cap, and a loss that grows with the distance.
__device__ __noinline__ float shape_score(const ais_attention_arguments &a, float score, int head, int distance) {
  if (a.soft_cap > 0) score = a.soft_cap * tanhf(score / a.soft_cap);
  if (a.slopes && head < a.query_heads) score -= a.slopes[head] * distance;
  return score;
}

// Adds the splits of a head's number in ascending order, each scaled to the largest score of all. `from` is the number in
// the first split, and `top` that split's largest score, after which its sum of weights lies; `stride` leads to the next
// split. Splits are read a few at a time, since each read takes long.
__device__ __forceinline__ float merged(const float *from, const float *top, int count, long long stride) {
  enum { together = 8 };
  float best = -infinity, sum = 0, value = 0;
#pragma unroll 1
  for (int first = 0; first < count; first += together) {
    float tops[together];
#pragma unroll
    for (int i = 0; i < together; i++) tops[i] = read_fresh(top + min(first + i, count - 1) * stride);
#pragma unroll
    for (int i = 0; i < together; i++) best = fmaxf(best, tops[i]);
  }
#pragma unroll 1
  for (int first = 0; first < count; first += together) {
    float tops[together], sums[together], values[together];
#pragma unroll
    for (int i = 0; i < together; i++) {
      const long long place = min(first + i, count - 1) * stride;
      tops[i] = read_fresh(top + place);
      sums[i] = read_fresh(top + place + 1);
      values[i] = read_fresh(from + place);
    }
#pragma unroll
    for (int i = 0; i < together; i++) {
      // Of a split in which nothing is seen, only its largest score is defined.
      const bool is_used = first + i < count && tops[i] != -infinity;
      const float scale = is_used ? expf(tops[i] - best) : 0;
      sum = fmaf(is_used ? sums[i] : 0, scale, sum);
      value = fmaf(is_used ? values[i] : 0, scale, value);
    }
  }
  return value / sum;
}

// Counts this block, which has written its split. The last block adds all splits in ascending order.
__device__ __noinline__ void merge_splits(const ais_attention_arguments &a, int counter, int kv_head, int first_head,
                                             int heads, int first_split, int last_split, const float *partial) {
  __shared__ int is_last;
  const int dim = a.head_dim, all = a.query_heads / a.kv_heads, width = dim + 2;
  __syncthreads();
  if (threadIdx.x == 0) {
    int before;
    asm volatile("atom.acq_rel.gpu.global.add.s32 %0, [%1], 1;" : "=r"(before) : "l"(a.arrivals + counter) : "memory");
    is_last = before == last_split - first_split;
    if (is_last) a.arrivals[counter] = 0;
  }
  __syncthreads();
  if (!is_last) return;
#pragma unroll 1
  for (int i = threadIdx.x; i < heads * dim; i += attention_threads) {
    const int head = first_head + i / dim, column = i % dim;
    const long long stride = (long long)all * width;
    const float *first = partial + first_split * stride + (long long)head * width;
    a.out[((long long)blockIdx.y * a.query_heads + kv_head * all + head) * dim + column] =
        to_act(merged(first + column, first + dim, last_split - first_split + 1, stride));
  }
}
