// Chooses between the specification and the fast version at run time. See ais_dequantize.h.
#include "ais_dequantize.h"
#include "ais_isa.h"

#if defined(__x86_64__)

bool ais_dequantize_has_avx2(void) {
  return ais_active_isa() >= AIS_ISA_AVX2;
}

#define DISPATCH(type)                                                                \
  void ais_dequantize_##type(const void *blocks, float *out, size_t blockCount) {     \
    if (ais_dequantize_has_avx2())                                                    \
      ais_dequantize_##type##_avx2(blocks, out, blockCount);                          \
    else                                                                              \
      ais_dequantize_##type##_ref(blocks, out, blockCount);                           \
  }

#else

bool ais_dequantize_has_avx2(void) { return false; }

#define DISPATCH(type)                                                                \
  void ais_dequantize_##type(const void *blocks, float *out, size_t blockCount) {     \
    ais_dequantize_##type##_ref(blocks, out, blockCount);                             \
  }

#endif

DISPATCH(f16)
DISPATCH(bf16)
DISPATCH(q4_0)
DISPATCH(q4_1)
DISPATCH(q5_0)
DISPATCH(q5_1)
DISPATCH(q8_0)
DISPATCH(q2_K)
DISPATCH(q3_K)
DISPATCH(q4_K)
DISPATCH(q5_K)
DISPATCH(q6_K)
