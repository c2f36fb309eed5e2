// Vector types for the fast versions. A file that includes this has defined AIS_LANES (floats in a vector) and is
// compiled for its instruction set by the attributes that isa_*.h push.
#ifndef AIS_SIMD_H
#define AIS_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ais_block.h"
#include "store.h"

typedef float vf __attribute__((vector_size(AIS_LANES * 4)));
typedef int32_t vi __attribute__((vector_size(AIS_LANES * 4)));
typedef uint32_t vu __attribute__((vector_size(AIS_LANES * 4)));
typedef uint16_t vh __attribute__((vector_size(AIS_LANES * 2)));

// Unroll fully: loops over arrays in registers. Do not unroll: loops that would not gain.
#define UNROLLED _Pragma("clang loop unroll(full)")
#define ROLLED _Pragma("clang loop unroll(disable)")

// A fence for the compiler after the last use of a step's data. Without it, the compiler would load further steps
// early, and spill sums to make room.
#define ais_settle(sum) __asm__ volatile("" : "+v"(sum) : : "memory")

// memcpy keeps unaligned access defined; it compiles to one instruction.
static inline vf load(const float *p) {
  vf v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline void store(float *p, vf v) { memcpy(p, &v, sizeof v); }

// Subtracting +0 changes no number, so this compiles to the broadcast alone. Adding it would turn −0 into +0, so the
// addition would stay in the code.
static inline vf splat(float s) { return s - (vf){0}; }

// The larger of each lane; b if one is NaN. This is one instruction; the compiler's own maximum, which must handle NaN
// in either operand, takes three.
static inline vf max_v(vf a, vf b) {
  const vi larger = a > b;
  return (vf)(((vi)a & larger) | ((vi)b & ~larger));
}

// The smaller of each lane; b if one is NaN.
static inline vf min_v(vf a, vf b) {
  const vi smaller = a < b;
  return (vf)(((vi)a & smaller) | ((vi)b & ~smaller));
}

static inline float sum_v(vf v) {
  float lanes[AIS_LANES], sum = 0;
  store(lanes, v);
  for (int step = AIS_LANES / 2; step > 0; step /= 2)
    for (int i = 0; i < step; i++) lanes[i] += lanes[i + step];
  sum = lanes[0];
  return sum;
}

static inline float max_lane(vf v) {
  float lanes[AIS_LANES];
  store(lanes, v);
  float best = lanes[0];
  for (int i = 1; i < AIS_LANES; i++)
    if (lanes[i] > best) best = lanes[i];
  return best;
}

// e^x to about 2 units in the last place, for x clamped to [−87.3, 88.3]. NaN stays NaN.
// Range reduction x = n·ln 2 + r with ln 2 split in two, then a polynomial of degree 6 in r
// (coefficients of Cephes' expf, Moshier 1984).
static inline vf exp_v(vf x) {
  x = min_v(splat(88.3f), max_v(splat(-87.3f), x));
  const vf rounding = splat(12582912.0f);  // 1.5 · 2^23: adding it rounds to an integer
  vf n = (x * 1.44269504f + rounding) - rounding;
  vf r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  vi exponent = (__builtin_convertvector(n, vi) + 127) << 23;
  return p * (vf)exponent;
}

// cap · tanh(v / cap), by tanh u = 1 − 2 / (1 + e^2u).
static inline vf soft_cap_v(vf v, float cap) {
  return cap * (1.0f - 2.0f / (1.0f + exp_v(v * (2.0f / cap))));
}

// Floats rounded to bfloat16 in their upper halves; the caller drops the lower halves.
static inline vu bf16_bits(vf v) {
  vu bits = (vu)v;
  vu rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  vu nan = (vu)((bits & 0x7fffffffu) > 0x7f800000u);
  return (rounded & ~nan) | ((bits | 0x7fc00000u) & nan);
}

static inline void store_bf16(uint16_t *p, vf v) {
  vh half = __builtin_convertvector(bf16_bits(v) >> 16, vh);
  memcpy(p, &half, sizeof half);
}

static inline vf round_bf16(vf v) { return (vf)(bf16_bits(v) & 0xffff0000u); }

static inline void store_as(void *out, ais_dtype type, size_t index, vf v) {
  if (type == AIS_BF16)
    store_bf16((uint16_t *)out + index, v);
  else
    store((float *)out + index, type == AIS_BF16_WIDE ? round_bf16(v) : v);
}

#endif
