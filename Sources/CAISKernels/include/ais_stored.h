// Interleaved blocks: the bits of a file, reordered so that no sums across vectors are needed.
//
// Panels have `width` rows of weights. For each 32 inputs a panel has these entries, with the rows side by side:
//
//   scales d [width] halves; q4_1 and q5_1: minima m [width] halves besides
//   q5_0, q5_1: fifth bits [width], 4 bytes: bit 8·j + g is that of number j of group g
//   groups of four numbers [8, or 4 with two groups in a byte's halves][width][4 bytes]
//
// Group g holds the four inputs from 4·g on; with half bytes, groups c (low) and c + 4 (high) share entry c. For blocks
// of 256 an entry has the halves d, and m of q4_K and q5_K, [width] each. After them come all words of the block in the
// file's order, [words][width][4 bytes]. A panel takes as many bytes as its blocks; missing rows are zeros.
#ifndef AIS_STORED_H
#define AIS_STORED_H

#include "ais_blocks.h"

// True if a type is interleaved: q4_0, q4_1, q5_0, q5_1, q8_0, q4_K, q5_K, q6_K.
bool ais_stored_interleaves(ais_block_type type);

// Rows in a panel on this processor: 8, or 16 of some types if it has VNNI.
size_t ais_stored_width(ais_block_type type);

size_t ais_stored_panel_bytes(ais_block_type type, size_t inputs, size_t width);

// Interleaves `count` ≤ width rows of blocks that follow each other.
void ais_stored_pack(ais_block_type type, size_t width, const void *rows, size_t count, size_t inputs,
                     void *panel);

// out[r, n] = x[r]·w[n] (+ bias[n]) (+ out[r, n]) for the rows n of some panels, of `outputs` in all. x must
// be rounded; out [x.rows, stride], bias [outputs] or NULL.
#define AIS_STORED_PARAMETERS                                                               \
  (ais_block_type type, const void *panels, size_t first_panel, size_t end_panel,           \
   size_t outputs, const ais_byte_rows *x, const float *bias, float *out, size_t stride,    \
   int accumulate)
void ais_stored_panels_ref AIS_STORED_PARAMETERS;  // width 8
void ais_stored_panels_avx2 AIS_STORED_PARAMETERS;  // width 8
void ais_stored_panels_avx512vnni AIS_STORED_PARAMETERS;  // width 16; blocks of 32

// The same as ais_stored_panels_ref for any width.
void ais_stored_panels_of_width(size_t width, ais_block_type type, const void *panels,
                                size_t first_panel, size_t end_panel, size_t outputs,
                                const ais_byte_rows *x, const float *bias, float *out,
                                size_t stride, int accumulate);

#endif
