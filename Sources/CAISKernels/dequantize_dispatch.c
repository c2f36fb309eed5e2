// Chooses between the specification and its fast twins at run time. See ais_dequantize.h.
#include "ais_dequantize.h"

#if defined(__x86_64__)

bool ais_dequantize_has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
}

#define FAST_OR_REFERENCE(type)                                                       \
  void ais_dequantize_##type(const void *blocks, float *out, size_t blockCount) {     \
    if (ais_dequantize_has_avx2())                                                    \
      ais_dequantize_##type##_avx2(blocks, out, blockCount);                          \
    else                                                                              \
      ais_dequantize_##type##_ref(blocks, out, blockCount);                           \
  }

#else

bool ais_dequantize_has_avx2(void) { return false; }

#define FAST_OR_REFERENCE(type) REFERENCE(type)

#endif

#define REFERENCE(type)                                                               \
  void ais_dequantize_##type(const void *blocks, float *out, size_t blockCount) {     \
    ais_dequantize_##type##_ref(blocks, out, blockCount);                             \
  }

FAST_OR_REFERENCE(f16)
FAST_OR_REFERENCE(bf16)
FAST_OR_REFERENCE(q4_0)
FAST_OR_REFERENCE(q4_1)
FAST_OR_REFERENCE(q5_0)
FAST_OR_REFERENCE(q5_1)
FAST_OR_REFERENCE(q8_0)
REFERENCE(q2_K)
REFERENCE(q3_K)
FAST_OR_REFERENCE(q4_K)
FAST_OR_REFERENCE(q5_K)
FAST_OR_REFERENCE(q6_K)
