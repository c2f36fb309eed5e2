// Declarations shared by all versions of the products with stored blocks.
#ifndef AIS_BLOCKS_INTERNAL_H
#define AIS_BLOCKS_INTERNAL_H

#include "ais_blocks.h"

// Bytes of a row of weights.
size_t ais_blocks_row_bytes(ais_block_type type, size_t inputs);

// A row of weights as floats; bit-equal on every processor.
void ais_blocks_widen(ais_block_type type, const void *row, size_t inputs, float *out);

static inline size_t padded(size_t count) { return (count + 7) / 8 * 8; }

#endif
