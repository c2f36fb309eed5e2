// The fast versions of int8_ref.c, compiled once for each instruction set. The file that includes this has defined
// PANEL_VECTORS, a panel's width in vectors, and ADD_BYTE_DOT(sum, x, w): sum plus, in each lane, the products of four
// unsigned bytes with four signed ones.
#include "ahead.h"
#include "ais_int8.h"
#include "ais_product.h"
#include "simd.h"

#define INLINE static inline __attribute__((always_inline))

enum {
  TILE_ROWS = AIS_PRODUCT_TILE,
  PANEL_WIDTH = PANEL_VECTORS * AIS_LANES,
  // Panels that one row is multiplied by at once, as in product_simd.h.
  STREAMS = 8 / PANEL_VECTORS,
};

INLINE void finish(const ais_byte_panels *weights, size_t output, size_t count, const int32_t *sums,
                   float x_scale, float *out, int accumulate) {
  const float *scales = weights->scales + output;
  const float *bias = weights->bias ? weights->bias + output : NULL;
  size_t i = 0;
  for (; i + AIS_LANES <= count; i += AIS_LANES) {
    vi sum, offset;
    memcpy(&sum, sums + i, sizeof sum);
    memcpy(&offset, weights->sums + output + i, sizeof offset);
    vf value = __builtin_convertvector(sum - offset * 128, vf) * (load(scales + i) * x_scale);
    if (bias) value += load(bias + i);
    store(out + i, accumulate ? load(out + i) + value : value);
  }
  for (; i < count; i++) {
    float value = (float)(sums[i] - 128 * weights->sums[output + i]) * (x_scale * scales[i]);
    if (bias) value += bias[i];
    out[i] = accumulate ? out[i] + value : value;
  }
}

INLINE void load_fours(const int8_t *w, vi *bytes) {
  UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) memcpy(&bytes[v], w + 4 * v * AIS_LANES, sizeof(vi));
}

// Adds the products of four numbers of some rows.
INLINE void add_fours(const int rows, const uint8_t *x, size_t stride, const int8_t *w,
                      vi (*sums)[PANEL_VECTORS]) {
  vi bytes[PANEL_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    int32_t four;
    memcpy(&four, x + (size_t)r * stride, sizeof four);
    const vi numbers = four - (vi){0};
    // With a tile of sums AVX2 has no registers left for weights, and reads them again for each row.
    if (r == 0 || AIS_LANES == 8) load_fours(w, bytes);
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++)
      sums[r][v] = ADD_BYTE_DOT(sums[r][v], numbers, bytes[v]);
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) ais_settle(sums[r][v]);
  }
}

INLINE void tile(const int rows, const ais_byte_panels *weights, size_t panel, ais_ahead ahead,
                 const uint8_t *x, const float *x_scales, float *out, int accumulate) {
  const size_t stride = ais_byte_row_stride(weights->inputs);
  const int8_t *w = weights->data + panel * PANEL_WIDTH * stride;
  vi sums[TILE_ROWS][PANEL_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < PANEL_VECTORS; v++) sums[r][v] = (vi){0};
  size_t k = 0;
  for (; k + 8 <= stride; k += 8, w += 8 * PANEL_WIDTH)
    UNROLLED for (int half = 0; half < 8; half += 4) {
      ais_ask(&ahead);
      add_fours(rows, x + k + half, stride, w + half * PANEL_WIDTH, sums);
    }
  if (k < stride) add_fours(rows, x + k, stride, w, sums);
  const size_t output = panel * PANEL_WIDTH, left = weights->outputs - output;
  UNROLLED for (int r = 0; r < rows; r++) {
    int32_t row[PANEL_WIDTH];
    memcpy(row, sums[r], sizeof row);
    finish(weights, output, left < PANEL_WIDTH ? left : PANEL_WIDTH, row, x_scales[r],
           out + (size_t)r * weights->outputs + output, accumulate);
  }
}

