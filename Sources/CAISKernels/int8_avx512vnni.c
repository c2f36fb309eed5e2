#if defined(__x86_64__)
#include <immintrin.h>

#define AIS_LANES 16
#pragma clang attribute push(                                                            \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), \
    apply_to = function)
#define PANEL_VECTORS 4
#define ADD_BYTE_DOT(sum, x, w) \
  (vi) _mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w))
#include "int8_simd.h"

void ais_byte_block_avx512vnni AIS_BYTE_BLOCK_PARAMETERS {
  multiply(weights, first_panel, end_panel, x, x_scales, rows, out, accumulate);
}
#pragma clang attribute pop
#endif
