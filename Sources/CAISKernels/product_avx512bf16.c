#if defined(__x86_64__)
#include <immintrin.h>

#define AIS_LANES 16
#define AIS_TWIN(name) name##_avx512
#pragma clang attribute push(                                                            \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,f16c"))), \
    apply_to = function)
#define PANEL_VECTORS 4
#define AIS_BF16_DOT(sum, x, w) \
  (vf) _mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w))
#include "product_simd.h"
#pragma clang attribute pop
#endif
