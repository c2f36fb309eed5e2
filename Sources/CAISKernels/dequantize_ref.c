// The specification of every stored encoding, one number at a time. See ais_dequantize.h.
#include "ais_dequantize.h"

#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static float float_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint16_t load16(const uint8_t *bytes) {
  return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static float float_from_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 0x1f;
  uint32_t fraction = half & 0x3ff;
  if (exponent == 31) {
    uint32_t quiet = fraction ? 0x400000 : 0;
    return float_from_bits(sign | 0x7f800000 | quiet | fraction << 13);
  }
  if (exponent == 0) {
    // Zero or subnormal: a multiple of 2^-24, which a float holds exactly.
    float magnitude = (float)fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static float load_half(const uint8_t *bytes) {
  return float_from_half(load16(bytes));
}

void ais_dequantize_f16_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *bytes = blocks;
  for (size_t i = 0; i < blockCount; i++) out[i] = load_half(bytes + 2 * i);
}

void ais_dequantize_bf16_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *bytes = blocks;
  for (size_t i = 0; i < blockCount; i++)
    out[i] = float_from_bits((uint32_t)load16(bytes + 2 * i) << 16);
}

// MARK: Blocks of 32. Byte i of the 4-bit part holds number i (low half) and i + 16 (high half).

static int nibble(const uint8_t *quants, int i) {
  return i < 16 ? quants[i] & 15 : quants[i - 16] >> 4;
}

static int fifth_bit(const uint8_t *bits, int i) {
  return (bits[i / 8] >> (i % 8)) & 1;
}

void ais_dequantize_q4_0_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 18, out += 32) {
    float d = load_half(block);
    for (int i = 0; i < 32; i++) out[i] = (float)(nibble(block + 2, i) - 8) * d;
  }
}

void ais_dequantize_q4_1_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 20, out += 32) {
    float d = load_half(block);
    float m = load_half(block + 2);
    for (int i = 0; i < 32; i++) {
      float scaled = (float)nibble(block + 4, i) * d;
      out[i] = scaled + m;
    }
  }
}

void ais_dequantize_q5_0_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 22, out += 32) {
    float d = load_half(block);
    for (int i = 0; i < 32; i++) {
      int q = nibble(block + 6, i) | fifth_bit(block + 2, i) << 4;
      out[i] = (float)(q - 16) * d;
    }
  }
}

void ais_dequantize_q5_1_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 24, out += 32) {
    float d = load_half(block);
    float m = load_half(block + 2);
    for (int i = 0; i < 32; i++) {
      int q = nibble(block + 8, i) | fifth_bit(block + 4, i) << 4;
      float scaled = (float)q * d;
      out[i] = scaled + m;
    }
  }
}

void ais_dequantize_q8_0_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 34, out += 32) {
    float d = load_half(block);
    for (int i = 0; i < 32; i++) out[i] = (float)(int8_t)block[2 + i] * d;
  }
}

// MARK: Blocks of 256

// Number i of a block whose 2-bit parts lie in bytes of four, 32 bytes to each half of the block.
static int two_bits(const uint8_t *quants, int i) {
  return (quants[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
}

// Number i of a block whose 4-bit parts lie in 32 bytes to each quarter of the block.
static int four_bits(const uint8_t *quants, int i) {
  return (quants[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4)) & 15;
}

// The eight 6-bit scales and minima of q4_K and q5_K share 12 bytes: the first four of each kind
// lie whole in the low six bits of bytes 0–3 and 4–7; the last four have their low halves in bytes
// 8–11 and their top two bits above the first four.
static int packed_scale(const uint8_t *packed, int j) {
  return j < 4 ? packed[j] & 63 : (packed[j + 4] & 15) | packed[j - 4] >> 6 << 4;
}

static int packed_minimum(const uint8_t *packed, int j) {
  return j < 4 ? packed[j + 4] & 63 : packed[j + 4] >> 4 | packed[j] >> 6 << 4;
}

void ais_dequantize_q2_K_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 84, out += 256) {
    float d = load_half(block + 80);
    float m = load_half(block + 82);
    for (int i = 0; i < 256; i++) {
      float scale = d * (float)(block[i / 16] & 15);
      float minimum = m * (float)(block[i / 16] >> 4);
      float scaled = scale * (float)two_bits(block + 16, i);
      out[i] = scaled - minimum;
    }
  }
}

void ais_dequantize_q3_K_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 110, out += 256) {
    const uint8_t *packed = block + 96;
    float d = load_half(block + 108);
    for (int i = 0; i < 256; i++) {
      int j = i / 16;
      int low = j < 8 ? packed[j] & 15 : packed[j - 8] >> 4;
      int high = (packed[8 + j % 4] >> (j / 4 * 2)) & 3;
      float scale = d * (float)((low | high << 4) - 32);
      int third = (block[i % 32] >> (i / 32)) & 1;
      int q = (two_bits(block + 32, i) | third << 2) - 4;
      out[i] = scale * (float)q;
    }
  }
}

void ais_dequantize_q4_K_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 144, out += 256) {
    float d = load_half(block);
    float m = load_half(block + 2);
    for (int i = 0; i < 256; i++) {
      float scale = d * (float)packed_scale(block + 4, i / 32);
      float minimum = m * (float)packed_minimum(block + 4, i / 32);
      float scaled = scale * (float)four_bits(block + 16, i);
      out[i] = scaled - minimum;
    }
  }
}

void ais_dequantize_q5_K_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 176, out += 256) {
    float d = load_half(block);
    float m = load_half(block + 2);
    for (int i = 0; i < 256; i++) {
      float scale = d * (float)packed_scale(block + 4, i / 32);
      float minimum = m * (float)packed_minimum(block + 4, i / 32);
      int fifth = (block[16 + i % 32] >> (i / 32)) & 1;
      float scaled = scale * (float)(four_bits(block + 48, i) | fifth << 4);
      out[i] = scaled - minimum;
    }
  }
}

void ais_dequantize_q6_K_ref(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 210, out += 256) {
    float d = load_half(block + 208);
    for (int i = 0; i < 256; i++) {
      // In each half of 128: bytes 0–63 hold numbers 0–63 low and 64–127 high.
      int low = (block[i / 128 * 64 + i % 64] >> (i % 128 / 64 * 4)) & 15;
      int q = low | two_bits(block + 128, i) << 4;
      float scale = d * (float)(int8_t)block[192 + i / 16];
      out[i] = scale * (float)(q - 32);
    }
  }
}
