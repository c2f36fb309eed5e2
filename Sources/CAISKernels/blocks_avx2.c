#if defined(__x86_64__)
#define TARGET "avx2,fma,f16c"
#define SIGNED_Q8 1
// Two products of bytes meet in 16 bits: 63 · 127 · 2, or 128 · 127 · 2 for q8_0, fits.
#define BYTE_DOT(q, x) _mm256_madd_epi16(_mm256_maddubs_epi16(q, x), _mm256_set1_epi16(1))
#include "blocks_simd.h"

ROWS(ais_blocks_rows_avx2)

__attribute__((target(TARGET))) void ais_round_row_avx2 AIS_ROUND_ROWS_PARAMETERS {
  const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  for (size_t b = 0; b < inputs / 32; b++) {
    __m256 v[4], largest = _mm256_setzero_ps();
    for (int i = 0; i < 4; i++) {
      v[i] = _mm256_loadu_ps(x + 32 * b + 8 * i);
      largest = _mm256_max_ps(largest, _mm256_and_ps(v[i], magnitude));
    }
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    const float top = _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
    const float scale = top / 127, inverse = top > 0 ? 127 / top : 0;
    __m256i whole[4];
    for (int i = 0; i < 4; i++)
      whole[i] = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], _mm256_set1_ps(inverse)));
    // Packing works within halves of a vector: the order is put right at the end.
    const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(whole[0], whole[1]),
                                              _mm256_packs_epi32(whole[2], whole[3]));
    const __m256i order = _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0);
    _mm256_storeu_si256((__m256i *)(bytes + 32 * b), _mm256_permutevar8x32_epi32(packed, order));
    for (int j = 0; j < 2; j++) {
      const __m256i both = _mm256_add_epi32(whole[2 * j], whole[2 * j + 1]);
      __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
      sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
      sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
      half_sums[2 * b + (size_t)j] = scale * (float)_mm_cvtsi128_si32(sum);
    }
    scales[b] = scale;
    sums[b] = half_sums[2 * b] + half_sums[2 * b + 1];
  }
  for (size_t b = inputs / 32; b < padded(inputs / 32); b++) scales[b] = sums[b] = 0;
  for (size_t b = inputs / 16; b < padded(inputs / 16); b++) half_sums[b] = 0;
}
#endif
