#if defined(__x86_64__)
#include "isa_avx2.h"
#include "int8_simd.h"
#pragma clang attribute pop
#endif
