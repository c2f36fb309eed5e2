// Converts eight numbers at a time, bit-equal to dequantize_ref.c: see ais_dequantize.h.
#if defined(__x86_64__)
#include "ais_dequantize.h"

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

// FMA is not in the target, since fusing a product and a sum would change bits.
#pragma STDC FP_CONTRACT OFF
#define AVX2 __attribute__((target("avx2,f16c")))
#define AVX2_INLINE static inline __attribute__((target("avx2,f16c"), always_inline))

AVX2_INLINE float load_half(const uint8_t *bytes) {
  uint16_t half;
  memcpy(&half, bytes, sizeof half);
  return _cvtsh_ss(half);
}

AVX2_INLINE __m128i load16(const uint8_t *bytes) {
  return _mm_loadu_si128((const __m128i *)bytes);
}

AVX2_INLINE __m256i load32(const uint8_t *bytes) {
  return _mm256_loadu_si256((const __m256i *)bytes);
}

AVX2_INLINE __m128i low_nibbles(__m128i bytes) {
  return _mm_and_si128(bytes, _mm_set1_epi8(15));
}

AVX2_INLINE __m128i high_nibbles(__m128i bytes) {
  return low_nibbles(_mm_srli_epi16(bytes, 4));
}

// The eight signed bytes in the low half of `bytes` as floats.
AVX2_INLINE __m256 floats8(__m128i bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}

// out[0..15] = q · d
AVX2_INLINE void store_scaled(__m128i q, __m256 d, float *out) {
  _mm256_storeu_ps(out, _mm256_mul_ps(floats8(q), d));
  _mm256_storeu_ps(out + 8, _mm256_mul_ps(floats8(_mm_srli_si128(q, 8)), d));
}

// out[0..15] = q · d + m
AVX2_INLINE void store_affine(__m128i q, __m256 d, __m256 m, float *out) {
  __m256 low = _mm256_mul_ps(floats8(q), d);
  __m256 high = _mm256_mul_ps(floats8(_mm_srli_si128(q, 8)), d);
  _mm256_storeu_ps(out, _mm256_add_ps(low, m));
  _mm256_storeu_ps(out + 8, _mm256_add_ps(high, m));
}

// out[0..31] = q · d − m
AVX2_INLINE void store_above(__m256i q, __m256 d, __m256 m, float *out) {
  __m128i halves[2] = {_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1)};
  for (int h = 0; h < 2; h++) {
    __m256 low = _mm256_mul_ps(floats8(halves[h]), d);
    __m256 high = _mm256_mul_ps(floats8(_mm_srli_si128(halves[h], 8)), d);
    _mm256_storeu_ps(out + 16 * h, _mm256_sub_ps(low, m));
    _mm256_storeu_ps(out + 16 * h + 8, _mm256_sub_ps(high, m));
  }
}

AVX2 void ais_dequantize_f16_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *bytes = blocks;
  size_t i = 0;
  for (; i + 8 <= blockCount; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(load16(bytes + 2 * i)));
  for (; i < blockCount; i++) out[i] = load_half(bytes + 2 * i);
}

AVX2 void ais_dequantize_bf16_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *bytes = blocks;
  size_t i = 0;
  for (; i + 8 <= blockCount; i += 8) {
    __m256i wide = _mm256_cvtepu16_epi32(load16(bytes + 2 * i));
    _mm256_storeu_si256((__m256i *)(out + i), _mm256_slli_epi32(wide, 16));
  }
  ais_dequantize_bf16_ref(bytes + 2 * i, out + i, blockCount - i);
}

AVX2 void ais_dequantize_q4_0_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m128i offset = _mm_set1_epi8(8);
  for (size_t b = 0; b < blockCount; b++, block += 18, out += 32) {
    __m256 d = _mm256_set1_ps(load_half(block));
    __m128i quants = load16(block + 2);
    store_scaled(_mm_sub_epi8(low_nibbles(quants), offset), d, out);
    store_scaled(_mm_sub_epi8(high_nibbles(quants), offset), d, out + 16);
  }
}

AVX2 void ais_dequantize_q4_1_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 20, out += 32) {
    __m256 d = _mm256_set1_ps(load_half(block));
    __m256 m = _mm256_set1_ps(load_half(block + 2));
    __m128i quants = load16(block + 4);
    store_affine(low_nibbles(quants), d, m, out);
    store_affine(high_nibbles(quants), d, m, out + 16);
  }
}

