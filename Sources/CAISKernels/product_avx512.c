#if defined(__x86_64__)
#include "isa_avx512.h"
#define PANEL_VECTORS 4
#include "product_simd.h"
#pragma clang attribute pop
#endif