// One row by `count` panels.
INLINE void row_of(const int count, const ais_byte_panels *weights, size_t panel, const uint8_t *x,
                   float x_scale, float *out, int accumulate) {
  const size_t stride = ais_byte_row_stride(weights->inputs), panel_bytes = PANEL_WIDTH * stride;
  const int8_t *w = weights->data + panel * panel_bytes;
  vi sums[STREAMS][PANEL_VECTORS];
  for (int p = 0; p < count; p++)
    for (int v = 0; v < PANEL_VECTORS; v++) sums[p][v] = (vi){0};
  for (size_t k = 0; k < stride; k += 4, w += 4 * PANEL_WIDTH) {
    int32_t four;
    memcpy(&four, x + k, sizeof four);
    const vi numbers = four - (vi){0};
    for (int p = 0; p < count; p++)
      for (int v = 0; v < PANEL_VECTORS; v++) {
        vi bytes;
        memcpy(&bytes, w + (size_t)p * panel_bytes + 4 * v * AIS_LANES, sizeof bytes);
        sums[p][v] = ADD_BYTE_DOT(sums[p][v], numbers, bytes);
      }
  }
  const size_t output = panel * PANEL_WIDTH, left = weights->outputs - output;
  const size_t wanted = (size_t)count * PANEL_WIDTH;
  int32_t row[STREAMS * PANEL_WIDTH];
  memcpy(row, sums, (size_t)count * sizeof sums[0]);
  finish(weights, output, left < wanted ? left : wanted, row, x_scale, out + output, accumulate);
}

INLINE void multiply_row(const ais_byte_panels *weights, size_t first_panel, size_t end_panel,
                         const uint8_t *x, float x_scale, float *out, int accumulate) {
  for (size_t panel = first_panel; panel < end_panel; panel += STREAMS) {
    // If STREAMS is 2, `case 3` is like larger ones, and takes two panels.
    switch (end_panel - panel) {
      case 1: row_of(1, weights, panel, x, x_scale, out, accumulate); break;
      case 2: row_of(2, weights, panel, x, x_scale, out, accumulate); break;
      case 3: row_of(STREAMS < 3 ? STREAMS : 3, weights, panel, x, x_scale, out, accumulate); break;
      default: row_of(STREAMS, weights, panel, x, x_scale, out, accumulate); break;
    }
  }
}

INLINE void multiply AIS_BYTE_BLOCK_PARAMETERS {
  if (rows == 1)
    return multiply_row(weights, first_panel, end_panel, x, x_scales[0], out, accumulate);
  const size_t stride = ais_byte_row_stride(weights->inputs);
  const size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t panel = first_panel; panel < end_panel; panel++) {
    const int8_t *own = weights->data + panel * PANEL_WIDTH * stride;
    for (size_t t = 0; t < tiles; t++) {
      const size_t row = rows * t / tiles, count = rows * (t + 1) / tiles - row;
      const uint8_t *from = x + row * stride;
      float *to = out + row * weights->outputs;
      const ais_ahead ahead = ais_ahead_of(own, 4 * PANEL_WIDTH, stride / 4, t, tiles);
      switch (count) {
        case 1: tile(1, weights, panel, ahead, from, x_scales + row, to, accumulate); break;
        case 2: tile(2, weights, panel, ahead, from, x_scales + row, to, accumulate); break;
        case 3: tile(3, weights, panel, ahead, from, x_scales + row, to, accumulate); break;
        case 4: tile(4, weights, panel, ahead, from, x_scales + row, to, accumulate); break;
        case 5: tile(5, weights, panel, ahead, from, x_scales + row, to, accumulate); break;
        case 6: tile(6, weights, panel, ahead, from, x_scales + row, to, accumulate); break;
        default: break;
      }
    }
  }
}

typedef uint8_t vb __attribute__((vector_size(AIS_LANES)));

INLINE void round_bytes AIS_ROUND_BYTES_PARAMETERS {
  const size_t whole = inputs / AIS_LANES * AIS_LANES, stride = ais_byte_row_stride(inputs);
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * inputs;
    vf top = splat(0);
    for (size_t i = 0; i < whole; i += AIS_LANES)
      top = max_v(__builtin_elementwise_abs(load(row + i)), top);
    float largest = max_lane(top);
    for (size_t i = whole; i < inputs; i++) {
      const float size = __builtin_fabsf(row[i]);
      if (size > largest) largest = size;
    }
    scales[r] = largest / 127;
    const float inverse = largest > 0 ? 127 / largest : 0;
    uint8_t *to = out + r * stride;
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      const vf nearest = __builtin_elementwise_rint(load(row + i) * inverse);
      const vb bytes = __builtin_convertvector(__builtin_convertvector(nearest, vi) + 128, vb);
      memcpy(to + i, &bytes, sizeof bytes);
    }
    for (size_t i = whole; i < stride; i++)
      to[i] = (uint8_t)(128 + (i < inputs ? (int)__builtin_rintf(row[i] * inverse) : 0));
  }
}
