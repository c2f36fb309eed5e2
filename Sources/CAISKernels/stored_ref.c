#include <string.h>

#include "stored.h"

bool ais_stored_interleaves(ais_block_type type) {
  return ais_blocks_round_input(type);
}

size_t ais_stored_panel_bytes(ais_block_type type, size_t inputs, size_t width) {
  return inputs / stored_block_numbers(type) * stored_block_bytes(type) * width;
}

// Four rows' words, or one of each.
typedef uint32_t quad __attribute__((vector_size(16)));

// Moves the bits at even places to the lower half and the others to the upper one (Warren, Hacker's Delight, 7-2).
// It is for words and for quads of words.
#define UNSHUFFLE_STEP(bits, shift, mask)              \
  do {                                                 \
    const __typeof__(bits) t = (bits ^ bits >> shift) & mask; \
    bits ^= t ^ t << shift;                            \
  } while (0)
#define UNSHUFFLE(bits)                  \
  do {                                   \
    UNSHUFFLE_STEP(bits, 1, 0x22222222u); \
    UNSHUFFLE_STEP(bits, 2, 0x0c0c0c0cu); \
    UNSHUFFLE_STEP(bits, 4, 0x00f000f0u); \
    UNSHUFFLE_STEP(bits, 8, 0x0000ff00u); \
  } while (0)

// Reorders fifth bits from a file (number 4 · g + j at bit 4 · g + j) to a panel (at bit 8 · j + g). That rotates the
// five bits of a place by two, and each unshuffle rotates them by one.
static uint32_t grouped(uint32_t bits) {
  UNSHUFFLE(bits);
  UNSHUFFLE(bits);
  return bits;
}

STORED_INLINE quad grouped_quad(quad bits) {
  UNSHUFFLE(bits);
  UNSHUFFLE(bits);
  return bits;
}

// Three more rotations complete the five.
static uint32_t ungrouped(uint32_t bits) {
  UNSHUFFLE(bits);
  UNSHUFFLE(bits);
  UNSHUFFLE(bits);
  return bits;
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

// Where a block's halves begin, and its words. q6_K has its half after the words.
STORED_INLINE size_t first_half(ais_block_type type) {
  return type == AIS_BLOCKS_Q6_K ? stored_block_bytes(type) - stored_half_bytes(type) : 0;
}
STORED_INLINE size_t first_word(ais_block_type type) {
  return type == AIS_BLOCKS_Q6_K ? 0 : stored_half_bytes(type);
}

// Copies a block's halves, then its words, into a lane of an entry or back.
STORED_INLINE void copy_block(ais_block_type type, size_t width, size_t lane, uint8_t *block,
                              uint8_t *entry, int packs) {
  const size_t halves = stored_half_bytes(type), bytes = stored_block_bytes(type);
  for (size_t i = 0; i < halves; i += 2)
    copy(block + first_half(type) + i, entry + i * width + 2 * lane, 2, packs);
  for (size_t i = 0; i < bytes - halves; i += 4)
    copy(block + first_word(type) + i, entry + (halves + i) * width + 4 * lane, 4, packs);
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

// Packs the same block of four rows, `stride` bytes apart, into four lanes: four words of each row at a time.
STORED_INLINE void pack_four(ais_block_type type, size_t width, size_t lane, const uint8_t *block,
                             size_t stride, uint8_t *entry) {
  const size_t halves = stored_half_bytes(type), words = stored_block_bytes(type) - halves;
  const uint8_t *first = block + first_word(type);
  uint8_t *target = entry + halves * width + 4 * lane;
  for (size_t i = 0; i < halves; i += 2)
    for (size_t n = 0; n < 4; n++)
      memcpy(entry + i * width + 2 * (lane + n), block + n * stride + first_half(type) + i, 2);
  size_t i = 0;
  for (; i + 16 <= words; i += 16) {
    quad rows[4];
    for (size_t n = 0; n < 4; n++) memcpy(&rows[n], first + n * stride + i, 16);
    const quad low0 = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    const quad high0 = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const quad low1 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    const quad high1 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    quad lanes[4] = {__builtin_shufflevector(low0, low1, 0, 1, 4, 5),
                     __builtin_shufflevector(low0, low1, 2, 3, 6, 7),
                     __builtin_shufflevector(high0, high1, 0, 1, 4, 5),
                     __builtin_shufflevector(high0, high1, 2, 3, 6, 7)};
    if (i == 0 && stored_has_fifths(type)) lanes[0] = grouped_quad(lanes[0]);
    for (size_t k = 0; k < 4; k++) memcpy(target + (i + 4 * k) * width, &lanes[k], 16);
  }
  for (; i < words; i += 4)
    for (size_t n = 0; n < 4; n++)
      memcpy(target + i * width + 4 * n, first + n * stride + i, 4);
}

STORED_INLINE void pack_rows(ais_block_type type, size_t width, const uint8_t *rows, size_t count,
                             size_t inputs, uint8_t *panel) {
  const size_t block_bytes = stored_block_bytes(type), blocks = inputs / stored_block_numbers(type);
  const size_t stride = blocks * block_bytes;
  for (size_t b = 0; b < blocks; b++) {
    uint8_t *entry = panel + b * block_bytes * width;
    size_t n = 0;
    for (; n + 4 <= count; n += 4)
      pack_four(type, width, n, rows + n * stride + b * block_bytes, stride, entry);
    for (; n < count; n++)
      pack_block(type, width, n, rows + n * stride + b * block_bytes, entry);
  }
}

void ais_stored_pack(ais_block_type type, size_t width, const void *rows, size_t count, size_t inputs,
                     void *panel) {
  if (count < width) memset(panel, 0, ais_stored_panel_bytes(type, inputs, width));
  // For each type the compiler knows the sizes.
#define PACK(known) case known: return pack_rows(known, width, rows, count, inputs, panel)
  switch (type) {
    PACK(AIS_BLOCKS_Q4_0);
    PACK(AIS_BLOCKS_Q4_1);
    PACK(AIS_BLOCKS_Q5_0);
    PACK(AIS_BLOCKS_Q5_1);
    PACK(AIS_BLOCKS_Q8_0);
    PACK(AIS_BLOCKS_Q4_K);
    PACK(AIS_BLOCKS_Q5_K);
    PACK(AIS_BLOCKS_Q6_K);
    default: __builtin_trap();  // Other types are not interleaved.
  }
#undef PACK
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
