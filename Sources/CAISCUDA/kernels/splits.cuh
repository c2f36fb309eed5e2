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
    float best = -infinity, sum = 0, value = 0;
#pragma unroll 4
    for (int s = first_split; s <= last_split; s++)
      best = fmaxf(best, read_fresh(partial + (long long)(s * all + head) * width + dim));
#pragma unroll 4
    for (int s = first_split; s <= last_split; s++) {
      const float *from = partial + (long long)(s * all + head) * width;
      const float largest = read_fresh(from + dim);
      if (largest == -infinity) continue;
      const float scale = expf(largest - best);
      sum = fmaf(read_fresh(from + dim + 1), scale, sum);
      value = fmaf(read_fresh(from + column), scale, value);
    }
    a.out[((long long)blockIdx.y * a.query_heads + kv_head * all + head) * dim + column] = to_act(value / sum);
  }
}
