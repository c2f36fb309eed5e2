#include <string.h>

#include "stored.h"

bool ais_stored_interleaves(ais_block_type type) {
  return ais_blocks_round_input(type);
}

size_t ais_stored_panel_bytes(ais_block_type type, size_t inputs, size_t width) {
  return inputs / stored_block_numbers(type) * stored_block_bytes(type) * width;
}

// Reorders fifth bits from a file (number 4 · g + j at bit 4 · g + j) to a panel (at bit 8 · j + g).
static uint32_t grouped(uint32_t bits) {
  uint32_t result = 0;
  for (uint32_t g = 0; g < 8; g++)
    for (uint32_t j = 0; j < 4; j++) result |= (bits >> (4 * g + j) & 1) << (8 * j + g);
  return result;
}

static uint32_t ungrouped(uint32_t bits) {
  uint32_t result = 0;
  for (uint32_t g = 0; g < 8; g++)
    for (uint32_t j = 0; j < 4; j++) result |= (bits >> (8 * j + g) & 1) << (4 * g + j);
  return result;
}

STORED_INLINE void order_fifths(ais_block_type type, uint8_t *place, uint32_t (*order)(uint32_t)) {
  if (!stored_has_fifths(type)) return;
  uint32_t bits;
  memcpy(&bits, place, sizeof bits);
  bits = order(bits);
  memcpy(place, &bits, sizeof bits);
}

STORED_INLINE void copy(void *block, void *entry, size_t bytes, int packs) {
  memcpy(packs ? entry : block, packs ? block : entry, bytes);
}

// Copies a block's halves, then its words, into a lane of an entry or back. q6_K has its half after the words.
STORED_INLINE void copy_block(ais_block_type type, size_t width, size_t lane, uint8_t *block,
                              uint8_t *entry, int packs) {
  const size_t halves = stored_half_bytes(type), bytes = stored_block_bytes(type);
  uint8_t *first_half = type == AIS_BLOCKS_Q6_K ? block + bytes - halves : block;
  uint8_t *first_word = type == AIS_BLOCKS_Q6_K ? block : block + halves;
  for (size_t i = 0; i < halves; i += 2)
    copy(first_half + i, entry + i * width + 2 * lane, 2, packs);
  for (size_t i = 0; i < bytes - halves; i += 4)
    copy(first_word + i, entry + (halves + i) * width + 4 * lane, 4, packs);
}

STORED_INLINE void pack_block(ais_block_type type, size_t width, size_t lane, const uint8_t *block,
                              uint8_t *entry) {
  copy_block(type, width, lane, (uint8_t *)block, entry, 1);
  order_fifths(type, entry + stored_half_bytes(type) * width + 4 * lane, grouped);
}

static void unpack_block(ais_block_type type, size_t width, size_t lane, const uint8_t *entry,
                         uint8_t *block) {
  copy_block(type, width, lane, block, (uint8_t *)entry, 0);
  order_fifths(type, block + stored_half_bytes(type), ungrouped);
}

void ais_stored_pack(ais_block_type type, size_t width, const void *rows, size_t count, size_t inputs,
                     void *panel) {
  const size_t block_bytes = stored_block_bytes(type), blocks = inputs / stored_block_numbers(type);
  if (count < width) memset(panel, 0, ais_stored_panel_bytes(type, inputs, width));
  for (size_t b = 0; b < blocks; b++)
    for (size_t n = 0; n < count; n++)
      pack_block(type, width, n, (const uint8_t *)rows + (n * blocks + b) * block_bytes,
                 (uint8_t *)panel + b * block_bytes * width);
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
      double sums[ROWS_TOGETHER] = {0};
      for (size_t b = 0; b < blocks; b++) {
        uint8_t block[256];
        float w[256];
        unpack_block(type, width, n % width, panel + b * entry_bytes, block);
        ais_blocks_widen(type, block, numbers, w);
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
