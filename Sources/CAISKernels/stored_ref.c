#include <string.h>

#include "ais_dequantize.h"
#include "stored.h"

bool ais_stored_interleaves(ais_block_type type) {
  return ais_blocks_round_input(type);
}

size_t ais_stored_panel_bytes(ais_block_type type, size_t inputs, size_t width) {
  return inputs / stored_block_numbers(type) * stored_block_bytes(type) * width;
}

// The fifth bits as they lie in a file, number i at bit i, in the order of groups.
static uint32_t grouped(uint32_t bits) {
  uint32_t result = 0;
  for (uint32_t g = 0; g < 8; g++)
    for (uint32_t j = 0; j < 4; j++) result |= (bits >> (4 * g + j) & 1) << (8 * j + g);
  return result;
}

// A block of 256: its one or two halves, then its words in their order.
static void pack_k(ais_block_type type, size_t width, const uint8_t *block, uint8_t *entry, size_t lane) {
  const size_t scale = type == AIS_BLOCKS_Q6_K ? 208 : 0;
  const size_t first = type == AIS_BLOCKS_Q6_K ? 0 : 4, head = type == AIS_BLOCKS_Q6_K ? 2 : 4;
  for (size_t i = 0; i < head; i += 2)
    memcpy(entry + i * width + 2 * lane, block + scale + i, 2);
  for (size_t i = 0; i < stored_block_bytes(type) - head; i += 4)
    memcpy(entry + (head + i) * width + 4 * lane, block + first + i, 4);
}

void ais_stored_pack(ais_block_type type, size_t width, const void *rows, size_t count, size_t inputs,
                     void *panel) {
  const size_t block_bytes = stored_block_bytes(type), head = stored_head_bytes(type);
  const size_t blocks = inputs / stored_block_numbers(type), row_bytes = blocks * block_bytes;
  if (count < width) memset(panel, 0, ais_stored_panel_bytes(type, inputs, width));
  for (size_t b = 0; b < blocks; b++) {
    uint8_t *entry = (uint8_t *)panel + b * block_bytes * width;
    for (size_t n = 0; n < count; n++) {
      const uint8_t *block = (const uint8_t *)rows + n * row_bytes + b * block_bytes;
      if (stored_is_k(type)) {
        pack_k(type, width, block, entry, n);
        continue;
      }
      memcpy(entry + 2 * n, block, 2);
      if (stored_has_minima(type)) memcpy(entry + 2 * width + 2 * n, block + 2, 2);
      if (stored_has_fifths(type)) {
        uint32_t bits;
        memcpy(&bits, block + head - 4, 4);
        bits = grouped(bits);
        memcpy(entry + (head - 4) * width + 4 * n, &bits, 4);
      }
      for (size_t i = head; i < block_bytes; i += 4)
        memcpy(entry + i * width + 4 * n, block + i, 4);
    }
  }
}

static double half_at(const uint8_t *bytes) {
  float value;
  ais_dequantize_f16_ref(bytes, &value, 1);
  return value;
}

// Byte i of a lane's words that begin at `start` bytes of one row.
static uint8_t byte_at(const uint8_t *entry, size_t width, size_t lane, size_t start, size_t i) {
  return entry[start * width + i / 4 * 4 * width + 4 * lane + i % 4];
}

// A lane's block of 32.
static void widen_32(ais_block_type type, const uint8_t *entry, size_t width, size_t lane, double *w) {
  const double d = half_at(entry + 2 * lane);
  const double minimum = stored_has_minima(type) ? half_at(entry + 2 * (width + lane)) : 0;
  const size_t head = stored_head_bytes(type);
  for (size_t i = 0; i < 32; i++) {
    const size_t g = i / 4;
    if (type == AIS_BLOCKS_Q8_0) {
      w[i] = d * (int8_t)byte_at(entry, width, lane, head, i);
      continue;
    }
    const uint8_t both = byte_at(entry, width, lane, head, i % 16);
    int q = g < 4 ? both & 15 : both >> 4;
    if (stored_has_fifths(type)) q |= (byte_at(entry, width, lane, head - 4, i % 4) >> g & 1) << 4;
    w[i] = d * (q - stored_zero(type)) + minimum;
  }
}

