// Attention of single rows over a cache of any length.
//
// The positions are split at multiples of `split`. A block computes all query heads that share a key-value head, over
// one split of one row: scores, their maximum, the sum of weights, and the weighted values (Dao et al., "Flash-Decoding",
// 2023). The last block of a row adds its splits in ascending order. So a row's bits depend on its position alone.
#include "splits.cuh"

enum { heads_at_once = 4 };

// What a block keeps in shared memory; the host reserves as much (CUDAStream.sharedBytes).
struct attention_memory {
  act *keys, *values;  // [split, row_numbers]
  float *queries;      // [heads + 2, padded]: the row's own key and value come last
  float *weights;      // [heads_at_once, split]
  float *sums;         // [groups, heads_at_once, head_dim]
  float *statistics;   // [heads_at_once, 2]: the largest score, the sum of weights

  __device__ __forceinline__ attention_memory(unsigned char *memory, const ais_attention_arguments &a, int heads,
                                              int padded, int row_numbers, int groups) {
    keys = (act *)memory;
    values = keys + a.split * row_numbers;
    queries = (float *)(values + a.split * row_numbers);
    weights = queries + (heads + 2) * padded;
    sums = weights + heads_at_once * a.split;
    statistics = sums + groups * heads_at_once * a.head_dim;
  }
};

