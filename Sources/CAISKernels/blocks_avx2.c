// Products with rows of weights that follow each other as in a file, widened if they are not floats. See blocks_ref.c.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "blocks.h"

#define TARGET "avx2,fma,f16c"
#define INLINE static inline __attribute__((target(TARGET), always_inline))

// Stores the sums of `outputs` vectors, added in the same order for any number of them.
INLINE void put(const int outputs, const __m256 *totals, const float *bias, float *out,
                int accumulate) {
  __m128 pairs[AIS_BLOCK_ROWS];
  for (int n = 0; n < AIS_BLOCK_ROWS; n++) {
    const __m256 total = totals[n < outputs ? n : 0];
    pairs[n] = _mm_add_ps(_mm256_castps256_ps128(total), _mm256_extractf128_ps(total, 1));
  }
  __m128 sums = _mm_hadd_ps(_mm_hadd_ps(pairs[0], pairs[1]), _mm_hadd_ps(pairs[2], pairs[3]));
  if (outputs == AIS_BLOCK_ROWS) {
    if (bias) sums = _mm_add_ps(sums, _mm_loadu_ps(bias));
    _mm_storeu_ps(out, accumulate ? _mm_add_ps(_mm_loadu_ps(out), sums) : sums);
    return;
  }
  float values[AIS_BLOCK_ROWS];
  _mm_storeu_ps(values, sums);
  for (int n = 0; n < outputs; n++) {
    if (bias) values[n] += bias[n];
    out[n] = accumulate ? out[n] + values[n] : values[n];
  }
}

// Eight numbers of a row that is stored as floating-point numbers.
INLINE __m256 widened(const ais_block_type type, const char *row, size_t i) {
  switch (type) {
    case AIS_BLOCKS_BF16: {
      const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)(row + 2 * i)));
      return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
    }
    case AIS_BLOCKS_F16: return _mm256_cvtph_ps(_mm_loadu_si128((const void *)(row + 2 * i)));
    default: return _mm256_loadu_ps((const float *)row + i);
  }
}

// `outputs` rows of floating-point weights, `row_bytes` apart, times one row of x.
INLINE void dot_floats(const int outputs, const ais_block_type type, const char *w, size_t row_bytes,
                       size_t inputs, const float *x, const float *bias, float *out, int accumulate) {
  __m256 total[AIS_BLOCK_ROWS];
  for (int n = 0; n < outputs; n++) total[n] = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const __m256 numbers = _mm256_loadu_ps(x + i);
    for (int n = 0; n < outputs; n++)
      total[n] = _mm256_fmadd_ps(widened(type, w + (size_t)n * row_bytes, i), numbers, total[n]);
  }
  if (i < inputs) {
    // The last few, filled up with zeros.
    const size_t left = inputs - i, size = type == AIS_BLOCKS_F32 ? 4 : 2;
    float numbers[8] = {0};
    memcpy(numbers, x + i, left * sizeof(float));
    for (int n = 0; n < outputs; n++) {
      char rest[32] = {0};
      memcpy(rest, w + (size_t)n * row_bytes + i * size, left * size);
      total[n] = _mm256_fmadd_ps(widened(type, rest, 0), _mm256_loadu_ps(numbers), total[n]);
    }
  }
  put(outputs, total, bias, out, accumulate);
}

INLINE void multiply_floats(const int outputs, const ais_block_type type, const char *w,
                            size_t row_bytes, const ais_byte_rows *x, const float *bias, float *out,
                            size_t stride, int accumulate) {
  for (size_t r = 0; r < x->rows; r++)
    dot_floats(outputs, type, w, row_bytes, x->inputs, x->x + r * x->inputs, bias, out + r * stride,
               accumulate);
}

INLINE void multiply(const int outputs, ais_block_type type, const char *blocks,
                     const ais_byte_rows *x, const float *bias, float *out, size_t stride,
                     int accumulate, float *scratch) {
  const size_t inputs = x->inputs, row_bytes = ais_blocks_row_bytes(type, inputs);
  switch (type) {
    case AIS_BLOCKS_F32:
      multiply_floats(outputs, AIS_BLOCKS_F32, blocks, row_bytes, x, bias, out, stride, accumulate);
      break;
    case AIS_BLOCKS_F16:
      multiply_floats(outputs, AIS_BLOCKS_F16, blocks, row_bytes, x, bias, out, stride, accumulate);
      break;
    case AIS_BLOCKS_BF16:
      multiply_floats(outputs, AIS_BLOCKS_BF16, blocks, row_bytes, x, bias, out, stride, accumulate);
      break;
    default:
      for (int n = 0; n < outputs; n++)
        ais_blocks_widen(type, blocks + (size_t)n * row_bytes, inputs, scratch + (size_t)n * inputs);
      multiply_floats(outputs, AIS_BLOCKS_F32, (const char *)scratch, inputs * sizeof(float), x, bias,
                      out, stride, accumulate);
  }
}

__attribute__((target(TARGET))) void ais_blocks_rows_avx2 AIS_BLOCKS_PARAMETERS {
  switch (outputs) {
    case 4: multiply(4, type, blocks, x, bias, out, stride, accumulate, scratch); break;
    case 3: multiply(3, type, blocks, x, bias, out, stride, accumulate, scratch); break;
    case 2: multiply(2, type, blocks, x, bias, out, stride, accumulate, scratch); break;
    case 1: multiply(1, type, blocks, x, bias, out, stride, accumulate, scratch); break;
    default: break;
  }
}

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
    // Packing works within each half of a vector, so the order is corrected at the end.
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
