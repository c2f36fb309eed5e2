// What the versions of the products with interleaved blocks share.
#ifndef AIS_STORED_INTERNAL_H
#define AIS_STORED_INTERNAL_H

#include "ais_stored.h"
#include "blocks.h"

#define STORED_INLINE static inline __attribute__((always_inline))

STORED_INLINE int stored_has_minima(ais_block_type type) {
  return type == AIS_BLOCKS_Q4_1 || type == AIS_BLOCKS_Q5_1;
}

STORED_INLINE int stored_has_fifths(ais_block_type type) {
  return type == AIS_BLOCKS_Q5_0 || type == AIS_BLOCKS_Q5_1;
}

// Bytes of a block's entry before its numbers.
STORED_INLINE size_t stored_head_bytes(ais_block_type type) {
  return 2 + (stored_has_minima(type) ? 2 : 0) + (stored_has_fifths(type) ? 4 : 0);
}

STORED_INLINE size_t stored_block_bytes(ais_block_type type) {
  return stored_head_bytes(type) + (type == AIS_BLOCKS_Q8_0 ? 32 : 16);
}

// What is subtracted from a number that is stored without a sign, where no minimum is stored.
STORED_INLINE int stored_zero(ais_block_type type) {
  return type == AIS_BLOCKS_Q4_0 ? 8 : type == AIS_BLOCKS_Q5_0 ? 16 : 0;
}

#endif
