#if defined(__x86_64__)
#include "isa_avx512.h"
#include "compare_simd.h"
#pragma clang attribute pop
#endif
