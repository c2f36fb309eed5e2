// Needs: 16-bit activations.
// Attention of single rows on tensor cores, over a cache of any length.
//
// As attention.cu: a block computes one split of 128 positions of one row, for up to 16 query heads that share a
// key-value head, and the last block of a row adds the splits. Each of 8 warps computes 16 positions: their scores
// and, once the largest score of all warps is known, weights and weighted values, which the block adds over the warps.
#include "splits.cuh"
#include "tensor.cuh"

enum { split_positions = 128, warp_positions = 16, most_heads = 16, warps = 8 };

__device__ __forceinline__ uint4 read_vector(const act *p) { return *(const uint4 *)p; }

// 16 bytes of memory, read where the code says so: not later, where they are used.
__device__ __forceinline__ uint4 read_early(const act *p) {
  uint4 v;
  asm volatile("ld.global.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p) : "memory");
  return v;
}

// e to the power of a number that is not above 0.
__device__ __forceinline__ float fast_exp(float v) {
  float r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(v * 1.44269504f));
  return r;
}

// The largest of a head's numbers, of which each warp has one.
__device__ __forceinline__ float largest_of(const float *numbers) {
  const float4 first = *(const float4 *)numbers, last = *(const float4 *)(numbers + 4);
  return fmaxf(fmaxf(fmaxf(first.x, first.y), fmaxf(first.z, first.w)),
               fmaxf(fmaxf(last.x, last.y), fmaxf(last.z, last.w)));
}

// Their sum.
__device__ __forceinline__ float sum_of_warps(const float *numbers) {
  const float4 first = *(const float4 *)numbers, last = *(const float4 *)(numbers + 4);
  return ((first.x + first.y) + (first.z + first.w)) + ((last.x + last.y) + (last.z + last.w));
}

// Scores of head `head` and of head + 8 at two positions, the first at a distance.
__device__ __noinline__ float4 shape_scores(const ais_attention_arguments &a, float4 s, int head, int distance) {
  return make_float4(shape_score(a, s.x, head, distance), shape_score(a, s.y, head, distance - 1),
                     shape_score(a, s.z, head + 8, distance), shape_score(a, s.w, head + 8, distance - 1));
}

