// Rotary embedding and the cache.
#include "heads.cuh"

// Normalizes and rotates queries and keys, and stores keys and values. A warp for each head (queries, keys, values).
// Grid: groups of 4 heads × rows.
KERNEL(128) ais_rotate_store(const __grid_constant__ ais_attention_arguments a) {
  // No kernel may start before this one ends: attention may read stored keys before it waits.
  wait_for_last();
  const ais_cuda_row row = a.rows[blockIdx.y];
  const int head = blockIdx.x * 4 + (threadIdx.x >> 5), lane = threadIdx.x & 31;
  const bool is_active = read_fresh(&a.rows[blockIdx.y].exit_step) == ais_active;
  const int exited = is_active ? ais_exited_own : a.exited;
  if (exited == ais_exited_nothing || head >= a.query_heads + 2 * a.kv_heads) return;
  const row_angles angles = angles_of(a, row);
  float *x = head_of(a, blockIdx.y, head);
  if (head < a.query_heads) return finish_head(a, angles, x, true);
  const bool is_value = head >= a.query_heads + a.kv_heads;
  const int kv_head = (head - a.query_heads) % a.kv_heads;
  if (!is_value) finish_head(a, angles, x, false);
  act *to = (is_value ? a.values : a.keys) + cache_place(a, row.sequence, kv_head, row.position);
  for (int d = lane; d < a.head_dim; d += 32) to[d] = to_act(exited == ais_exited_zeros ? 0 : x[d]);
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
