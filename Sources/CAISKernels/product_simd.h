// The fast versions of product_ref.c, compiled once for each instruction set. The file that includes this has defined
// PANEL_VECTORS, a panel's width in vectors. If the processor has bfloat16 products, it has defined AIS_BF16_DOT(sum,
// x, w) too: sum + x·w over pairs; then only that product is compiled.
//
// A single row is multiplied by several panels at once: it is limited by memory, which is faster with several streams
// than with one. Otherwise a tile of up to 6 rows × one panel stays in registers while the inputs pass. Inputs are
// taken in slices, so that a panel's slice stays in the nearest caches for all tiles of rows; a tile's sums wait in
// `partial` between slices and go from registers to the output after the last. Tiles prefetch the next slice. With
// several tiles and narrow panels, a slice of bfloat16 weights is widened once for all of them.
#include "ahead.h"
#include "ais_product.h"
#include "simd.h"

#define INLINE static inline __attribute__((always_inline))

enum {
  TILE_ROWS = AIS_PRODUCT_TILE,
  PANEL_WIDTH = PANEL_VECTORS * AIS_LANES,
  // Inputs of a slice, and pairs of inputs where these are multiplied together. A narrow panel's slice of floats then
  // has 20 KiB, a wide one's 80: longer slices leave fewer sums to wait.
  SLICE_INPUTS = 320,
  SLICE_PAIRS = 320,
  // Panels that one row is multiplied by at once: their sums take half of AVX2's registers.
  STREAMS = 8 / PANEL_VECTORS,
  // From this many tiles of rows on, widening a slice of weights beforehand pays.
  WIDENED_TILES = 3,
  // Inputs of one turn of the loop. If another thread runs on the same core, only half of the instructions per cycle
  // are left, and every one that is not a product costs time.
  TURN = 4,
};

typedef enum { FLOATS, HALVES, HALF_PAIRS } arithmetic;

// Keeps a tile's steps in order; one row by several panels has enough registers without it.
INLINE void settle(vf *sums) {
  UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) ais_settle(sums[v]);
}

// Adds x [rows] at one input times its weights.
INLINE void multiply_float(const int rows, const float *x, size_t stride, const float *w,
                           vf (*sums)[PANEL_VECTORS]) {
  vf weights[PANEL_VECTORS];
  UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) weights[v] = load(w + v * AIS_LANES);
  UNROLLED for (int r = 0; r < rows; r++) {
    const vf number = splat(x[(size_t)r * stride]);
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
      sums[r][v] = __builtin_elementwise_fma(number, weights[v], sums[r][v]);
    if (rows > 1) settle(sums[r]);
  }
}

INLINE void multiply_floats(const int rows, const float *x, size_t stride, const float *w,
                            size_t inputs, ais_ahead ahead, vf (*sums)[PANEL_VECTORS]) {
  for (size_t turn = 0; turn < inputs / TURN; turn++) {
    UNROLLED for (int k = 0; k < TURN; k++) {
      ais_ask(&ahead);
      multiply_float(rows, x + k, stride, w + k * PANEL_WIDTH, sums);
    }
    x += TURN, w += TURN * PANEL_WIDTH;
  }
  ROLLED for (size_t k = 0; k < inputs % TURN; k++)
    multiply_float(rows, x + k, stride, w + k * PANEL_WIDTH, sums);
}

// Adds x [rows] at one input times its half of pairs of bfloat16 weights. The pairs are read again for each half: with
// a tile of sums they would not fit into AVX2's registers.
INLINE void multiply_half(const int rows, const float *x, size_t stride, const uint16_t *pairs,
                          const int second, vf (*sums)[PANEL_VECTORS]) {
  vf weights[PANEL_VECTORS];
  UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) {
    vu pair;
    memcpy(&pair, pairs + 2 * v * AIS_LANES, sizeof pair);
    weights[v] = (vf)(second ? pair & 0xffff0000u : pair << 16);
  }
  UNROLLED for (int r = 0; r < rows; r++) {
    const vf number = splat(x[(size_t)r * stride]);
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
      sums[r][v] = __builtin_elementwise_fma(number, weights[v], sums[r][v]);
    if (rows > 1) settle(sums[r]);
  }
}