// A lane's block of 256.
static void widen_256(ais_block_type type, const uint8_t *entry, size_t width, size_t lane, double *w) {
  const size_t scales = stored_k_scales(type), highs = stored_k_highs(type), lows = stored_k_lows(type);
  const double d = half_at(entry + 2 * lane);
  const double m = type == AIS_BLOCKS_Q6_K ? 0 : half_at(entry + 2 * (width + lane));
#define BYTE(start, i) byte_at(entry, width, lane, start, i)
  for (size_t i = 0; i < 256; i++) {
    const size_t part = i / 32, j = i % 32;
    if (type == AIS_BLOCKS_Q6_K) {
      const size_t half = part / 4, quarter = part % 4;
      const uint8_t both = BYTE(lows, 64 * half + 32 * (quarter % 2) + j);
      const int q = (quarter < 2 ? both & 15 : both >> 4) |
                    (BYTE(highs, 32 * half + j) >> (2 * quarter) & 3) << 4;
      w[i] = d * (int8_t)BYTE(scales, i / 16) * (q - 32);
      continue;
    }
    const uint8_t both = BYTE(lows, 32 * (part / 2) + j);
    int q = part % 2 ? both >> 4 : both & 15;
    if (type == AIS_BLOCKS_Q5_K) q |= (BYTE(highs, j) >> part & 1) << 4;
    int scale = BYTE(scales, part) & 63, minimum = BYTE(scales, part + 4) & 63;
    if (part >= 4) {
      scale = (BYTE(scales, part + 4) & 15) | BYTE(scales, part - 4) >> 6 << 4;
      minimum = BYTE(scales, part + 4) >> 4 | BYTE(scales, part) >> 6 << 4;
    }
    w[i] = d * scale * q - m * minimum;
  }
#undef BYTE
}

// Rows of x that share a block's widened numbers.
enum { ROWS_TOGETHER = 16 };

void ais_stored_panels_of_width(size_t width, ais_block_type type, const void *panels,
                                size_t first_panel, size_t end_panel, size_t outputs,
                                const ais_byte_rows *x, const float *bias, float *out,
                                size_t stride, int accumulate) {
  const size_t inputs = x->inputs, numbers = stored_block_numbers(type), blocks = inputs / numbers;
  const size_t entry_bytes = stored_block_bytes(type) * width, row_scales = padded(inputs / 32);
  const size_t end = end_panel * width < outputs ? end_panel * width : outputs;
  for (size_t n = first_panel * width; n < end; n++) {
    const uint8_t *panel = (const uint8_t *)panels + n / width * blocks * entry_bytes;
    for (size_t first = 0; first < x->rows; first += ROWS_TOGETHER) {
      const size_t left = x->rows - first, rows = left < ROWS_TOGETHER ? left : ROWS_TOGETHER;
      double sums[ROWS_TOGETHER] = {0}, w[256];
      for (size_t b = 0; b < blocks; b++) {
        (stored_is_k(type) ? widen_256 : widen_32)(type, panel + b * entry_bytes, width, n % width, w);
        for (size_t r = 0; r < rows; r++)
          for (size_t i = 0; i < numbers; i++)
            sums[r] += (double)x->scales[(first + r) * row_scales + (b * numbers + i) / 32] *
                       x->bytes[(first + r) * inputs + b * numbers + i] * w[i];
      }
      for (size_t r = 0; r < rows; r++) {
        float *place = out + (first + r) * stride + n;
        const float value = (float)sums[r] + (bias ? bias[n] : 0);
        *place = accumulate ? *place + value : value;
      }
    }
  }
}

void ais_stored_panels_ref AIS_STORED_PARAMETERS {
  ais_stored_panels_of_width(8, type, panels, first_panel, end_panel, outputs, x, bias, out, stride,
                             accumulate);
}
