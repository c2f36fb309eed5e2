#if defined(__x86_64__)
#include <immintrin.h>

#include "isa_avx2.h"
#define PANEL_VECTORS 2
#define ADD_BYTE_DOT(sum, x, w)                                                         \
  ((sum) + (vi)_mm256_madd_epi16(_mm256_maddubs_epi16((__m256i)(x), (__m256i)(w)),      \
                                 _mm256_set1_epi16(1)))
#include "int8_simd.h"

void ais_byte_block_avx2 AIS_BYTE_BLOCK_PARAMETERS {
  multiply(weights, first_panel, end_panel, x, x_scales, rows, out, accumulate);
}

void ais_round_bytes_f32_avx2 AIS_ROUND_BYTES_PARAMETERS {
  round_bytes(x, out, scales, rows, inputs);
}
#pragma clang attribute pop
#endif