#ifdef AIS_BF16_DOT
// Adds pairs of bfloat16 numbers of x [rows] times pairs of weights.
INLINE void multiply_half_pair(const int rows, const uint16_t *x, size_t stride, const uint16_t *w,
                               vf (*sums)[PANEL_VECTORS]) {
  vu weights[PANEL_VECTORS];
  UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
    memcpy(&weights[v], w + 2 * v * AIS_LANES, sizeof weights[v]);
  UNROLLED for (int r = 0; r < rows; r++) {
    uint32_t pair;
    memcpy(&pair, x + (size_t)r * stride, sizeof pair);
    const vu numbers = pair - (vu){0};
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
      sums[r][v] = AIS_BF16_DOT(sums[r][v], numbers, weights[v]);
    if (rows > 1) settle(sums[r]);
  }
}

// The same for the last of an odd number of inputs, which is paired with a zero.
INLINE void multiply_last_half(const int rows, const uint16_t *x, size_t stride, const uint16_t *w,
                               vf (*sums)[PANEL_VECTORS]) {
  uint16_t padded[TILE_ROWS][2];
  UNROLLED for (int r = 0; r < rows; r++) padded[r][0] = x[(size_t)r * stride], padded[r][1] = 0;
  multiply_half_pair(rows, padded[0], 2, w, sums);
}
#endif

// Adds x [rows] at two inputs, of which x has `kind`'s numbers, times their bfloat16 weights.
INLINE void multiply_two(const arithmetic kind, const int rows, const void *x, size_t stride,
                         const uint16_t *w, vf (*sums)[PANEL_VECTORS]) {
#ifdef AIS_BF16_DOT
  if (kind == HALF_PAIRS) return multiply_half_pair(rows, x, stride, w, sums);
#endif
  (void)kind;
  multiply_half(rows, x, stride, w, 0, sums);
  multiply_half(rows, (const float *)x + 1, stride, w, 1, sums);
}

INLINE void multiply_last(const arithmetic kind, const int rows, const void *x, size_t stride,
                          const uint16_t *w, vf (*sums)[PANEL_VECTORS]) {
#ifdef AIS_BF16_DOT
  if (kind == HALF_PAIRS) return multiply_last_half(rows, x, stride, w, sums);
#endif
  (void)kind;
  multiply_half(rows, x, stride, w, 0, sums);
}

INLINE void multiply_twos(const arithmetic kind, const int rows, const char *x, size_t stride,
                          const uint16_t *w, size_t inputs, ais_ahead ahead,
                          vf (*sums)[PANEL_VECTORS]) {
  const size_t x_bytes = kind == HALF_PAIRS ? 2 : 4;
  for (size_t turn = 0; turn < inputs / TURN; turn++) {
    UNROLLED for (int k = 0; k < TURN; k += 2) {
      ais_ask(&ahead);
      multiply_two(kind, rows, x + k * x_bytes, stride, w + k * PANEL_WIDTH, sums);
    }
    x += TURN * x_bytes, w += TURN * PANEL_WIDTH;
  }
  const size_t left = inputs % TURN;
  ROLLED for (size_t k = 0; k + 2 <= left; k += 2)
    multiply_two(kind, rows, x + k * x_bytes, stride, w + k * PANEL_WIDTH, sums);
  if (left % 2)
    multiply_last(kind, rows, x + (left - 1) * x_bytes, stride, w + (left - 1) * PANEL_WIDTH, sums);
}

// Widens pairs of bfloat16 weights to floats, in the layout of float panels.
INLINE void widen(const uint16_t *w, size_t inputs, float *out) {
  for (size_t k = 0; k < inputs; k += 2, w += 2 * PANEL_WIDTH, out += 2 * PANEL_WIDTH) {
    for (int v = 0; v < PANEL_VECTORS; v++) {
      vu pair;
      memcpy(&pair, w + 2 * v * AIS_LANES, sizeof pair);
      store(out + v * AIS_LANES, (vf)(pair << 16));
      store(out + PANEL_WIDTH + v * AIS_LANES, (vf)(pair & 0xffff0000u));
    }
  }
}

// Where a tile's sums come from and go to.
typedef struct {
  float *partial;     // [rows, PANEL_WIDTH], between slices
  int is_first;       // there are no earlier sums
  float *out;         // NULL: the sums are not final, or the panel is not full
  size_t out_stride;
  const float *bias;  // NULL: none
  int accumulate;
} tile_sums;

