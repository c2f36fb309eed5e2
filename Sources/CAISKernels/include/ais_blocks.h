// Matrix products with weights as a file stores them, in blocks (see ais_dequantize.h).
//
// If weights are stored in few bits, activations are rounded to 8 bits in blocks of 32, each with a scale. A product of
// two blocks is then one of integers, which is exact:
//
//   Σ_i x_i w_i ≈ Σ_blocks (s_x · s_w · Σ q_x q_w + m_w · s_x Σ q_x)
//
// with w = s_w · q_w + m_w. If weights are stored as floating-point numbers, or in an encoding without an integer
// product (q2_K, q3_K), they are widened and multiplied by the unrounded x.
//
// A row's results have the same bits whatever rows are beside it, and for any number of threads.
#ifndef AIS_BLOCKS_H
#define AIS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  AIS_BLOCKS_F32,
  AIS_BLOCKS_F16,
  AIS_BLOCKS_BF16,
  AIS_BLOCKS_Q4_0,
  AIS_BLOCKS_Q4_1,
  AIS_BLOCKS_Q5_0,
  AIS_BLOCKS_Q5_1,
  AIS_BLOCKS_Q8_0,
  AIS_BLOCKS_Q2_K,
  AIS_BLOCKS_Q3_K,
  AIS_BLOCKS_Q4_K,
  AIS_BLOCKS_Q5_K,
  AIS_BLOCKS_Q6_K,
} ais_block_type;

// True if products of integers are computed, so that x is rounded.
bool ais_blocks_round_input(ais_block_type type);

// The name of the instruction set that these products use.
const char *ais_blocks_kernels(void);

// Rows of x, and the same rounded to bytes: x ≈ scale · byte. The other arrays may be NULL if no product needs them;
// their rows are padded with zeros to a multiple of 8 numbers.
typedef struct {
  size_t rows, inputs;
  const float *x;         // [rows, inputs]
  const int8_t *bytes;    // [rows, inputs]
  const float *scales;    // [rows, inputs / 32]
  const float *sums;      // [rows, inputs / 32] scale · Σ bytes, over 32 numbers
  const float *half_sums;  // [rows, inputs / 16] the same over 16
} ais_byte_rows;

// Bytes of memory that ais_round_rows needs.
size_t ais_byte_rows_size(size_t rows, size_t inputs);

// Rounds rows of x, whose inputs are a multiple of 32, into `memory`, aligned to 64 bytes. A block's
// scale is its largest magnitude / 127; bytes are rounded to nearest even.
ais_byte_rows ais_round_rows(const float *x, size_t rows, size_t inputs, void *memory);

#define AIS_ROUND_ROWS_PARAMETERS                                                        \
  (const float *x, size_t inputs, int8_t *bytes, float *scales, float *sums, float *half_sums)
void ais_round_row_ref AIS_ROUND_ROWS_PARAMETERS;
void ais_round_row_avx2 AIS_ROUND_ROWS_PARAMETERS;

// Rows of weights, one after the other as in a file, or, for types with integer products, interleaved in panels of
// `width` rows (see ais_stored.h).
typedef struct {
  ais_block_type type;
  size_t outputs;
  const void *blocks;
  size_t width;  // 0: as in a file
} ais_block_segment;

// out[r, n] = x[r]·w[n] (+ bias[n]) (+ out[r, n]), the outputs of the segments one after the other.
// out [x.rows, outputs of all segments], bias [outputs] or NULL; scratch of ais_blocks_scratch bytes for each of at
// most `workers` workers.
void ais_blocks_product(const ais_block_segment *segments, size_t segment_count, ais_byte_rows x,
                        const float *bias, float *out, int accumulate, void *scratch, int workers);
size_t ais_blocks_scratch(size_t inputs);

// The most weight rows that the functions below take at a time.
enum { AIS_BLOCK_ROWS = 4 };

// The same for `outputs` rows of weights, at most AIS_BLOCK_ROWS, on the calling thread. out [x.rows, stride], bias
// [outputs]; scratch of ais_blocks_scratch bytes. The fast version takes only types that are not interleaved.
#define AIS_BLOCKS_PARAMETERS                                                             \
  (ais_block_type type, const void *blocks, size_t outputs, const ais_byte_rows *x,       \
   const float *bias, float *out, size_t stride, int accumulate, void *scratch)
void ais_blocks_rows_ref AIS_BLOCKS_PARAMETERS;
void ais_blocks_rows_avx2 AIS_BLOCKS_PARAMETERS;

#endif
