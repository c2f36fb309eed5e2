// Needs: 16-bit activations.
// Attention of many rows on tensor cores, over keys and values in a 16-bit type (Dao, 2023).
//
// A block of four warps computes one head of a tile: up to 64 rows of one sequence, 16 for each warp. It goes through
// the positions in tiles, too. While the scores of a tile are computed its values are loaded, and while these are
// summed the next tile's keys are.
//
// Tiles begin at multiples of their size in positions, and what a row does not see counts as exactly nothing. So a
// row's bits depend on its position alone, not on the rows beside it.
#include "heads.cuh"
#include "tensor.cuh"

__device__ __forceinline__ bool begins_tile(const ais_cuda_row &row, const ais_cuda_row &before) {
  return row.sequence != before.sequence || row.position / ais_flash_rows != before.position / ais_flash_rows;
}

// Lists where tiles of rows begin. Grid: one block.
KERNEL(1024) ais_flash_tiles(ais_flash_tiles_arguments a) {
  wait_for_last();
  __shared__ int counts[32];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  int found = 0;
  for (int first = 0; first < a.count; first += 1024) {
    const int row = first + threadIdx.x;
    const bool begins = row < a.count && (row == 0 || begins_tile(a.rows[row], a.rows[row - 1]));
    const unsigned lanes = __ballot_sync(~0u, begins);
    __syncthreads();  // the last rows' counts have been read
    if (lane == 0) counts[warp] = __popc(lanes);
    __syncthreads();
    int place = found + __popc(lanes & ((1u << lane) - 1));
    for (int w = 0; w < 32; w++) {
      if (w < warp) place += counts[w];
      found += counts[w];
    }
    if (begins) a.tiles[1 + place] = row;
  }
  if (threadIdx.x == 0) a.tiles[0] = found, a.tiles[1 + found] = a.count;
}

// Four tiles of 8 × 8 numbers; each lane gives the address of a row.
__device__ __forceinline__ void load_tiles(unsigned (&r)[4], const act *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}

// Begins to copy 16 bytes; `bytes` of 0 writes zeros.
__device__ __forceinline__ void begin_copy(act *to, const act *from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
               :: "r"(shared_address(to)), "l"(__cvta_generic_to_global(from)), "r"(bytes) : "memory");
}

// Every thread's copies have arrived, and every thread has finished what it did before.
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();
}

constexpr float log2_e = 1.44269504f;

// 2 to the power v; exactly 1 for 0, and 0 for −∞.
__device__ __forceinline__ float power_of_two(float v) {
  float r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(v));
  return r;
}

// The hyperbolic tangent, within 3e-7: next to numbers of 16 bits that is exact.
__device__ __forceinline__ float tangent(float v) { return 1 - __fdividef(2, 1 + power_of_two(2 * log2_e * v)); }

