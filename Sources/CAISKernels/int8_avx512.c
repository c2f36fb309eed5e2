#if defined(__x86_64__)
#include <immintrin.h>

#include "isa_avx512.h"
#define PANEL_VECTORS 4
#define ADD_BYTE_DOT(sum, x, w)                                                         \
  ((sum) + (vi)_mm512_madd_epi16(_mm512_maddubs_epi16((__m512i)(x), (__m512i)(w)),      \
                                 _mm512_set1_epi16(1)))
#include "int8_simd.h"

void ais_byte_block_avx512 AIS_BYTE_BLOCK_PARAMETERS {
  multiply(weights, first_panel, end_panel, x, x_scales, rows, out, accumulate);
}

void ais_round_bytes_f32_avx512 AIS_ROUND_BYTES_PARAMETERS {
  round_bytes(x, out, scales, rows, inputs);
}
#pragma clang attribute pop
#endif
