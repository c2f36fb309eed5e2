// Which instruction set the kernels use.
#ifndef AIS_ISA_H
#define AIS_ISA_H

typedef enum {
  AIS_ISA_REFERENCE = 0,
  AIS_ISA_AVX2 = 1,    // AVX2, FMA, F16C
  AIS_ISA_AVX512 = 2,  // AVX-512 F, BW, DQ, VL besides
} ais_isa;

// The best level that this processor supports, lowered by the environment variable AIS_ISA
// (`reference`, `avx2` or `avx512`). Decided at the first call.
ais_isa ais_active_isa(void);

// The level's name: "reference", "avx2" or "avx512".
const char *ais_isa_name(ais_isa isa);

#endif
