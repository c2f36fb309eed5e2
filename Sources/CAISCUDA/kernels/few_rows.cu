// Needs: 16-bit activations, sm_90.
// Products of up to 16 rows with weights that stream through a ring.
//
// A block computes a few tiles of 8 outputs. Several blocks run on a multiprocessor at a time, and those of the next
// kernel follow as these end, so that memory stays busy. All kernels here add in one order (ring.cuh), so a row's bits
// are the same beside any other rows.
//
// The scale of an RMSNorm is applied to the result: x holds the states times the norm's weights, and the kernel that
// wrote them also wrote sums of their squares.
#include "activation.cuh"
#include "ring.cuh"

// Adds the sums of squares of a row, by a warp, to what its lanes have.
__device__ __forceinline__ float norm_scale(const ais_few_arguments &a, int row, int first, float sum) {
  const int count = a.inputs / squares_width;
  const float *squares = a.squares + (long long)row * count;
#pragma unroll 4
  for (int i = first + (threadIdx.x & 31); i < count; i += 32) sum += squares[i];
  return 1 / sqrtf(warp_sum(sum) / a.inputs + a.epsilon);
}

// Where a result goes, and what it needs beside its sum.
struct destination {
  int row, output;
  bool is_used;  // the row and the output exist
  float state, bias, up_bias, next_weight;

  __device__ __forceinline__ destination(const ais_few_arguments &a, int row, int output)
      : row(row), output(output), state(0), bias(0), up_bias(0), next_weight(0) {
    const bool gated = a.mode == ais_few_gate;
    is_used = row < a.rows && output < (gated ? a.outputs / 2 : a.outputs);
    if (!is_used) return;
    if (a.bias) bias = a.bias[output];
    if (a.bias && gated) up_bias = a.bias[output + a.outputs / 2];
    if (a.mode == ais_few_add) state = a.out[(long long)row * a.outputs + output];
    if (a.next_weight) next_weight = a.next_weight[output];
  }

  // The lanes of `squares_width` neighbouring outputs of a row call it together.
  __device__ __forceinline__ void finish(const ais_few_arguments &a, float v, float up) const {
    const long long place = (long long)row * (a.mode == ais_few_gate ? a.outputs / 2 : a.outputs) + output;
    v += bias;
    if (a.mode == ais_few_add) {
      v += state;
      if (is_used) a.out[place] = v;
      if (a.next_weight)
        prepare(is_used ? v : 0, is_used, next_weight, output, a.acts + place, a.next_squares + place / squares_width);
    } else if (is_used) {
      if (a.mode == ais_few_write)
        a.out[place] = v;
      else
        a.acts[place] = to_act(activate(a.activation, v) * (a.mode == ais_few_gate ? up + up_bias : 1));
    }
  }
};

// Up to `most` rows: 8 or 16. With gates, the first half of the tiles are gates and the others what they multiply.
template <int most, int tiles>
__device__ __forceinline__ void product(const ais_few_arguments &a) {
  enum {
    halves = most / 8,           // groups of 8 rows
    ahead = most < 16 ? 4 : 2,   // vectors of x that are read before they are needed
    numbers = 64 * halves,       // sums of a warp for a tile
  };
  extern __shared__ __align__(128) unsigned char memory[];
  __shared__ __align__(16) float sums[compute_warps][tiles * numbers];
  __shared__ float scales[most];
  let_next_start();
  ring weights(memory, a.stages, tiles);
  weights.begin();
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const bool gated = a.mode == ais_few_gate;
  const int wanted = gated ? tiles / 2 : tiles;  // tiles of results
  const int first_output = blockIdx.x * wanted * 8;

  if (warp == compute_warps) {
    if (lane) return;
#pragma unroll 1
    for (int k = 0; k < a.inputs; k += tile_inputs) {
      weights.wait_free();
      barrier_expect(weights.full_barrier(), tiles * tile_bytes);
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) {
        const int row = first_output + tile * 8 + (gated && tile >= tiles / 2 ? a.outputs / 2 - tiles * 4 : 0);
        copy_tile(weights.tiles() + tile * tile_bytes, a.map, row, k, weights.full_barrier());
      }
      weights.next();
    }
    return;
  }

  fetch(a);
  const int row = lane >> 2, offset = warp * block_inputs + 8 * (lane & 3);
  const act *x = a.x + (long long)row * a.inputs + offset;
  struct vectors {
    uint4 rows[halves];
  };
  auto load = [&](int k) {
    vectors v;
#pragma unroll
    for (int half = 0; half < halves; half++) {
      v.rows[half] = make_uint4(0, 0, 0, 0);
      if (row + 8 * half < a.rows && k + offset < a.inputs)
        v.rows[half] = *(const uint4 *)(x + 8 * half * (long long)a.inputs + k);
    }
    return v;
  };
  // Results of this thread: `squares_width` neighbouring lanes have neighbouring outputs of a row.
  enum { results = (most * 8 * tiles + compute_threads - 1) / compute_threads };
  const int columns = wanted * 8;
  float total[results] = {}, total_up[results] = {};
  auto place_of = [&](int r, int &own_row, int &column) {
    const int e = threadIdx.x + r * compute_threads;
    own_row = e / columns, column = e % columns;
    return e < most * columns;
  };
  auto sum_of_warps = [&](int own_row, int column) {
    const int inside = halves == 1 ? own_row * 8 + column % 8
                                   : (own_row % 8 * 4 + column % 8 / 2) * 4 + own_row / 8 * 2 + column % 2;
    const int place = column / 8 * numbers + inside;
    float sum = sums[0][place];
#pragma unroll
    for (int w = 1; w < compute_warps; w++) sum += sums[w][place];
    return sum;
  };

  float c[tiles][4] = {};
  vectors next[ahead];
  wait_for_last();
