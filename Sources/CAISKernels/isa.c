#include "ais_isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const char *ais_isa_name(ais_isa isa) {
  switch (isa) {
    case AIS_ISA_AVX512: return "avx512";
    case AIS_ISA_AVX2: return "avx2";
    default: return "reference";
  }
}

static ais_isa detect(void) {
  ais_isa best = AIS_ISA_REFERENCE;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c"))
    best = AIS_ISA_AVX2;
  if (best == AIS_ISA_AVX2 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    best = AIS_ISA_AVX512;
#endif
  const char *wanted = getenv("AIS_ISA");
  if (wanted) {
    for (ais_isa level = AIS_ISA_REFERENCE; level < best; level++)
      if (strcmp(wanted, ais_isa_name(level)) == 0) return level;
  }
  return best;
}

ais_isa ais_active_isa(void) {
  static atomic_int cached = -1;
  int level = atomic_load_explicit(&cached, memory_order_relaxed);
  if (level < 0) {
    level = (int)detect();
    atomic_store_explicit(&cached, level, memory_order_relaxed);
  }
  return (ais_isa)level;
}