// Byte i is 16 if bit i of the two bytes at `bits` is set, else 0.
AVX2_INLINE __m128i fifth_bits(const uint8_t *bits) {
  const __m128i which = _mm_set1_epi64x((long long)0x8040201008040201u);
  const __m128i spread = _mm_set_epi8(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  uint16_t word;
  memcpy(&word, bits, sizeof word);
  __m128i bytes = _mm_shuffle_epi8(_mm_cvtsi32_si128(word), spread);
  __m128i set = _mm_cmpeq_epi8(_mm_and_si128(bytes, which), which);
  return _mm_and_si128(set, _mm_set1_epi8(16));
}

AVX2 void ais_dequantize_q5_0_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m128i offset = _mm_set1_epi8(16);
  for (size_t b = 0; b < blockCount; b++, block += 22, out += 32) {
    __m256 d = _mm256_set1_ps(load_half(block));
    __m128i quants = load16(block + 6);
    __m128i low = _mm_or_si128(low_nibbles(quants), fifth_bits(block + 2));
    __m128i high = _mm_or_si128(high_nibbles(quants), fifth_bits(block + 4));
    store_scaled(_mm_sub_epi8(low, offset), d, out);
    store_scaled(_mm_sub_epi8(high, offset), d, out + 16);
  }
}

AVX2 void ais_dequantize_q5_1_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 24, out += 32) {
    __m256 d = _mm256_set1_ps(load_half(block));
    __m256 m = _mm256_set1_ps(load_half(block + 2));
    __m128i quants = load16(block + 8);
    store_affine(_mm_or_si128(low_nibbles(quants), fifth_bits(block + 4)), d, m, out);
    store_affine(_mm_or_si128(high_nibbles(quants), fifth_bits(block + 6)), d, m, out + 16);
  }
}

AVX2 void ais_dequantize_q8_0_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  for (size_t b = 0; b < blockCount; b++, block += 34, out += 32) {
    __m256 d = _mm256_set1_ps(load_half(block));
    store_scaled(load16(block + 2), d, out);
    store_scaled(load16(block + 18), d, out + 16);
  }
}

AVX2 void ais_dequantize_q2_K_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m128i mask = _mm_set1_epi8(3);
  for (size_t b = 0; b < blockCount; b++, block += 84, out += 256) {
    __m256 d = _mm256_set1_ps(load_half(block + 80));
    // Negated here, where it is exact, so that the minima can be added below.
    __m256 m = _mm256_set1_ps(-load_half(block + 82));
    float scales[16], minima[16];
    store_scaled(low_nibbles(load16(block)), d, scales);
    store_scaled(high_nibbles(load16(block)), m, minima);
    for (int j = 0; j < 16; j++) {
      __m128i quants = load16(block + 16 + 32 * (j / 8) + 16 * (j & 1));
      __m128i q = _mm_and_si128(_mm_srl_epi16(quants, _mm_cvtsi32_si128(j & 6)), mask);
      store_affine(q, _mm256_set1_ps(scales[j]), _mm256_set1_ps(minima[j]), out + 16 * j);
    }
  }
}

AVX2 void ais_dequantize_q3_K_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m128i mask = _mm_set1_epi8(3);
  const __m128i four = _mm_set1_epi8(4);
  for (size_t b = 0; b < blockCount; b++, block += 110, out += 256) {
    uint8_t packed[16];
    for (int j = 0; j < 16; j++) {
      int low = j < 8 ? block[96 + j] & 15 : block[88 + j] >> 4;
      packed[j] = (uint8_t)((low | ((block[104 + j % 4] >> (j / 4 * 2)) & 3) << 4) - 32);
    }
    float scales[16];
    store_scaled(load16(packed), _mm256_set1_ps(load_half(block + 108)), scales);
    for (int j = 0; j < 16; j++) {
      __m128i quants = load16(block + 32 + 32 * (j / 8) + 16 * (j & 1));
      __m128i low = _mm_and_si128(_mm_srl_epi16(quants, _mm_cvtsi32_si128(j & 6)), mask);
      // The third bit counts 4. All numbers less 4 is the same as 4 less for a bit that is not set.
      __m128i bit = _mm_set1_epi8((char)(1 << (j / 2)));
      __m128i thirds = _mm_and_si128(load16(block + 16 * (j & 1)), bit);
      __m128i unset = _mm_cmpeq_epi8(thirds, _mm_setzero_si128());
      __m128i q = _mm_sub_epi8(low, _mm_and_si128(unset, four));
      store_scaled(q, _mm256_set1_ps(scales[j]), out + 16 * j);
    }
  }
}