// Heads of up to `dim` numbers, a multiple of 8; shared memory pads them with zeros.
template <int dim>
__device__ __forceinline__ void attend(const ais_attention_arguments &a) {
  // Rows lie so that reads of neighbouring rows hit all banks.
  enum { query_stride = dim + (dim % 64 == 32 ? 64 : 32), value_stride = dim + 8, vectors = dim / 8 };
  extern __shared__ __align__(128) act kept[];
  __shared__ __align__(16) act queries[most_heads * query_stride], own_key[dim];
  __shared__ float staged[warps][dim], cosines[dim / 2], sines[dim / 2];
  __shared__ __align__(16) float largest[most_heads][warps], sums[most_heads][warps];
  act *values = kept;
  let_next_start();
  fetch(a);
  const int all = a.query_heads / a.kv_heads, chunks = (all + most_heads - 1) / most_heads;
  const int chunk = blockIdx.x % chunks, kv_head = blockIdx.x / chunks % a.kv_heads;
  const int split = blockIdx.x / chunks / a.kv_heads;
  const int first_head = chunk * most_heads, heads = min(most_heads, all - first_head);
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int group = lane >> 2, pair = lane & 3, warp_first = warp * warp_positions;
  // Unless the pass changes them, rows and stored positions can be read at once.
  if (a.waits) wait_for_last();
  const ais_cuda_row row = a.rows[blockIdx.y];
  const int end = row.position + 1, begin = a.window && end > a.window ? end - a.window : 0;
  const int first = split * split_positions, last_split = row.position / split_positions;
  const int first_split = begin / split_positions;
  if (split < first_split || split > last_split) return;
  const bool has_own = split == last_split;
  const int count = min((int)split_positions, end - first), stored = a.stores && has_own ? count - 1 : count;
  const int32_t *exits = a.exit_steps ? a.exit_steps + (long long)row.sequence * a.capacity + first : nullptr;

  const bool reads_ahead = a.stores && !exits;
  if (!reads_ahead) wait_for_last();
  const act *stored_keys = a.keys + cache_place(a, row.sequence, kv_head, first);
  const act *stored_values = a.values + cache_place(a, row.sequence, kv_head, first);
  // Each warp reads the keys of its positions into registers, and copies their values to shared memory.
  uint4 keys[2][dim / 32];
#pragma unroll
  for (int n = 0; n < 2; n++)
#pragma unroll
    for (int block = 0; block < dim / 32; block++) {
      const int p = warp_first + 8 * n + group, d = 32 * block + 8 * pair;
      keys[n][block] = make_uint4(0, 0, 0, 0);
      if (p < stored && d < a.head_dim) keys[n][block] = read_early(stored_keys + p * a.head_dim + d);
    }
#pragma unroll 1
  for (int i = lane; i < warp_positions * vectors; i += 32) {
    const int p = warp_first + i / vectors, d = i % vectors * 8;
    act *value = values + p * value_stride + d;
    if (p < stored && d < a.head_dim && first + p >= begin && !(exits && exits[p] <= a.step))
      copy_16(value, stored_values + p * a.head_dim + d);
    else
      *(uint4 *)value = make_uint4(0, 0, 0, 0);  // a weight of 0 times what lies there must be 0
  }
#pragma unroll 1
  for (int i = threadIdx.x; i < most_heads * query_stride / 8; i += attention_threads)
    ((uint4 *)queries)[i] = make_uint4(0, 0, 0, 0);
  if (a.stores && a.rotary_dim) {
    const row_angles angles = angles_of(a, row);
#pragma unroll 1
    for (int i = threadIdx.x; i < a.rotary_dim / 2; i += attention_threads)
      cosines[i] = angles.cosines[i], sines[i] = angles.sines[i];
  }
  __syncthreads();
  if (reads_ahead) wait_for_last();
  const bool has_exited = read_fresh(&a.rows[blockIdx.y].exit_step) != ais_active;

  // The row's queries, and after them its key and value.
#pragma unroll 1
  for (int head = warp; head < heads + (a.stores && has_own ? 2 : 0); head += warps) {
    const bool is_query = head < heads, is_key = head == heads;
    const int part = is_query ? kv_head * all + first_head + head : a.query_heads + kv_head + (is_key ? 0 : a.kv_heads);
    const float *from = head_of(a, blockIdx.y, part);
    float *own = staged[warp];
#pragma unroll
    for (int d = lane; d < dim; d += 32)
      if (d < a.head_dim) own[d] = from[d];
    __syncwarp();
    if (a.stores && (is_query || is_key)) finish_head(a, {cosines, sines}, own, is_query);
    act *to = is_query ? queries + head * query_stride
                       : is_key ? own_key : values + (count - 1) * value_stride;
    act *place = (is_key ? a.keys : a.values) + cache_place(a, row.sequence, kv_head, row.position);
    const bool is_kept = !is_query && chunk == 0 && (!has_exited || a.exited);
    const bool is_zero = has_exited && a.exited == ais_exited_zeros;
#pragma unroll
    for (int d = lane; d < dim; d += 32)
      if (d < a.head_dim) {
        to[d] = to_act(own[d]);
        if (is_kept) place[d] = is_zero ? to_act(0) : to[d];
      }
    __syncwarp();
  }
  wait_for_copies();
  __syncthreads();
  if (has_exited) return;

  if (a.stores && has_own) {
#pragma unroll
    for (int n = 0; n < 2; n++)
#pragma unroll
      for (int block = 0; block < dim / 32; block++)
        if (warp_first + 8 * n + group == count - 1)
          keys[n][block] = 32 * block + 8 * pair < a.head_dim ? read_vector(own_key + 32 * block + 8 * pair)
                                                            : make_uint4(0, 0, 0, 0);
  }
  float out[dim / 8][4] = {}, best[2] = {-infinity, -infinity}, sum[2] = {};
  // Two tiles of 8 positions; heads `group` and `group` + 8, positions 2 · pair and the next.
  float score[2][4] = {};
  if (warp_first < count) {
#pragma unroll
    for (int block = 0; block < dim / 32; block++) {
      const act *query = queries + group * query_stride + 32 * block + 8 * pair;
      const block_quads q =
          quads_of(read_vector(query), heads > 8 ? read_vector(query + 8 * query_stride) : make_uint4(0, 0, 0, 0));
#pragma unroll
      for (int n = 0; n < 2; n++)
        multiply_block(score[n], q, keys[n][block]);
    }
#pragma unroll
    for (int n = 0; n < 2; n++) {
      const int p = warp_first + 8 * n + 2 * pair;
#pragma unroll
      for (int i = 0; i < 4; i++) score[n][i] *= a.scale;
      if (a.soft_cap > 0 || a.slopes) {
        const float4 shaped =
            shape_scores(a, make_float4(score[n][0], score[n][1], score[n][2], score[n][3]),
                         kv_head * all + first_head + group, row.position - first - p);
        score[n][0] = shaped.x, score[n][1] = shaped.y, score[n][2] = shaped.z, score[n][3] = shaped.w;
      }
#pragma unroll
      for (int column = 0; column < 2; column++) {
        const int own = p + column;
        bool is_seen = own < count && first + own >= begin;
        if (exits) is_seen = is_seen && exits[own] > a.step;
        if (!is_seen) score[n][column] = score[n][2 + column] = -infinity;
      }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      best[half] = fmaxf(fmaxf(score[0][2 * half], score[0][2 * half + 1]),
                         fmaxf(score[1][2 * half], score[1][2 * half + 1]));
      best[half] = fmaxf(best[half], __shfl_xor_sync(~0u, best[half], 1));
      best[half] = fmaxf(best[half], __shfl_xor_sync(~0u, best[half], 2));
    }
  }
  if (pair == 0) largest[group][warp] = best[0], largest[group + 8][warp] = best[1];
  __syncthreads();
  if (warp_first < count) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const float top = largest_of(largest[group + 8 * half]);
      const float base = top == -infinity ? 0 : top;  // nothing is seen: all weights become 0
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float &s = score[i / 2][2 * half + i % 2];
        s = fast_exp(s - base);
        sum[half] += s;
      }
      sum[half] += __shfl_xor_sync(~0u, sum[half], 1);
      sum[half] += __shfl_xor_sync(~0u, sum[half], 2);
    }
    const quad weights = {pack(score[0][0], score[0][1]), pack(score[0][2], score[0][3]),
                          pack(score[1][0], score[1][1]), pack(score[1][2], score[1][3])};
    const act *value = values + (warp_first + lane % 16) * value_stride + lane / 16 * 8;