// Grid: key-value heads · splits × rows. With `stores`, the block first normalizes and rotates the row's queries and
// its key, and the block that has the row's own position stores the key and value. Then each sequence has one row.
KERNEL(attention_threads) ais_attend(const __grid_constant__ ais_attention_arguments a) {
  extern __shared__ __align__(128) unsigned char bytes[];
  let_next_start();
  const int kv_head = blockIdx.x % a.kv_heads, split = blockIdx.x / a.kv_heads, dim = a.head_dim;
  const int heads = a.query_heads / a.kv_heads, warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int lanes = attention_threads / a.split;  // that share a position
  // Vectors of 16 bytes; in shared memory a head is padded with zeros to whole ones. Rows lie so that reads hit all banks.
  const int vector = 16 / sizeof(act), vectors = (dim + vector - 1) / vector, padded = vectors * vector;
  const int row_numbers = padded + lanes * vector;
  const int pairs = (dim + 1) / 2, groups = max(1, attention_threads / pairs);
  attention_memory own(bytes, a, heads, padded, row_numbers, groups);
  // Unless the pass changes them, rows and stored positions can be read at once.
  if (a.waits) wait_for_last();
  ais_cuda_row row = a.rows[blockIdx.y];
  const int end = row.position + 1, begin = a.window && end > a.window ? end - a.window : 0;
  const int first = split * a.split, last_split = row.position / a.split, first_split = begin / a.split;
  if (split < first_split || split > last_split) return;
  const int count = min(a.split, end - first);
  const bool has_own = split == last_split;
  const act *keys = a.keys + cache_place(a, row.sequence, kv_head, first);
  const act *values = a.values + cache_place(a, row.sequence, kv_head, first);
  // Earlier passes stored all positions before the row's, unless rows of this pass follow each other in a sequence.
  if (!a.stores) wait_for_last();
  const int stored = a.stores && has_own ? count - 1 : count;
  for (int i = threadIdx.x; i < stored * vectors; i += attention_threads) {
    const int p = i / vectors, place = i % vectors * vector;
    act *key = own.keys + p * row_numbers + place, *value = own.values + p * row_numbers + place;
    if (padded == dim) {
      copy_16(key, keys + p * dim + place);
      copy_16(value, values + p * dim + place);
    } else {
      for (int j = 0; j < vector; j++) {
        const bool exists = place + j < dim;
        key[j] = exists ? keys[p * dim + place + j] : to_act(0);
        value[j] = exists ? values[p * dim + place + j] : to_act(0);
      }
    }
  }
  if (a.stores) wait_for_last();
  row.exit_step = *(volatile const int32_t *)&a.rows[blockIdx.y].exit_step;
  const bool has_exited = row.exit_step != ais_active, is_zero = has_exited && a.exited == ais_exited_zeros;
  if (has_exited && !(a.exited && a.stores && has_own)) {
    wait_for_copies();
    return;
  }
  const row_angles angles = angles_of(a, row);
  for (int head = warp; head < heads + (a.stores ? 2 : 0); head += attention_threads / 32) {
    const int part = head < heads ? kv_head * heads + head : a.query_heads + kv_head + (head - heads) * a.kv_heads;
    const float *from = head_of(a, blockIdx.y, part);
    float *to = own.queries + head * padded;
    for (int d = lane; d < padded; d += 32) to[d] = d < dim ? from[d] : 0;
    __syncwarp();
    if (!a.stores) continue;
    if (head < heads) {
      finish_head(a, angles, to, true);
    } else if (has_own) {
      const bool is_key = head == heads;
      if (is_key) finish_head(a, angles, to, false);
      act *kept = (is_key ? own.keys : own.values) + (count - 1) * row_numbers;
      act *stored_to = (is_key ? a.keys : a.values) + cache_place(a, row.sequence, kv_head, row.position);
      for (int d = lane; d < padded; d += 32) {
        kept[d] = to_act(to[d]);
        if (d < dim) stored_to[d] = is_zero ? to_act(0) : kept[d];
      }
    }
  }
  wait_for_copies();
  __syncthreads();
  if (has_exited) return;

  const int32_t *exits = a.exit_steps ? a.exit_steps + (long long)row.sequence * a.capacity : nullptr;
  const int splits = last_split - first_split + 1;
  const long long partial_width = dim + 2;
  float *partial = partial_of(a, blockIdx.y, kv_head);
  for (int base = 0; base < heads; base += heads_at_once) {
    const int now = min(heads_at_once, heads - base);
    const int p = threadIdx.x / lanes, position = first + p;
    float dots[heads_at_once] = {};
    for (int v = threadIdx.x % lanes; p < count && v < vectors; v += lanes) {
      __align__(16) act k[vector];
      *(uint4 *)k = *(const uint4 *)(own.keys + p * row_numbers + v * vector);
#pragma unroll
      for (int h = 0; h < heads_at_once; h++) {
        if (h >= now) break;
        const float *q = own.queries + (base + h) * padded + v * vector;
#pragma unroll
        for (int j = 0; j < vector; j++) dots[h] = fmaf(q[j], from_act(k[j]), dots[h]);
      }
    }
    const bool is_seen = p < count && position >= begin && !(exits && exits[position] <= a.step);
#pragma unroll
    for (int h = 0; h < heads_at_once; h++) {
      for (int distance = lanes / 2; distance; distance >>= 1) dots[h] += __shfl_xor_sync(~0u, dots[h], distance);
      if (h >= now) break;
      float score = dots[h] * a.scale;
      if (a.soft_cap > 0) score = a.soft_cap * tanhf(score / a.soft_cap);
      if (a.slopes) score -= a.slopes[kv_head * heads + base + h] * (row.position - position);
      if (threadIdx.x % lanes == 0) own.weights[h * a.split + p] = is_seen ? score : -infinity;
    }
    __syncthreads();
    if (warp < now) {
      float *weights = own.weights + warp * a.split, best = -infinity, sum = 0;
      for (int i = lane; i < a.split; i += 32) best = fmaxf(best, weights[i]);
      best = warp_max(best);
      for (int i = lane; i < a.split; i += 32) {
        const float weight = best == -infinity ? 0 : expf(weights[i] - best);
        weights[i] = weight;
        sum += weight;
      }
      sum = warp_sum(sum);
      if (lane == 0) own.statistics[2 * warp] = best, own.statistics[2 * warp + 1] = sum;
    }
    __syncthreads();
    const int group = threadIdx.x / pairs, d = threadIdx.x % pairs * 2;
    if (group < groups) {
      float out[heads_at_once][2] = {};
#pragma unroll 4
      for (int i = group; i < count; i += groups) {
        const act *v = own.values + i * row_numbers + d;
        const float v0 = from_act(v[0]), v1 = from_act(v[1]);
#pragma unroll
        for (int h = 0; h < heads_at_once; h++) {
          const float weight = own.weights[h * a.split + i];
          // What lies at positions that are not seen may be NaN.
          if (h >= now || weight == 0) continue;
          out[h][0] = fmaf(weight, v0, out[h][0]);
          out[h][1] = fmaf(weight, v1, out[h][1]);
        }
      }
#pragma unroll
      for (int h = 0; h < heads_at_once; h++) {
        float *to = own.sums + (group * heads_at_once + h) * dim + d;
        to[0] = out[h][0];
        if (d + 1 < dim) to[1] = out[h][1];
      }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < now * dim; i += attention_threads) {
      const int h = i / dim, column = i % dim;
      float value = own.sums[h * dim + column];
      for (int g = 1; g < groups; g++) value += own.sums[(g * heads_at_once + h) * dim + column];
      const int head = kv_head * heads + base + h;
      if (splits == 1) {
        a.out[((long long)blockIdx.y * a.query_heads + head) * dim + column] =
            to_act(value / own.statistics[2 * h + 1]);
      } else {
        float *to = partial + (split * heads + base + h) * partial_width;
        to[column] = value;
        if (column < 2) to[dim + column] = own.statistics[2 * h + column];
      }
    }
    __syncthreads();
  }
  if (splits == 1) return;

  merge_splits(a, blockIdx.y * a.kv_heads + kv_head, kv_head, 0, heads, first_split, last_split, partial);
}