#pragma unroll
  for (int i = 0; i < ahead; i++) next[i] = load(i * tile_inputs);
  // Sums of squares are read now and added when they have come.
  enum { early = 6 };
  float squares[early];
#pragma unroll
  for (int i = 0; i < early; i++) {
    const int place = 32 * i + lane, count = a.inputs / squares_width;
    squares[i] = a.squares && warp < a.rows && place < count ? a.squares[warp * count + place] : 0;
  }
#pragma unroll 1
  for (int slice = 0; slice < a.inputs; slice += slice_inputs) {
#pragma unroll
    for (int i = 0; i < slice_tiles; i++) {
      const int k = slice + i * tile_inputs;
      const vectors now = next[i % ahead];
      next[i % ahead] = load(k + ahead * tile_inputs);
      if (k >= a.inputs) continue;
      uint4 w[tiles];
      weights.wait_full();
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) w[tile] = read_tile(weights.tiles() + tile * tile_bytes);
      unsigned read = 0;
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) read ^= w[tile].x;
      weights.release(read);
      const block_quads v = quads_of(now.rows[0], halves == 1 ? make_uint4(0, 0, 0, 0) : now.rows[halves - 1]);
      // Tiles take turns, so that products do not wait for each other.
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) multiply_16(c[tile], v.first, w[tile].x, w[tile].y);
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) multiply_16(c[tile], v.second, w[tile].z, w[tile].w);
    }
    if (slice) {
      compute_barrier();  // the last slice's sums have been read
    } else if (a.squares) {
      float sum = 0;
#pragma unroll
      for (int i = 0; i < early; i++) sum += squares[i];
#pragma unroll 1
      for (int r = warp; r < a.rows; r += compute_warps) {
        const float scale = r == warp ? norm_scale(a, r, 32 * early, sum) : norm_scale(a, r, 0, 0);
        if (lane == 0) scales[r] = scale;
      }
    }
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
      float *to = &sums[warp][tile * numbers + lane * 2 * halves], *from = c[tile];
      if (halves == 1) *(float2 *)to = make_float2(from[0], from[1]);
      if (halves == 2) *(float4 *)to = make_float4(from[0], from[1], from[2], from[3]);
      from[0] = from[1] = from[2] = from[3] = 0;
    }
    compute_barrier();
#pragma unroll
    for (int r = 0; r < results; r++) {
      int own_row, column;
      if (!place_of(r, own_row, column)) continue;
      total[r] += sum_of_warps(own_row, column);
      if (gated) total_up[r] += sum_of_warps(own_row, column + columns);
    }
  }
#pragma unroll
  for (int r = 0; r < results; r++) {
    int own_row, column;
    // Whole groups of lanes take part or not.
    if (!place_of(r, own_row, column)) continue;
    const destination to(a, own_row, first_output + column);
    const float scale = a.squares && to.is_used ? scales[own_row] : 1;
    to.finish(a, total[r] * scale, total_up[r] * scale);
  }
}

// Grid: units of 8 · tiles outputs, or with gates of 4 · tiles.
KERNEL(ring_threads, 3) ais_product_8x2(const __grid_constant__ ais_few_arguments a) { product<8, 2>(a); }
KERNEL(ring_threads, 2) ais_product_8x4(const __grid_constant__ ais_few_arguments a) { product<8, 4>(a); }
KERNEL(ring_threads, 2) ais_product_16x2(const __grid_constant__ ais_few_arguments a) { product<16, 2>(a); }
KERNEL(ring_threads, 2) ais_product_16x4(const __grid_constant__ ais_few_arguments a) { product<16, 4>(a); }