INLINE void tile(const arithmetic kind, const int rows, const void *x, size_t stride, const void *w,
                 size_t inputs, ais_ahead ahead, tile_sums place) {
  vf sums[TILE_ROWS][PANEL_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
      sums[r][v] = place.is_first ? splat(0) : load(place.partial + r * PANEL_WIDTH + v * AIS_LANES);
  if (kind == FLOATS)
    multiply_floats(rows, x, stride, w, inputs, ahead, sums);
  else
    multiply_twos(kind, rows, x, stride, w, inputs, ahead, sums);
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) {
      vf value = sums[r][v];
      float *to = place.partial + r * PANEL_WIDTH + v * AIS_LANES;
      if (place.out) {
        to = place.out + (size_t)r * place.out_stride + v * AIS_LANES;
        if (place.bias) value += load(place.bias + v * AIS_LANES);
        if (place.accumulate) value = load(to) + value;
      }
      store(to, value);
    }
}

INLINE void tile_of(const arithmetic kind, size_t rows, const void *x, size_t stride, const void *w,
                    size_t inputs, ais_ahead ahead, tile_sums place) {
  switch (rows) {
    case 1: tile(kind, 1, x, stride, w, inputs, ahead, place); break;
    case 2: tile(kind, 2, x, stride, w, inputs, ahead, place); break;
    case 3: tile(kind, 3, x, stride, w, inputs, ahead, place); break;
    case 4: tile(kind, 4, x, stride, w, inputs, ahead, place); break;
    case 5: tile(kind, 5, x, stride, w, inputs, ahead, place); break;
    case 6: tile(kind, 6, x, stride, w, inputs, ahead, place); break;
    default: break;
  }
}

// Adds the bias and the earlier output, for one row and `count` outputs of a panel.
INLINE void finish(const float *partial, const float *bias, float *out, size_t count, int accumulate) {
  size_t i = 0;
  for (; i + AIS_LANES <= count; i += AIS_LANES) {
    vf value = load(partial + i);
    if (bias) value += load(bias + i);
    store(out + i, accumulate ? load(out + i) + value : value);
  }
  for (; i < count; i++) {
    const float value = bias ? partial[i] + bias[i] : partial[i];
    out[i] = accumulate ? out[i] + value : value;
  }
}

// One row by `count` panels, from the first input to the last.
INLINE void row_of(const arithmetic kind, const int count, const void *x, const char *w,
                   size_t panel_bytes, size_t inputs, float *partial) {
  vf sums[STREAMS][1][PANEL_VECTORS];
  const size_t x_bytes = kind == HALF_PAIRS ? 2 : 4, w_bytes = kind == FLOATS ? 4 : 2;
  const size_t step = kind == FLOATS ? 1 : 2;
  UNROLLED for (int p = 0; p < count; p++)
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) sums[p][0][v] = splat(0);
  for (size_t k = 0; k < inputs; k += step) {
    const size_t left = inputs - k < step ? inputs - k : step;
    UNROLLED for (int p = 0; p < count; p++) {
      const char *weights = w + (size_t)p * panel_bytes + k * PANEL_WIDTH * w_bytes;
      const char *numbers = (const char *)x + k * x_bytes;
      if (kind == FLOATS)
        multiply_float(1, (const float *)numbers, 0, (const float *)weights, sums[p]);
      else if (left == 2)
        multiply_two(kind, 1, numbers, 0, (const uint16_t *)weights, sums[p]);
      else
        multiply_last(kind, 1, numbers, 0, (const uint16_t *)weights, sums[p]);
    }
  }
  UNROLLED for (int p = 0; p < count; p++)
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
      store(partial + p * PANEL_WIDTH + v * AIS_LANES, sums[p][0][v]);
}

INLINE void multiply_row(const arithmetic kind, const ais_panels *weights, size_t first_panel,
                         size_t end_panel, const void *x, float *out, int accumulate) {
  float partial[STREAMS * PANEL_WIDTH] __attribute__((aligned(64)));
  const size_t inputs = weights->inputs, outputs = weights->outputs;
  const size_t panel_bytes = ais_panel_elements(weights->type, inputs, PANEL_WIDTH) *
                             (kind == FLOATS ? 4 : 2);
  for (size_t panel = first_panel; panel < end_panel; panel += STREAMS) {
    const size_t panels = end_panel - panel < STREAMS ? end_panel - panel : STREAMS;
    const char *w = (const char *)weights->data + panel * panel_bytes;
    // If STREAMS is 2, `case 3` never occurs; it must still not use a third panel.
    switch (panels) {
      case 1: row_of(kind, 1, x, w, panel_bytes, inputs, partial); break;
      case 2: row_of(kind, 2, x, w, panel_bytes, inputs, partial); break;
      case 3: row_of(kind, STREAMS < 3 ? STREAMS : 3, x, w, panel_bytes, inputs, partial); break;
      default: row_of(kind, STREAMS, x, w, panel_bytes, inputs, partial); break;
    }
    const size_t output = panel * PANEL_WIDTH, wanted = panels * PANEL_WIDTH;
    finish(partial, weights->bias ? weights->bias + output : NULL, out + output,
           outputs - output < wanted ? outputs - output : wanted, accumulate);
  }
}

