// Rotary embedding and the cache.
#include "heads.cuh"

typedef vector_of<float, 2> two;
typedef vector_of<act, 2> two_acts;

__device__ __forceinline__ two_acts to_acts(two x) { return {to_act(x.v[0]), to_act(x.v[1])}; }

// Rotates a query or a key in pairs of neighbours: a query in place, a key into the cache.
__device__ __forceinline__ void rotate_pairs(const ais_attention_arguments &a, row_angles angles, float *x, act *key) {
  const int half = a.rotary_dim / 2, lane = threadIdx.x & 31;
  for (int i = 2 * lane; i < half; i += 64) {
    two u = *(const two *)(x + i), v = *(const two *)(x + half + i);
    const two cosine = *(const two *)(angles.cosines + i), sine = *(const two *)(angles.sines + i);
#pragma unroll
    for (int k = 0; k < 2; k++) {
      const float2 both = rotated(u.v[k], v.v[k], cosine.v[k], sine.v[k]);
      u.v[k] = both.x;
      v.v[k] = both.y;
    }
    if (key) {
      *(two_acts *)(key + i) = to_acts(u);
      *(two_acts *)(key + half + i) = to_acts(v);
    } else {
      *(two *)(x + i) = u;
      *(two *)(x + half + i) = v;
    }
  }
  if (!key) return;
  for (int i = a.rotary_dim + 2 * lane; i < a.head_dim; i += 64) *(two_acts *)(key + i) = to_acts(*(const two *)(x + i));
}

// Normalizes and rotates queries and keys, and stores keys and values. A warp for each head (queries, keys, values).
// Grid: groups of 4 heads × rows; a block with fewer groups goes through them.
KERNEL(128) ais_rotate_store(const __grid_constant__ ais_attention_arguments a) {
  // No kernel may start before this one ends: attention may read stored keys before it waits.
  wait_for_last();
  const ais_cuda_row row = a.rows[blockIdx.y];
  const int lane = threadIdx.x & 31;
  const bool is_active = read_fresh(&a.rows[blockIdx.y].exit_step) == ais_active;
  const int exited = is_active ? ais_exited_own : a.exited;
  if (exited == ais_exited_nothing) return;
  const row_angles angles = angles_of(a, row);
  const bool in_pairs = a.rotary_dim % 4 == 0 && a.rotary_dim && !a.interleaved && a.head_dim % 2 == 0;
  const int first = a.rotates ? a.query_heads : 0;
  for (int head = first + blockIdx.x * 4 + (threadIdx.x >> 5); head < a.query_heads + 2 * a.kv_heads; head += 4 * gridDim.x) {
    float *x = head_of(a, blockIdx.y, head);
    const bool is_query = head < a.query_heads, is_value = head >= a.query_heads + a.kv_heads;
    const bool is_zero = !is_query && exited == ais_exited_zeros;
    const int kv_head = (head - a.query_heads) % a.kv_heads;
    act *to = is_query ? nullptr
                       : (is_value ? a.values : a.keys) + cache_place(a, row.sequence, kv_head, row.position);
    if (!is_value && !is_zero) {
      if (in_pairs) {
        norm_head(a, x, is_query);
        rotate_pairs(a, angles, x, to);
        continue;
      }
      finish_head(a, angles, x, is_query);
    }
    if (is_query) continue;
    for (int d = lane; d < a.head_dim; d += 32) to[d] = to_act(is_zero ? 0 : x[d]);
  }
}

// Grid: key-value heads × rows.
KERNEL(128) ais_clear_positions(ais_attention_arguments a) {
  wait_for_last();
  const ais_cuda_row row = a.rows[blockIdx.y];
  if (row.exit_step != ais_active) return;
  const long long place = cache_place(a, row.sequence, blockIdx.x, row.position);
  for (int d = threadIdx.x; d < a.head_dim; d += 128) a.keys[place + d] = a.values[place + d] = to_act(0);
}

// Grid: sequences · key-value heads × slots.
KERNEL(256) ais_copy_positions(ais_copy_positions_arguments a) {
  wait_for_last();
  const int kv_head = blockIdx.x % a.kv_heads, slot = blockIdx.y;
  const long long count = (long long)a.counts[slot] * a.head_dim;
  const long long from = slot * a.slot_numbers + (long long)kv_head * a.capacity * a.head_dim;
  const long long to = slot * a.out_slot_numbers + (long long)blockIdx.x * a.out_capacity * a.head_dim;
  for (long long i = threadIdx.x; i < count; i += 256) {
    a.out_keys[to + i] = a.keys[from + i];
    a.out_values[to + i] = a.values[from + i];
  }
}
