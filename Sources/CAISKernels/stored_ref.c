#include <string.h>

#include "ais_dequantize.h"
#include "stored.h"

bool ais_stored_interleaves(ais_block_type type) {
  return type >= AIS_BLOCKS_Q4_0 && type <= AIS_BLOCKS_Q8_0;
}

size_t ais_stored_panel_bytes(ais_block_type type, size_t inputs, size_t width) {
  return inputs / 32 * stored_block_bytes(type) * width;
}

// The fifth bits as they lie in a file, number i at bit i, in the order of groups.
static uint32_t grouped(uint32_t bits) {
  uint32_t result = 0;
  for (uint32_t g = 0; g < 8; g++)
    for (uint32_t j = 0; j < 4; j++) result |= (bits >> (4 * g + j) & 1) << (8 * j + g);
  return result;
}

void ais_stored_pack(ais_block_type type, size_t width, const void *rows, size_t count, size_t inputs,
                     void *panel) {
  const size_t block_bytes = stored_block_bytes(type), head = stored_head_bytes(type);
  const size_t row_bytes = inputs / 32 * block_bytes;
  if (count < width) memset(panel, 0, ais_stored_panel_bytes(type, inputs, width));
  for (size_t b = 0; b < inputs / 32; b++) {
    uint8_t *entry = (uint8_t *)panel + b * block_bytes * width;
    for (size_t n = 0; n < count; n++) {
      const uint8_t *block = (const uint8_t *)rows + n * row_bytes + b * block_bytes;
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

static float half_at(const uint8_t *bytes) {
  float value;
  ais_dequantize_f16_ref(bytes, &value, 1);
  return value;
}

// Number i of a lane.
static int number(ais_block_type type, const uint8_t *entry, size_t width, size_t lane, size_t i) {
  const uint8_t *groups = entry + stored_head_bytes(type) * width + 4 * lane;
  const size_t g = i / 4, j = i % 4;
  if (type == AIS_BLOCKS_Q8_0) return (int8_t)groups[g * 4 * width + j];
  const uint8_t both = groups[g % 4 * 4 * width + j];
  int q = g < 4 ? both & 15 : both >> 4;
  if (stored_has_fifths(type)) {
    const uint8_t *fifths = entry + (stored_head_bytes(type) - 4) * width + 4 * lane;
    q |= (fifths[j] >> g & 1) << 4;
  }
  return q - stored_zero(type);
}

void ais_stored_panels_of_width(size_t width, ais_block_type type, const void *panels,
                                size_t first_panel, size_t end_panel, size_t outputs,
                                const ais_byte_rows *x, const float *bias, float *out,
                                size_t stride, int accumulate) {
  const size_t blocks = x->inputs / 32, entry_bytes = stored_block_bytes(type) * width;
  const size_t end = end_panel * width < outputs ? end_panel * width : outputs;
  for (size_t r = 0; r < x->rows; r++) {
    for (size_t n = first_panel * width; n < end; n++) {
      double sum = 0;
      for (size_t b = 0; b < blocks; b++) {
        const uint8_t *entry = (const uint8_t *)panels + (n / width * blocks + b) * entry_bytes;
        const size_t lane = n % width;
        const int8_t *bytes = x->bytes + r * x->inputs + 32 * b;
        int dot = 0;
        for (size_t i = 0; i < 32; i++) dot += bytes[i] * number(type, entry, width, lane, i);
        sum += (double)x->scales[r * padded(blocks) + b] * half_at(entry + 2 * lane) * dot;
        if (stored_has_minima(type))
          sum += (double)x->sums[r * padded(blocks) + b] * half_at(entry + 2 * (width + lane));
      }
      float *place = out + r * stride + n;
      const float value = (float)sum + (bias ? bias[n] : 0);
      *place = accumulate ? *place + value : value;
    }
  }
}

void ais_stored_panels_ref AIS_STORED_PARAMETERS {
  ais_stored_panels_of_width(8, type, panels, first_panel, end_panel, outputs, x, bias, out, stride,
                             accumulate);
}
