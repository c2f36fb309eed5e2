// Code shared by all versions of the products with interleaved blocks.
#ifndef AIS_STORED_INTERNAL_H
#define AIS_STORED_INTERNAL_H

#include "ais_stored.h"
#include "blocks.h"

#define STORED_INLINE static inline __attribute__((always_inline))

STORED_INLINE int stored_has_minima(ais_block_type type) {
  return type == AIS_BLOCKS_Q4_1 || type == AIS_BLOCKS_Q5_1 || type == AIS_BLOCKS_Q4_K ||
         type == AIS_BLOCKS_Q5_K;
}

STORED_INLINE int stored_has_fifths(ais_block_type type) {
  return type == AIS_BLOCKS_Q5_0 || type == AIS_BLOCKS_Q5_1;
}

// True for blocks of 256 numbers, whose scales are integers times the block's scale.
STORED_INLINE int stored_is_k(ais_block_type type) { return type >= AIS_BLOCKS_Q4_K; }

// The number of weights in a block.
STORED_INLINE size_t stored_block_numbers(ais_block_type type) { return stored_is_k(type) ? 256 : 32; }

// Bytes of a block's half-precision numbers: its scale, and its minimum if it has one.
STORED_INLINE size_t stored_half_bytes(ais_block_type type) { return stored_has_minima(type) ? 4 : 2; }

// Bytes of a block of 32 before its numbers.
STORED_INLINE size_t stored_head_bytes(ais_block_type type) {
  return stored_half_bytes(type) + (stored_has_fifths(type) ? 4 : 0);
}

STORED_INLINE size_t stored_block_bytes(ais_block_type type) {
  switch (type) {
    case AIS_BLOCKS_Q4_K: return 144;
    case AIS_BLOCKS_Q5_K: return 176;
    case AIS_BLOCKS_Q6_K: return 210;
    default: break;
  }
  return stored_head_bytes(type) + (type == AIS_BLOCKS_Q8_0 ? 32 : 16);
}

// The value to subtract from an unsigned stored number, if no minimum is stored.
STORED_INLINE int stored_zero(ais_block_type type) {
  return type == AIS_BLOCKS_Q4_0 ? 8 : type == AIS_BLOCKS_Q5_0 ? 16 : 0;
}

// The offsets of the parts of a block of 256 in its entry, in bytes of one row: 6-bit scales and minima, or the 8-bit
// scales of q6_K; the fifth bits, or the fifth and sixth; the low four bits.
STORED_INLINE size_t stored_k_scales(ais_block_type type) { return type == AIS_BLOCKS_Q6_K ? 194 : 4; }
STORED_INLINE size_t stored_k_highs(ais_block_type type) { return type == AIS_BLOCKS_Q6_K ? 130 : 16; }
STORED_INLINE size_t stored_k_lows(ais_block_type type) {
  return type == AIS_BLOCKS_Q6_K ? 2 : type == AIS_BLOCKS_Q5_K ? 48 : 16;
}

#endif
