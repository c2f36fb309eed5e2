// Packs weights into panels. In every format a panel is a matrix of 32-bit words with one column for each output; a
// word holds one float, two bfloat16 or four bytes of consecutive inputs. Rows are turned into words, and squares of
// four by four words are transposed in registers, so that memory is written in vectors.

#include <string.h>

#include "ais_int8.h"
#include "ais_product.h"
#include "bf16.h"

enum { square = 4, strip = 16, most_per_word = 4 };

typedef uint32_t words __attribute__((vector_size(square * 4)));

// Makes a strip of words from inputs, multiplied by a factor if the format has one.
typedef void (*make_words)(const float *x, float factor, uint32_t *out);

static void float_words(const float *x, float factor, uint32_t *out) {
  (void)factor;
  memcpy(out, x, strip * sizeof *x);
}

static void bf16_words(const float *x, float factor, uint32_t *out) {
  (void)factor;
  for (size_t i = 0; i < strip; i++)
    out[i] = ais_bf16_from_float(x[2 * i]) | (uint32_t)ais_bf16_from_float(x[2 * i + 1]) << 16;
}

// Rounds to nearest even, for magnitudes below 2^22: adding 1.5 · 2^23 leaves no bits after the point, and the lowest
// byte of the sum is the number.
static uint32_t rounded_byte(float value) {
  const float shifted = value + 12582912.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return bits & 0xff;
}

static void byte_words(const float *x, float factor, uint32_t *out) {
  for (size_t i = 0; i < strip; i++)
    out[i] = rounded_byte(x[4 * i] * factor) | rounded_byte(x[4 * i + 1] * factor) << 8 |
             rounded_byte(x[4 * i + 2] * factor) << 16 | rounded_byte(x[4 * i + 3] * factor) << 24;
}

// Writes `count` words of four rows as columns of a panel.
static inline void turn(uint32_t rows[square][strip], size_t count, size_t width, uint32_t *panel) {
  for (size_t first = 0; first < count; first += square) {
    words r[square];
    for (size_t i = 0; i < square; i++) memcpy(&r[i], rows[i] + first, sizeof r[i]);
    const words low01 = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
    const words high01 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
    const words low23 = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
    const words high23 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    r[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    r[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    r[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    r[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
    for (size_t i = 0; i < square && first + i < count; i++)
      memcpy(panel + (first + i) * width, &r[i], sizeof r[i]);
  }
}

// Packs rows [count, inputs] into a panel of `depth` words for each of `width` outputs; missing outputs are zero.
// factors [width].
static inline __attribute__((always_inline)) void pack(make_words make, size_t per_word,
                                                       const float *factors, size_t width,
                                                       const float *rows, size_t count, size_t inputs,
                                                       size_t depth, uint32_t *panel) {
  const size_t wanted = strip * per_word;
  for (size_t first = 0; first < depth; first += strip) {
    const size_t begin = first * per_word;
    const size_t there = inputs - begin;
    for (size_t lane = 0; lane < width; lane += square) {
      uint32_t block[square][strip];
      for (size_t i = 0; i < square; i++) {
        const float *x = rows + (lane + i) * inputs + begin;
        float padded[strip * most_per_word];
        if (lane + i >= count || there < wanted) {
          memset(padded, 0, sizeof padded);
          if (lane + i < count) memcpy(padded, x, there * sizeof *x);
          x = padded;
        }
        make(x, factors ? factors[lane + i] : 1, block[i]);
      }
      turn(block, depth - first < strip ? depth - first : strip, width, panel + first * width + lane);
    }
  }
}

void ais_pack_panel(ais_dtype type, size_t width, const float *rows, size_t count, size_t inputs,
                    void *panel) {
  const size_t depth = ais_panel_elements(type, inputs, width) / width;
  if (type == AIS_F32)
    pack(float_words, 1, NULL, width, rows, count, inputs, depth, panel);
  else
    pack(bf16_words, 2, NULL, width, rows, count, inputs, depth / 2, panel);
}

// Magnitudes of floats have the order of their bits without the sign.
static float largest_magnitude(const float *x, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  float value;
  memcpy(&value, &largest, sizeof value);
  return value;
}

void ais_pack_byte_panel(size_t width, int limit, const float *rows, size_t count, size_t inputs,
                         int8_t *panel, int32_t *sums, float *scales) {
  float factors[AIS_WIDEST_PANEL];
  for (size_t lane = 0; lane < width; lane++) {
    const float largest = lane < count ? largest_magnitude(rows + lane * inputs, inputs) : 0;
    scales[lane] = largest / (float)limit;
    factors[lane] = largest > 0 ? (float)limit / largest : 0;
  }
  const size_t depth = ais_byte_row_stride(inputs) / 4;
  pack(byte_words, 4, factors, width, rows, count, inputs, depth, (uint32_t *)(void *)panel);
  memset(sums, 0, width * sizeof *sums);
  for (size_t word = 0; word < depth; word++)
    for (size_t lane = 0; lane < width; lane++)
      for (size_t i = 0; i < 4; i++) sums[lane] += panel[(word * width + lane) * 4 + i];
}
