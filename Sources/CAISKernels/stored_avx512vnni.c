// Products with sixteen rows of interleaved blocks at a time. See ais_stored.h and stored_ref.c.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "stored.h"

#define TARGET \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")))
#define INLINE                                                                              \
  static inline __attribute__((                                                             \
      target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"), always_inline))

enum { WIDTH = 16, TILE = 4, AHEAD = 2048 };

INLINE __m512i load64(const void *bytes) { return _mm512_loadu_si512(bytes); }

INLINE __m512 halves(const uint8_t *bytes) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)bytes));
}

INLINE __m512i four_of(const int8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  return _mm512_set1_epi32(four);
}

// Group g as unsigned bytes: low or high halves of an entry with their fifth bits, or bytes with 128 added.
INLINE __m512i group(const ais_block_type type, const uint8_t *numbers, __m512i fifths, const int g) {
  if (type == AIS_BLOCKS_Q8_0)
    return _mm512_xor_si512(load64(numbers + 64 * g), _mm512_set1_epi8(-128));
  const __m512i both = load64(numbers + 64 * (g % 4));
  const __m512i q = _mm512_and_si512(g < 4 ? both : _mm512_srli_epi16(both, 4),
                                     _mm512_set1_epi8(15));
  if (!stored_has_fifths(type)) return q;
  const __m512i bit = g < 4 ? _mm512_slli_epi16(fifths, (unsigned)(4 - g))
                            : _mm512_srli_epi16(fifths, (unsigned)(g - 4));
  return _mm512_or_si512(q, _mm512_and_si512(bit, _mm512_set1_epi8(16)));
}

// Integer sums of a block for some rows of x, in two chains, since an addition's latency exceeds its throughput.
INLINE void dot_block(const ais_block_type type, const int rows, const uint8_t *numbers,
                      __m512i fifths, const int8_t *x, size_t inputs, __m512i *dots) {
  __m512i odd[TILE];
  for (int r = 0; r < rows; r++) dots[r] = odd[r] = _mm512_setzero_si512();
  for (int g = 0; g < 8; g += 2) {
    const __m512i first = group(type, numbers, fifths, g);
    const __m512i second = group(type, numbers, fifths, g + 1);
    for (int r = 0; r < rows; r++) {
      const int8_t *row = x + (size_t)r * inputs + 4 * g;
      dots[r] = _mm512_dpbusd_epi32(dots[r], first, four_of(row));
      odd[r] = _mm512_dpbusd_epi32(odd[r], second, four_of(row + 4));
    }
  }
  for (int r = 0; r < rows; r++) dots[r] = _mm512_add_epi32(dots[r], odd[r]);
}

INLINE void put(__m512 total, const float *bias, float *out, size_t count, int accumulate) {
  const __mmask16 mask = count >= WIDTH ? 0xffff : (__mmask16)((1u << count) - 1);
  if (bias) total = _mm512_add_ps(total, _mm512_maskz_loadu_ps(mask, bias));
  if (accumulate) total = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, out), total);
  _mm512_mask_storeu_ps(out, mask, total);
}

INLINE void tile(const ais_block_type type, const int rows, const uint8_t *panel, const int8_t *x,
                 size_t inputs, const float *scales, const float *sums, const float *bias,
                 float *out, size_t stride, size_t count, int accumulate) {
  const size_t blocks = inputs / 32, row_scales = padded(blocks);
  const size_t entry_bytes = stored_block_bytes(type) * WIDTH;
  const float zero = type == AIS_BLOCKS_Q8_0 ? -128 : (float)-stored_zero(type);
  __m512 totals[TILE];
  for (int r = 0; r < rows; r++) totals[r] = _mm512_setzero_ps();
  for (size_t b = 0; b < blocks; b++, panel += entry_bytes) {
    for (size_t i = 0; i < entry_bytes; i += 64)
      _mm_prefetch((const char *)panel + AHEAD + i, _MM_HINT_T0);
    const __m512 d = halves(panel);
    const __m512 offset = stored_has_minima(type) ? halves(panel + 2 * WIDTH)
                                                  : _mm512_mul_ps(d, _mm512_set1_ps(zero));
    const uint8_t *numbers = panel + stored_head_bytes(type) * WIDTH;
    const __m512i fifths =
        stored_has_fifths(type) ? load64(numbers - 4 * WIDTH) : _mm512_setzero_si512();
    __m512i dots[TILE];
    dot_block(type, rows, numbers, fifths, x + 32 * b, inputs, dots);
    for (int r = 0; r < rows; r++) {
      const __m512 scale = _mm512_mul_ps(d, _mm512_set1_ps(scales[(size_t)r * row_scales + b]));
      totals[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[r]), scale, totals[r]);
      totals[r] = _mm512_fmadd_ps(offset, _mm512_set1_ps(sums[(size_t)r * row_scales + b]),
                                  totals[r]);
    }
  }
  for (int r = 0; r < rows; r++)
    put(totals[r], bias, out + (size_t)r * stride, count, accumulate);
}

#include "stored_simd.h"

STORED_PANELS(ais_stored_panels_avx512vnni, )
#endif
