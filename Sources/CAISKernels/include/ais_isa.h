// Which instruction set the kernels use.
#ifndef AIS_ISA_H
#define AIS_ISA_H

#include <stdbool.h>

typedef enum {
  AIS_ISA_REFERENCE = 0,
  AIS_ISA_AVX2 = 1,    // AVX2, FMA, F16C
  AIS_ISA_AVX512 = 2,  // AVX-512 F, BW, DQ, VL besides
} ais_isa;

// The best level that this processor supports.
ais_isa ais_best_isa(void);

// The best level, lowered by the environment variable AIS_ISA (`reference`, `avx2` or `avx512`). Decided at the first
// call. A value that is not a level of this processor is ignored here; tools refuse it at their start (InstructionSet
// in AISKit).
ais_isa ais_active_isa(void);

// True if the processor sums products of pairs of bfloat16 numbers (AVX-512 BF16), and of quadruples
// of bytes (AVX-512 VNNI); both only at level avx512.
bool ais_has_bf16_dot(void);
bool ais_has_byte_dot(void);

// True if products of bfloat16 numbers use AVX-512 BF16, false if the numbers are widened and multiplied as floats. By
// default AMD's processors use it. On Intel's Sapphire Rapids it is slower (118 GFLOP/s against 266, measured on two
// cores); there tiles are used for bfloat16.
bool ais_uses_bf16_dot(void);

// Decides that for this process, if the processor has AVX-512 BF16. To be called before any weights are packed.
void ais_choose_bf16_dot(bool uses);

// True if the processor multiplies tiles of bfloat16 numbers (AMX).
bool ais_has_matrix_tiles(void);

// The level's name: "reference", "avx2" or "avx512".
const char *ais_isa_name(ais_isa isa);

#endif