// Rows `group` and `group + 8` of a warp's 16 rows belong to four lanes, which hold columns 2 · pair and 2 · pair + 1
// of each tile of eight columns: the layout of the products' results. Numbers of index 0 and 1 of a tile are of the
// first row, 2 and 3 of the second.
template <int dim>
__device__ __forceinline__ void attend(const ais_flash_arguments &arguments) {
  constexpr int positions = dim > 128 ? 32 : 64;  // of a tile
  constexpr int pitch = dim + 8;  // an odd number of 16 bytes: eight rows of a tile of 8 × 8 hit all banks
  constexpr int pieces = dim / 8;  // of 16 bytes in a position; one more keeps it apart from the next in shared memory
  __shared__ __align__(16) act keys[positions * pitch], values[positions * pitch];
  const ais_attention_arguments &a = arguments.attention;
  wait_for_last();
  // The last tiles see the most positions, so they begin first.
  const int tile = arguments.tiles[0] - 1 - (int)blockIdx.y;
  if (tile < 0) return;
  const int first_row = arguments.tiles[1 + tile], count = arguments.tiles[2 + tile] - first_row;
  const ais_cuda_row *rows = a.rows + first_row;
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, group = lane >> 2, pair = lane & 3;
  const int head = blockIdx.x, heads = a.query_heads + 2 * a.kv_heads;

  // A row that has exited, or that the tile does not have, sees nothing.
  int position[2], begin[2];
  bool computes[2];
  unsigned query[dim / 16][4];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    const int row = 16 * warp + group + 8 * r;
    computes[r] = row < count && rows[row].exit_step == ais_active;
    position[r] = computes[r] ? rows[row].position : -1;
    begin[r] = a.window ? position[r] + 1 - a.window : 0;
    const float *q = a.qkv + ((long long)(first_row + row) * heads + head) * dim + 2 * pair;
    auto read = [&](int column) { return computes[r] ? *(const float2 *)(q + column) : make_float2(0, 0); };
    if (dim % 32 == 0 && a.rotates) {
      const row_angles angles = angles_of(a, rows[computes[r] ? row : 0]);
#pragma unroll
      for (int k = 0; k < dim / 32; k++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int column = 16 * k + 8 * half;
          const float2 u = read(column), v = read(column + dim / 2);
          const float2 cosine = *(const float2 *)(angles.cosines + column + 2 * pair);
          const float2 sine = *(const float2 *)(angles.sines + column + 2 * pair);
          const float2 first = rotated(u.x, v.x, cosine.x, sine.x), second = rotated(u.y, v.y, cosine.y, sine.y);
          query[k][2 * half + r] = pack(first.x, second.x);
          query[(k + dim / 32) % (dim / 16)][2 * half + r] = pack(first.y, second.y);
        }
      continue;
    }
#pragma unroll
    for (int k = 0; k < dim / 16; k++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const float2 v = read(16 * k + 8 * half);
        query[k][2 * half + r] = pack(v.x, v.y);
      }
  }
  const bool warp_computes = __any_sync(~0u, computes[0] || computes[1]);
  if (!__syncthreads_or(warp_computes)) return;

  const int first_position = rows[0].position, end = rows[count - 1].position + 1;
  const int first_begin = a.window ? max(0, first_position + 1 - a.window) : 0;
  const int last_begin = a.window ? end - a.window : 0;
  const int sequence = rows[0].sequence;
  const long long place = ((long long)sequence * a.kv_heads + head / (a.query_heads / a.kv_heads)) * a.capacity;
  const act *cached_keys = (const act *)a.keys + place * dim, *cached_values = (const act *)a.values + place * dim;
  const int32_t *exits = a.exit_steps ? a.exit_steps + (long long)sequence * a.capacity : nullptr;
  auto is_hole = [&](int p) { return exits && p < end && exits[p] <= a.step; };

  // Most tiles are copied whole. What lies at holes and after the rows may be NaN, which a weight of 0 would not remove:
  // zeros take its place.
  auto fetch = [&](act *to, const act *from, int first) {
    from += (long long)first * dim;
    if (!exits && first + positions <= end) {
#pragma unroll
      for (int i = threadIdx.x; i < positions * pieces; i += 128) begin_copy(to + 8 * (i + i / pieces), from + 8 * i, 16);
    } else {
#pragma unroll 1
      for (int i = threadIdx.x; i < positions * pieces; i += 128) {
        const int p = first + i / pieces;
        const bool exists = p < end && !is_hole(p);
        begin_copy(to + 8 * (i + i / pieces), exists ? from + 8 * i : from, exists ? 16 : 0);
      }
    }
  };

  const bool transforms = a.soft_cap > 0 || a.slopes;
  const float factor = transforms ? log2_e : a.scale * log2_e;
  const float capped_scale = a.soft_cap > 0 ? a.scale / a.soft_cap : 0;
  const float slope = a.slopes ? a.slopes[head] : 0;
  float best[2] = {-infinity, -infinity}, sum[2] = {}, out[dim / 8][4] = {};
  const int start = first_begin / positions * positions;
  fetch(keys, cached_keys, start);
  for (int first = start; first < end; first += positions) {
    float scores[positions / 8][4] = {};
    wait_for_copies();
    fetch(values, cached_values, first);
    if (warp_computes) {
#pragma unroll
      for (int k = 0; k < dim / 16; k++) {
        const quad x = {query[k][0], query[k][1], query[k][2], query[k][3]};
#pragma unroll
        for (int n = 0; n < positions / 16; n++) {
          unsigned y[4];  // positions 0–7, numbers 0–7 and 8–15; positions 8–15, the same
          load_tiles(y, keys + (16 * n + 8 * (lane >> 4) + (lane & 7)) * pitch + 16 * k + 8 * (lane >> 3 & 1));
          multiply_16(scores[2 * n], x, y[0], y[1]);
          multiply_16(scores[2 * n + 1], x, y[2], y[3]);
        }
      }
    }
    wait_for_copies();
    if (first + positions < end) fetch(keys, cached_keys, first + positions);
    if (!warp_computes) continue;

    if (transforms) {
#pragma unroll
      for (int n = 0; n < positions / 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float score = a.soft_cap > 0 ? a.soft_cap * tangent(scores[n][i] * capped_scale) : scores[n][i] * a.scale;
          scores[n][i] = score - slope * (position[i / 2] - (first + 8 * n + 2 * pair + i % 2));
        }
    }
    // Most tiles are seen by all rows.
    if (exits || first + positions - 1 > first_position || first < last_begin) {
      unsigned holes[positions / 32];
#pragma unroll
      for (int w = 0; w < positions / 32; w++) holes[w] = __ballot_sync(~0u, is_hole(first + 32 * w + lane));
#pragma unroll
      for (int n = 0; n < positions / 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const int column = 8 * n + 2 * pair + i % 2, p = first + column;
          const bool sees = p <= position[i / 2] && p >= begin[i / 2] && !(holes[n / 4] >> (column & 31) & 1);
          if (!sees) scores[n][i] = -infinity;
        }
    }

    float shrink[2], base[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float largest = best[r];
#pragma unroll
      for (int n = 0; n < positions / 8; n++) largest = fmaxf(largest, fmaxf(scores[n][2 * r], scores[n][2 * r + 1]));
      largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, 1));
      largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, 2));
      // Rounded products: fused with the difference, an unchanged maximum would not give a difference of exactly 0.
      base[r] = largest == -infinity ? 0 : __fmul_rn(largest, factor);
      shrink[r] = power_of_two(__fmul_rn(best[r], factor) - base[r]);
      best[r] = largest;
      sum[r] *= shrink[r];
    }
