#if defined(__x86_64__)
#define TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"
#define SIGNED_Q8 0
#define BYTE_DOT(q, x) _mm256_dpbusd_epi32(_mm256_setzero_si256(), q, x)
#include "blocks_simd.h"

ROWS(ais_blocks_rows_avx512vnni)
#endif
