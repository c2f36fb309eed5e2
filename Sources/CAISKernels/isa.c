#include "ais_isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

const char *ais_isa_name(ais_isa isa) {
  switch (isa) {
    case AIS_ISA_AVX512: return "avx512";
    case AIS_ISA_AVX2: return "avx2";
    default: return "reference";
  }
}

ais_isa ais_best_isa(void) {
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
  return best;
}

static ais_isa chosen(void) {
  ais_isa best = ais_best_isa();
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
    level = (int)chosen();
    atomic_store_explicit(&cached, level, memory_order_relaxed);
  }
  return (ais_isa)level;
}

bool ais_has_bf16_dot(void) {
#if defined(__x86_64__)
  return ais_active_isa() == AIS_ISA_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

// −1: not decided.
static atomic_int bf16_dot_choice = -1;

void ais_choose_bf16_dot(bool uses) {
  atomic_store_explicit(&bf16_dot_choice, uses, memory_order_relaxed);
}

bool ais_uses_bf16_dot(void) {
#if defined(__x86_64__)
  if (!ais_has_bf16_dot()) return false;
  const int choice = atomic_load_explicit(&bf16_dot_choice, memory_order_relaxed);
  return choice < 0 ? __builtin_cpu_is("amd") : choice;
#else
  return false;
#endif
}

bool ais_has_byte_dot(void) {
#if defined(__x86_64__)
  return ais_active_isa() == AIS_ISA_AVX512 && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

bool ais_has_matrix_tiles(void) {
#if defined(__x86_64__)
  unsigned a, b, c, d;
  // Leaf 7, register D: bit 22 bfloat16 tiles, bit 24 the tiles themselves.
  return ais_active_isa() == AIS_ISA_AVX512 && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
         (d >> 22 & 1) && (d >> 24 & 1);
#else
  return false;
#endif
}