#pragma unroll
    for (int n = 0; n < positions / 8; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        scores[n][i] = power_of_two(fmaf(scores[n][i], factor, -base[i / 2]));
        sum[i / 2] += scores[n][i];
      }
#pragma unroll
    for (int d = 0; d < dim / 8; d++)
#pragma unroll
      for (int i = 0; i < 4; i++) out[d][i] *= shrink[i / 2];

#pragma unroll
    for (int n = 0; n < positions / 16; n++) {
      const quad weights = {
          pack(scores[2 * n][0], scores[2 * n][1]), pack(scores[2 * n][2], scores[2 * n][3]),
          pack(scores[2 * n + 1][0], scores[2 * n + 1][1]), pack(scores[2 * n + 1][2], scores[2 * n + 1][3])};
#pragma unroll
      for (int d = 0; d < dim / 16; d++) {
        unsigned y[4];  // numbers 0–7, positions 0–7 and 8–15; numbers 8–15, the same
        read_transposed(y, values + (16 * n + (lane & 15)) * pitch + 16 * d + 8 * (lane >> 4));
        multiply_16(out[2 * d], weights, y[0], y[1]);
        multiply_16(out[2 * d + 1], weights, y[2], y[3]);
      }
    }
  }

#pragma unroll
  for (int r = 0; r < 2; r++) {
    sum[r] += __shfl_xor_sync(~0u, sum[r], 1);
    sum[r] += __shfl_xor_sync(~0u, sum[r], 2);
    if (!computes[r]) continue;
    const int row = first_row + 16 * warp + group + 8 * r;
    act *to = a.out + ((long long)row * a.query_heads + head) * dim + 2 * pair;
    const float reciprocal = 1 / sum[r];
#pragma unroll
    for (int d = 0; d < dim / 8; d++)
      *(unsigned *)(to + 8 * d) = pack(out[d][2 * r] * reciprocal, out[d][2 * r + 1] * reciprocal);
  }
}

// Grid: query heads × at least as many blocks as there are tiles.
KERNEL(128, 4) ais_flash_64(ais_flash_arguments a) { attend<64>(a); }
KERNEL(128, 3) ais_flash_80(ais_flash_arguments a) { attend<80>(a); }
KERNEL(128, 3) ais_flash_96(ais_flash_arguments a) { attend<96>(a); }
KERNEL(128, 3) ais_flash_128(ais_flash_arguments a) { attend<128>(a); }
KERNEL(128) ais_flash_256(ais_flash_arguments a) { attend<256>(a); }
