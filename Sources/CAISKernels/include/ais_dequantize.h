// From stored blocks to 32-bit floats.
//
//   ais_dequantize_<type>(blocks, out, blockCount)
//
//   blocks  blockCount consecutive blocks of <type>, at any address
//   out     blockCount × (numbers in a block) floats
//
// Numbers and bytes in a block:
//
//   f16, bf16          1,   2
//   q4_0   32,  18     scale d (half), 32 × 4 bits                   (q − 8) · d
//   q4_1   32,  20     d, m (halves), 32 × 4 bits                    q · d + m
//   q5_0   32,  22     d, 32 fifth bits, 32 × 4 bits                 (q − 16) · d
//   q5_1   32,  24     d, m, 32 fifth bits, 32 × 4 bits              q · d + m
//   q8_0   32,  34     d, 32 × int8                                  q · d
//   q2_K  256,  84     16 × (4-bit scale, 4-bit min), 2 bits, d, m   q · (d · s) − m · t
//   q3_K  256, 110     third bits, 2 bits, 16 × 6-bit scale, d       (q − 4) · (d · (s − 32))
//   q4_K  256, 144     d, m, 8 × 6-bit (scale, min), 4 bits          q · (d · s) − m · t
//   q5_K  256, 176     d, m, 8 × 6-bit (scale, min), fifth bits, 4 bits   as q4_K
//   q6_K  256, 210     4 bits, 2 bits, 16 × int8 scale, d            (q − 32) · (d · s)
//
// The functions named _ref are the specification: plain C, one number at a time. Every product and every sum is rounded
// to a float, and none is fused. So the fast functions, named _avx2, give the same bits (a NaN gives a NaN, whose
// payload is not specified). The functions without a suffix choose at run time. The _avx2 functions may be called only
// if the processor has AVX2 and F16C.
//
// Source of the layouts: the GGML tensor format (ggml-common.h).
#ifndef AIS_DEQUANTIZE_H
#define AIS_DEQUANTIZE_H

#include <stdbool.h>
#include <stddef.h>

void ais_dequantize_f16(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_bf16(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_0(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_1(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_0(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_1(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q8_0(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q2_K(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q3_K(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_K(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_K(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q6_K(const void *blocks, float *out, size_t blockCount);

void ais_dequantize_f16_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_bf16_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_0_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_1_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_0_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_1_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q8_0_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q2_K_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q3_K_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_K_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_K_ref(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q6_K_ref(const void *blocks, float *out, size_t blockCount);

/// True if the processor can run the _avx2 functions.
bool ais_dequantize_has_avx2(void);

#if defined(__x86_64__)
void ais_dequantize_f16_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_bf16_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_0_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_1_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_0_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_1_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q8_0_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q2_K_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q3_K_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q4_K_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q5_K_avx2(const void *blocks, float *out, size_t blockCount);
void ais_dequantize_q6_K_avx2(const void *blocks, float *out, size_t blockCount);
#endif

#endif
