// Products with eight rows of interleaved blocks at a time. See ais_stored.h and stored_ref.c.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "stored.h"

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((target("avx2,fma,f16c"), always_inline))

// Without this the compiler keeps the loops within a block, where each turn does little.
#define UNROLLED _Pragma("clang loop unroll(full)")

enum { WIDTH = 8, TILE = 4, AHEAD = 1024 };

INLINE __m256i load32(const void *bytes) { return _mm256_loadu_si256(bytes); }

INLINE __m256 halves(const uint8_t *bytes) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)bytes));
}

INLINE __m256i four_of(const int8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  return _mm256_set1_epi32(four);
}

// The low or high halves of entry c, with their fifth bits.
INLINE __m256i group(const ais_block_type type, __m256i both, __m256i fifths, const int g) {
  const __m256i q = _mm256_and_si256(g < 4 ? both : _mm256_srli_epi16(both, 4),
                                     _mm256_set1_epi8(15));
  if (!stored_has_fifths(type)) return q;
  const __m256i bit = g < 4 ? _mm256_slli_epi16(fifths, 4 - g) : _mm256_srli_epi16(fifths, g - 4);
  return _mm256_or_si256(q, _mm256_and_si256(bit, _mm256_set1_epi8(16)));
}

// Integer sums of a block for some rows of x.
INLINE void dot_block(const ais_block_type type, const int rows, const uint8_t *numbers,
                      __m256i fifths, const int8_t *x, size_t inputs, __m256i *dots) {
  const __m256i ones = _mm256_set1_epi16(1);
  UNROLLED for (int r = 0; r < rows; r++) dots[r] = _mm256_setzero_si256();
  if (type == AIS_BLOCKS_Q8_0) {
    UNROLLED for (int g = 0; g < 8; g++) {
      const __m256i q = load32(numbers + 32 * g), size = _mm256_abs_epi8(q);
      UNROLLED for (int r = 0; r < rows; r++) {
        const __m256i four = _mm256_sign_epi8(four_of(x + (size_t)r * inputs + 4 * g), q);
        dots[r] = _mm256_add_epi32(dots[r],
                                   _mm256_madd_epi16(_mm256_maddubs_epi16(size, four), ones));
      }
    }
    return;
  }
  // Sums of pairs stay below 2^15: eight of 15 · 127 · 2, or four of 31 · 127 · 2.
  __m256i pairs[TILE];
  UNROLLED for (int c = 0; c < 4; c++) {
    const __m256i both = load32(numbers + 32 * c);
    const __m256i low = group(type, both, fifths, c), high = group(type, both, fifths, c + 4);
    UNROLLED for (int r = 0; r < rows; r++) {
      const int8_t *row = x + (size_t)r * inputs;
      const __m256i sum = _mm256_add_epi16(_mm256_maddubs_epi16(low, four_of(row + 4 * c)),
                                           _mm256_maddubs_epi16(high, four_of(row + 16 + 4 * c)));
      const int begins = c == 0 || (stored_has_fifths(type) && c == 2);
      pairs[r] = begins ? sum : _mm256_add_epi16(pairs[r], sum);
      if (c == 3 || (stored_has_fifths(type) && c == 1))
        dots[r] = _mm256_add_epi32(dots[r], _mm256_madd_epi16(pairs[r], ones));
    }
  }
}

INLINE void put(__m256 total, const float *bias, float *out, size_t count, int accumulate) {
  if (count >= WIDTH) {
    if (bias) total = _mm256_add_ps(total, _mm256_loadu_ps(bias));
    _mm256_storeu_ps(out, accumulate ? _mm256_add_ps(_mm256_loadu_ps(out), total) : total);
    return;
  }
  float values[WIDTH];
  _mm256_storeu_ps(values, total);
  for (size_t i = 0; i < count; i++) {
    if (bias) values[i] += bias[i];
    out[i] = accumulate ? out[i] + values[i] : values[i];
  }
}

#include "stored_k_avx2.h"

INLINE void tile(const ais_block_type type, const int rows, const uint8_t *panel, const int8_t *x,
                 size_t inputs, const float *scales, const float *sums, const float *bias,
                 float *out, size_t stride, size_t count, int accumulate) {
  if (stored_is_k(type)) {
    tile_k(type, rows, panel, x, inputs, scales, sums, bias, out, stride, count, accumulate);
    return;
  }
  const size_t blocks = inputs / 32, row_scales = padded(blocks);
  const size_t entry_bytes = stored_block_bytes(type) * WIDTH;
  __m256 totals[TILE];
  UNROLLED for (int r = 0; r < rows; r++) totals[r] = _mm256_setzero_ps();
  for (size_t b = 0; b < blocks; b++, panel += entry_bytes) {
    for (size_t i = 0; i < entry_bytes; i += 64)
      _mm_prefetch((const char *)panel + AHEAD + i, _MM_HINT_T0);
    const __m256 d = halves(panel);
    const __m256 offset = stored_has_minima(type)
                              ? halves(panel + 2 * WIDTH)
                              : _mm256_mul_ps(d, _mm256_set1_ps((float)-stored_zero(type)));
    const uint8_t *numbers = panel + stored_head_bytes(type) * WIDTH;
    const __m256i fifths =
        stored_has_fifths(type) ? load32(numbers - 4 * WIDTH) : _mm256_setzero_si256();
    __m256i dots[TILE];
    dot_block(type, rows, numbers, fifths, x + 32 * b, inputs, dots);
    UNROLLED for (int r = 0; r < rows; r++) {
      const __m256 scale = _mm256_mul_ps(d, _mm256_set1_ps(scales[(size_t)r * row_scales + b]));
      totals[r] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[r]), scale, totals[r]);
      if (type != AIS_BLOCKS_Q8_0)
        totals[r] = _mm256_fmadd_ps(offset, _mm256_set1_ps(sums[(size_t)r * row_scales + b]),
                                    totals[r]);
    }
  }
  UNROLLED for (int r = 0; r < rows; r++)
    put(totals[r], bias, out + (size_t)r * stride, count, accumulate);
}

#include "stored_simd.h"

STORED_PANELS(ais_stored_panels_avx2, STORED_TYPE(AIS_BLOCKS_Q4_K) STORED_TYPE(AIS_BLOCKS_Q5_K)
                                          STORED_TYPE(AIS_BLOCKS_Q6_K))
#endif
