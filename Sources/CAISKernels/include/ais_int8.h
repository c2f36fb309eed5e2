// Matrix products of 8-bit integers: out = x·Wᵀ (+ bias) (+ out), with a scale for each output's weights and one for
// each row of x.
//
// Weights are stored in panels, as in ais_product.h, with four inputs of an output together: [panels][inputs rounded up
// to 4, quartered][width][4].
// Rows of x are stored with 128 added, since processors multiply unsigned with signed bytes; an output's sum of weights
// serves to subtract that again. Integer sums are exact, so results have the same bits on every processor.
#ifndef AIS_INT8_H
#define AIS_INT8_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t outputs, inputs;
  size_t width;         // outputs in a panel: 16 or 64
  const int8_t *data;   // aligned to 64 bytes
  const int32_t *sums;  // [outputs rounded up to width] of an output's weights
  const float *scales;  // the same: weight = scale · byte
  const float *bias;    // [outputs], or NULL
} ais_byte_panels;

static inline size_t ais_byte_row_stride(size_t inputs) { return (inputs + 3) / 4 * 4; }

// The largest magnitude of a packed weight on this processor. It is 127 if products of four bytes are summed in 32
// bits; it is 63 if pairs of them are summed in 16 bits, where 255 · 63 · 2 must fit.
int ais_byte_weight_limit(void);

// The name of the instruction set that these products use.
const char *ais_byte_product_kernels(void);

// The most inputs of a product for which no sum overflows.
enum { AIS_BYTE_INPUTS = 65536 };

// Packs one panel from rows [count, inputs], count ≤ width: an output's largest magnitude becomes
// `limit`, the rest is rounded to nearest even. sums and scales [width].
void ais_pack_byte_panel(size_t width, int limit, const float *rows, size_t count, size_t inputs,
                         int8_t *panel, int32_t *sums, float *scales);

// out[r, i] = 128 + x[r, i] / scales[r] rounded to nearest even, scales[r] the row's largest magnitude /
// 127. x [rows, inputs], out [rows, ais_byte_row_stride(inputs)], scales [rows].
#define AIS_ROUND_BYTES_PARAMETERS \
  (const float *x, uint8_t *out, float *scales, size_t rows, size_t inputs)
void ais_round_bytes_f32_ref AIS_ROUND_BYTES_PARAMETERS;
void ais_round_bytes_f32_avx2 AIS_ROUND_BYTES_PARAMETERS;
void ais_round_bytes_f32_avx512 AIS_ROUND_BYTES_PARAMETERS;
void ais_round_bytes_f32 AIS_ROUND_BYTES_PARAMETERS;

// x and its scales from ais_round_bytes_f32, out [rows, outputs].
void ais_byte_product(const ais_byte_panels *weights, const uint8_t *x, const float *x_scales,
                      size_t rows, float *out, int accumulate);

// The same product for the outputs of some panels, on the calling thread.
#define AIS_BYTE_BLOCK_PARAMETERS                                                          \
  (const ais_byte_panels *weights, size_t first_panel, size_t end_panel, const uint8_t *x, \
   const float *x_scales, size_t rows, float *out, int accumulate)
void ais_byte_block_ref AIS_BYTE_BLOCK_PARAMETERS;
void ais_byte_block_avx2 AIS_BYTE_BLOCK_PARAMETERS;
void ais_byte_block_avx512 AIS_BYTE_BLOCK_PARAMETERS;
void ais_byte_block_avx512vnni AIS_BYTE_BLOCK_PARAMETERS;

#endif
