#if defined(__x86_64__)
#include "isa_avx2.h"
#include "block_simd.h"
#pragma clang attribute pop
#endif
