#if defined(__x86_64__)
#include "isa_avx2.h"
#define PANEL_VECTORS 2
#include "product_simd.h"
#pragma clang attribute pop
#endif
