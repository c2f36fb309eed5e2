#ifndef AIS_BF16_H
#define AIS_BF16_H

#include <stdint.h>
#include <string.h>

// Rounds to nearest even; every NaN becomes the quiet NaN of its sign.
static inline uint16_t ais_bf16_from_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)((bits >> 16) | 0x7fc0u);
  return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static inline float ais_bf16_to_float(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline float ais_bf16_rounded(float value) {
  return ais_bf16_to_float(ais_bf16_from_float(value));
}

#endif