INLINE void multiply(const arithmetic kind, const ais_panels *weights, size_t first_panel,
                     size_t end_panel, const void *x, size_t rows, float *out, int accumulate) {
  if (rows == 1) return multiply_row(kind, weights, first_panel, end_panel, x, out, accumulate);
  float partial[AIS_PRODUCT_ROWS * PANEL_WIDTH] __attribute__((aligned(64)));
  // A slice is longer by at most one input, and one more to make it even.
  float widened[(SLICE_INPUTS + 2) * PANEL_WIDTH] __attribute__((aligned(64)));
  const size_t inputs = weights->inputs, outputs = weights->outputs;
  const size_t x_bytes = kind == HALF_PAIRS ? 2 : 4, w_bytes = kind == FLOATS ? 4 : 2;
  const size_t slice_inputs = kind == HALF_PAIRS ? 2 * SLICE_PAIRS : SLICE_INPUTS;
  const size_t slices = (inputs + slice_inputs - 1) / slice_inputs;
  const size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  // A wide panel's slice of floats would not fit into the first-level cache.
  const int widens = kind == HALVES && PANEL_VECTORS <= 2 && tiles >= WIDENED_TILES;
  // Inputs for each prefetch of a tile.
  const size_t per_ask = kind != FLOATS && !widens ? 2 : 1;
  for (size_t panel = first_panel; panel < end_panel; panel++) {
    const char *w = (const char *)weights->data +
                    panel * ais_panel_elements(weights->type, inputs, PANEL_WIDTH) * w_bytes;
    const size_t output = panel * PANEL_WIDTH;
    const size_t count = outputs - output < PANEL_WIDTH ? outputs - output : PANEL_WIDTH;
    const float *bias = weights->bias ? weights->bias + output : NULL;
    for (size_t slice = 0; slice < slices; slice++) {
      // An even number, for pairs.
      const size_t first = inputs * slice / slices / 2 * 2;
      const size_t end = slice + 1 == slices ? inputs : inputs * (slice + 1) / slices / 2 * 2;
      const size_t input_bytes = PANEL_WIDTH * w_bytes;
      const char *own = w + first * input_bytes;
      const int is_final = slice + 1 == slices && count == PANEL_WIDTH;
      if (widens) widen((const uint16_t *)own, end - first, widened);
      for (size_t t = 0; t < tiles; t++) {
        const size_t row = rows * t / tiles, tile_rows = rows * (t + 1) / tiles - row;
        const char *numbers = (const char *)x + (row * inputs + first) * x_bytes;
        const ais_ahead ahead =
            ais_ahead_of(own, per_ask * input_bytes, (end - first) / per_ask, t, tiles);
        const tile_sums place = {partial + row * PANEL_WIDTH, slice == 0,
                                 is_final ? out + row * outputs + output : NULL, outputs, bias, accumulate};
        if (widens)
          tile_of(FLOATS, tile_rows, numbers, inputs, widened, end - first, ahead, place);
        else
          tile_of(kind, tile_rows, numbers, inputs, own, end - first, ahead, place);
      }
    }
    if (count == PANEL_WIDTH) continue;
    for (size_t r = 0; r < rows; r++)
      finish(partial + r * PANEL_WIDTH, bias, out + r * outputs + output, count, accumulate);
  }
}

#ifdef AIS_BF16_DOT
void AIS_TWIN(ais_product_block_bf16_dot) AIS_PRODUCT_BLOCK_PARAMETERS {
  multiply(HALF_PAIRS, weights, first_panel, end_panel, x, rows, out, accumulate);
}
#else
void AIS_TWIN(ais_product_block_f32) AIS_PRODUCT_BLOCK_PARAMETERS {
  multiply(FLOATS, weights, first_panel, end_panel, x, rows, out, accumulate);
}

void AIS_TWIN(ais_product_block_bf16) AIS_PRODUCT_BLOCK_PARAMETERS {
  multiply(HALVES, weights, first_panel, end_panel, x, rows, out, accumulate);
}
#endif
