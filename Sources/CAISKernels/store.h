#ifndef AIS_STORE_H
#define AIS_STORE_H

#include "ais_block.h"
#include "bf16.h"

// Writes a float as a number of `type`.
static inline void ais_store_as(void *out, ais_dtype type, size_t index, float value) {
  if (type == AIS_BF16)
    ((uint16_t *)out)[index] = ais_bf16_from_float(value);
  else
    ((float *)out)[index] = type == AIS_BF16_WIDE ? ais_bf16_rounded(value) : value;
}

#endif