#pragma unroll
    for (int d = 0; d < dim; d += 16) {
      unsigned v[4];
      read_transposed(v, value + d);
      multiply_16(out[d / 8], weights, v[0], v[1]);
      multiply_16(out[d / 8 + 1], weights, v[2], v[3]);
    }
  }
  if (pair == 0) sums[group][warp] = sum[0], sums[group + 8][warp] = sum[1];
  __syncthreads();  // values have been read; their memory takes the warps' results
  float *results = (float *)kept;
#pragma unroll
  for (int d = 0; d < dim / 8; d++) {
    float *to = results + (warp * heads + group) * dim + 8 * d + 2 * pair;
    if (group < heads) *(float2 *)to = make_float2(out[d][0], out[d][1]);
    if (group + 8 < heads) *(float2 *)(to + 8 * dim) = make_float2(out[d][2], out[d][3]);
  }
  __syncthreads();

  float *partial = partial_of(a, blockIdx.y, kv_head);
#pragma unroll 1
  for (int i = threadIdx.x; i < heads * dim / 2; i += attention_threads) {
    const int head = i / (dim / 2), column = i % (dim / 2) * 2;
    if (column >= a.head_dim) continue;
    const float total = sum_of_warps(sums[head]);
    float2 value = make_float2(0, 0);
#pragma unroll
    for (int w = 0; w < warps; w++) {
      const float2 result = *(float2 *)&results[(w * heads + head) * dim + column];
      value.x += result.x, value.y += result.y;
    }
    if (first_split == last_split) {
      const long long place = (long long)blockIdx.y * a.query_heads + kv_head * all + first_head + head;
      *(unsigned *)(a.out + place * a.head_dim + column) = pack(value.x / total, value.y / total);
    } else {
      float *to = partial + (long long)(split * all + first_head + head) * (a.head_dim + 2);
      to[column] = value.x;
      to[column + 1] = value.y;
      if (column == 0) to[a.head_dim] = largest_of(largest[head]), to[a.head_dim + 1] = total;
    }
  }
  if (first_split != last_split)
    merge_splits(a, (blockIdx.y * a.kv_heads + kv_head) * chunks + chunk, kv_head, first_head, heads, first_split,
                 last_split, partial);
}

// Grid: chunks of 16 query heads · key-value heads · splits × rows. With `stores`, the block first normalizes and
// rotates the row's queries and its key, and the block that has the row's own position stores the key and value. Then
// each sequence has one row.
KERNEL(attention_threads) ais_attend_64(const __grid_constant__ ais_attention_arguments a) { attend<64>(a); }
KERNEL(attention_threads) ais_attend_96(const __grid_constant__ ais_attention_arguments a) { attend<96>(a); }
KERNEL(attention_threads) ais_attend_128(const __grid_constant__ ais_attention_arguments a) { attend<128>(a); }
KERNEL(attention_threads) ais_attend_256(const __grid_constant__ ais_attention_arguments a) { attend<256>(a); }
