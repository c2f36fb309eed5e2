// Rotary embedding, the cache, and attention.
#include "common.cuh"

__device__ __forceinline__ long long cache_place(const ais_attention_arguments &a, int sequence, int kv_head,
                                                 int position) {
  return (((long long)sequence * a.kv_heads + kv_head) * a.capacity + position) * a.head_dim;
}

// Normalizes a head in place.
__device__ __forceinline__ void normalize_head(const ais_attention_arguments &a, float *head, const float *weight,
                                               const float *bias, float *shared) {
  const row_statistic row = norm_of<4>(head, a.head_dim, a.centers, a.norm_epsilon, shared);
  for (int d = threadIdx.x; d < a.head_dim; d += 128)
    head[d] = (head[d] - row.mean) * row.scale * weight[d] + (bias ? bias[d] : 0);
  __syncthreads();
}

// Normalizes and rotates queries and keys, and stores keys and values. Grid: heads (queries, keys, values) × rows.
KERNEL(128) ais_rotate_store(ais_attention_arguments a) {
  __shared__ float shared[4];
  const ais_cuda_row row = a.rows[blockIdx.y];
  if (row.exit_step != ais_active) return;
  const int head = blockIdx.x, heads = a.query_heads + 2 * a.kv_heads;
  float *x = a.qkv + ((long long)blockIdx.y * heads + head) * a.head_dim;
  const bool is_query = head < a.query_heads, is_value = head >= a.query_heads + a.kv_heads;
  if (is_value) {
    float *to = a.values + cache_place(a, row.sequence, head - a.query_heads - a.kv_heads, row.position);
    for (int d = threadIdx.x; d < a.head_dim; d += 128) to[d] = x[d];
    return;
  }
  if (is_query && a.query_norm) normalize_head(a, x, a.query_norm, a.query_norm_bias, shared);
  if (!is_query && a.key_norm) normalize_head(a, x, a.key_norm, a.key_norm_bias, shared);
  const int half = a.rotary_dim / 2;
  if (half) {
    const long long variant = a.original_context && row.length > a.original_context ? a.angle_positions : 0;
    const float *cosines = a.cosines + (variant + row.position) * half;
    const float *sines = a.sines + (variant + row.position) * half;
    for (int i = threadIdx.x; i < half; i += 128) {
      float *first = a.interleaved ? x + 2 * i : x + i, *second = a.interleaved ? first + 1 : first + half;
      const float u = *first, v = *second;
      *first = u * cosines[i] - v * sines[i];
      *second = v * cosines[i] + u * sines[i];
    }
    __syncthreads();
  }
  if (is_query) return;
  float *to = a.keys + cache_place(a, row.sequence, head - a.query_heads, row.position);
  for (int d = threadIdx.x; d < a.head_dim; d += 128) to[d] = x[d];
}

// Grid: key-value heads × rows.
KERNEL(128) ais_clear_positions(ais_attention_arguments a) {
  const ais_cuda_row row = a.rows[blockIdx.y];
  if (row.exit_step != ais_active) return;
  const long long place = cache_place(a, row.sequence, blockIdx.x, row.position);
  for (int d = threadIdx.x; d < a.head_dim; d += 128) a.keys[place + d] = a.values[place + d] = 0;
}

// Attention of one head of one row, over tiles of 128 positions with a running maximum and sum (Milakov and
// Gimelshein, 2018; Dao et al., 2022). Tiles begin at multiples of 128, so that the order of sums does not depend on
// the pass. Grid: query heads × rows.
enum { tile = 128, most_parts = 4 };  // heads of up to 128 · most_parts numbers

KERNEL(128) ais_attend(ais_attention_arguments a) {
  __shared__ float query[tile * most_parts], weights[tile], shared[4];
  const ais_cuda_row row = a.rows[blockIdx.y];
  if (row.exit_step != ais_active) return;
  const int head = blockIdx.x, heads = a.query_heads + 2 * a.kv_heads, dim = a.head_dim;
  const int kv_head = head / (a.query_heads / a.kv_heads);
  const float *q = a.qkv + ((long long)blockIdx.y * heads + head) * dim;
  for (int d = threadIdx.x; d < dim; d += tile) query[d] = q[d];
  const int end = row.position + 1, begin = a.window && end > a.window ? end - a.window : 0;
  const float *keys = a.keys + cache_place(a, row.sequence, kv_head, 0);
  const float *values = a.values + cache_place(a, row.sequence, kv_head, 0);
  const int32_t *exits = a.exit_steps ? a.exit_steps + (long long)row.sequence * a.capacity : nullptr;
  float best = -infinity, sum = 0, out[most_parts] = {};
  for (int first = begin / tile * tile; first < end; first += tile) {
    const int position = first + threadIdx.x;
    float score = -infinity;
    __syncthreads();  // the last tile's weights have been read
    if (position >= begin && position < end && !(exits && exits[position] <= a.step)) {
      const float *key = keys + (long long)position * dim;
      float dot = 0;
      for (int d = 0; d < dim; d++) dot = fmaf(query[d], key[d], dot);
      score = dot * a.scale;
      if (a.soft_cap > 0) score = a.soft_cap * tanhf(score / a.soft_cap);
      if (a.slopes) score -= a.slopes[head] * (row.position - position);
    }
    const float largest = fmaxf(best, block<4, max_of>(score, shared));
    if (largest == -infinity) continue;  // no position of the tile is seen
    const float weight = expf(score - largest), shrink = expf(best - largest);
    weights[threadIdx.x] = weight;
    sum = sum * shrink + block<4, sum_of>(weight, shared);
    best = largest;
    const int count = min(tile, end - first);
#pragma unroll
    for (int part = 0; part < most_parts; part++) {
      const int d = part * tile + threadIdx.x;
      if (d >= dim) break;
      float value = out[part] * shrink;
      // What lies at positions that are not seen may be NaN.
      for (int j = 0; j < count; j++)
        if (weights[j] != 0) value = fmaf(weights[j], values[(long long)(first + j) * dim + d], value);
      out[part] = value;
    }
  }
#pragma unroll
  for (int part = 0; part < most_parts; part++) {
    const int d = part * tile + threadIdx.x;
    if (d < dim) a.out[((long long)blockIdx.y * a.query_heads + head) * dim + d] = to_act(out[part] / sum);
  }
}

// Grid: sequences · key-value heads × slots.
KERNEL(256) ais_copy_positions(ais_copy_positions_arguments a) {
  const int kv_head = blockIdx.x % a.kv_heads, slot = blockIdx.y;
  const long long count = (long long)a.counts[slot] * a.head_dim;
  const long long from = slot * a.slot_numbers + (long long)kv_head * a.capacity * a.head_dim;
  const long long to = slot * a.out_slot_numbers + (long long)blockIdx.x * a.out_capacity * a.head_dim;
  for (long long i = threadIdx.x; i < count; i += 256) {
    a.out_keys[to + i] = a.keys[from + i];
    a.out_values[to + i] = a.values[from + i];
  }
}