// The eight scales and eight minima of a q4_K or q5_K block, times d and m.
AVX2_INLINE void unpack_scales(const uint8_t *block, float scales[8], float minima[8]) {
  const uint8_t *packed = block + 4;
  uint8_t bytes[16];
  for (int j = 0; j < 4; j++) {
    bytes[j] = packed[j] & 63;
    bytes[j + 4] = (uint8_t)((packed[j + 8] & 15) | packed[j] >> 6 << 4);
    bytes[j + 8] = packed[j + 4] & 63;
    bytes[j + 12] = (uint8_t)(packed[j + 8] >> 4 | packed[j + 4] >> 6 << 4);
  }
  __m256 d = _mm256_set1_ps(load_half(block));
  __m256 m = _mm256_set1_ps(load_half(block + 2));
  _mm256_storeu_ps(scales, _mm256_mul_ps(floats8(load16(bytes)), d));
  _mm256_storeu_ps(minima, _mm256_mul_ps(floats8(_mm_srli_si128(load16(bytes), 8)), m));
}

AVX2 void ais_dequantize_q4_K_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m256i mask = _mm256_set1_epi8(15);
  for (size_t b = 0; b < blockCount; b++, block += 144, out += 256) {
    float scales[8], minima[8];
    unpack_scales(block, scales, minima);
    for (int j = 0; j < 8; j += 2) {
      __m256i quants = load32(block + 16 + 16 * j);
      __m256i low = _mm256_and_si256(quants, mask);
      __m256i high = _mm256_and_si256(_mm256_srli_epi16(quants, 4), mask);
      float *to = out + 32 * j;
      store_above(low, _mm256_set1_ps(scales[j]), _mm256_set1_ps(minima[j]), to);
      store_above(high, _mm256_set1_ps(scales[j + 1]), _mm256_set1_ps(minima[j + 1]), to + 32);
    }
  }
}

AVX2 void ais_dequantize_q5_K_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m256i mask = _mm256_set1_epi8(15);
  const __m256i sixteen = _mm256_set1_epi8(16);
  for (size_t b = 0; b < blockCount; b++, block += 176, out += 256) {
    float scales[8], minima[8];
    unpack_scales(block, scales, minima);
    __m256i fifths = load32(block + 16);
    for (int j = 0; j < 8; j++) {
      __m256i quants = load32(block + 48 + 16 * (j & ~1));
      if (j & 1) quants = _mm256_srli_epi16(quants, 4);
      __m256i bit = _mm256_set1_epi8((char)(1 << j));
      __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(fifths, bit), bit);
      __m256i q = _mm256_or_si256(
          _mm256_and_si256(quants, mask), _mm256_and_si256(set, sixteen));
      store_above(q, _mm256_set1_ps(scales[j]), _mm256_set1_ps(minima[j]), out + 32 * j);
    }
  }
}

AVX2 void ais_dequantize_q6_K_avx2(const void *blocks, float *out, size_t blockCount) {
  const uint8_t *block = blocks;
  const __m256i mask = _mm256_set1_epi8(15);
  const __m256i top = _mm256_set1_epi8(0x30);
  const __m256i offset = _mm256_set1_epi8(32);
  for (size_t b = 0; b < blockCount; b++, block += 210, out += 256) {
    __m256 d = _mm256_set1_ps(load_half(block + 208));
    float scales[16];
    __m128i packed = load16(block + 192);
    _mm256_storeu_ps(scales, _mm256_mul_ps(floats8(packed), d));
    _mm256_storeu_ps(scales + 8, _mm256_mul_ps(floats8(_mm_srli_si128(packed, 8)), d));
    for (int half = 0; half < 2; half++) {
      __m256i lows[2] = {load32(block + 64 * half), load32(block + 64 * half + 32)};
      __m256i highs = load32(block + 128 + 32 * half);
      for (int part = 0; part < 4; part++) {
        __m256i low = lows[part & 1];
        if (part & 2) low = _mm256_srli_epi16(low, 4);
        // Two bits of `highs`, moved to bits 4 and 5.
        __m256i high = part < 2 ? _mm256_slli_epi16(highs, 4 - 2 * part)
                                : _mm256_srli_epi16(highs, 2 * part - 4);
        __m256i q = _mm256_or_si256(_mm256_and_si256(low, mask), _mm256_and_si256(high, top));
        q = _mm256_sub_epi8(q, offset);
        const float *scale = scales + 8 * half + 2 * part;
        float *to = out + 128 * half + 32 * part;
        store_scaled(_mm256_castsi256_si128(q), _mm256_set1_ps(scale[0]), to);
        store_scaled(_mm256_extracti128_si256(q, 1), _mm256_set1_ps(scale[1]), to + 16);
      }
    }
  }
}
#endif
