// Matrix products with weights packed once: out = x·Wᵀ (+ bias) (+ out).
//
// Panels: `width` outputs are stored side by side, so that a vector of weights is multiplied by one broadcast number of
// x, and no sum runs across a vector. Shapes, with the last panel padded with zeros:
//
//   AIS_F32    [panels][inputs rounded up to 16][width]          float
//   AIS_BF16   [panels][inputs rounded up to 32, halved][width][2]  bfloat16, two inputs of an output
//                                                                   together
//
// With a width of 64 these are the layouts that oneDNN calls BA16a64b and BA16a64b2a.
//
// Every output is one chain of fused multiply-adds in the order of the inputs, starting at zero; bias and the earlier
// `out` are added at its end. So results have the same bits for any number of threads and any neighbouring rows. Only
// one thing differs between processors: AVX-512 BF16 sums two products of bfloat16 numbers at a time.
#ifndef AIS_PRODUCT_H
#define AIS_PRODUCT_H

#include <stddef.h>

#include "ais_block.h"

typedef struct {
  size_t outputs, inputs;
  size_t width;      // outputs in a panel: 16 or 64
  ais_dtype type;    // of the packed numbers: AIS_F32 or AIS_BF16
  const void *data;  // aligned to 64 bytes
  const float *bias;  // [outputs], or NULL
} ais_panels;

// The most outputs of a panel; packing needs a multiple of 4.
enum { AIS_WIDEST_PANEL = 64 };

// The panel width of this processor's kernels.
size_t ais_panel_width(void);

// The best type of rows of x for products with panels of `type`: AIS_F32 for AIS_F32; for AIS_BF16, AIS_BF16 if
// ais_uses_bf16_dot(), else AIS_BF16_WIDE.
ais_dtype ais_product_input_type(ais_dtype type);

// The name of the instruction set that products of panels of `type` with such rows use.
const char *ais_product_kernels(ais_dtype type);

static inline size_t ais_panel_count(size_t outputs, size_t width) {
  return (outputs + width - 1) / width;
}

// Numbers in a panel.
static inline size_t ais_panel_elements(ais_dtype type, size_t inputs, size_t width) {
  const size_t step = type == AIS_BF16 ? 32 : 16;
  return (inputs + step - 1) / step * step * width;
}

// Packs one panel from rows [count, inputs], count ≤ width; bfloat16 is rounded to nearest even.
void ais_pack_panel(ais_dtype type, size_t width, const float *rows, size_t count, size_t inputs,
                    void *panel);

// x [rows, inputs] of x_type, out [rows, outputs]. x_type is AIS_F32 or AIS_BF16_WIDE; AIS_BF16 is allowed for AIS_BF16
// panels if ais_has_bf16_dot() is true.
#define AIS_PRODUCT_PARAMETERS                                                             \
  (const ais_panels *weights, const void *x, ais_dtype x_type, size_t rows, float *out,    \
   int accumulate)
void ais_product AIS_PRODUCT_PARAMETERS;

// The most rows that one call of the functions below takes, and the rows in one of its tiles.
enum { AIS_PRODUCT_ROWS = 96, AIS_PRODUCT_TILE = 6 };

// The same product for the outputs of some panels, on the calling thread. x is float for f32, float rounded to bfloat16
// for bf16, and bfloat16 for bf16_dot.
#define AIS_PRODUCT_BLOCK_PARAMETERS                                                       \
  (const ais_panels *weights, size_t first_panel, size_t end_panel, const void *x, size_t rows, \
   float *out, int accumulate)
void ais_product_block_f32_ref AIS_PRODUCT_BLOCK_PARAMETERS;
void ais_product_block_f32_avx2 AIS_PRODUCT_BLOCK_PARAMETERS;
void ais_product_block_f32_avx512 AIS_PRODUCT_BLOCK_PARAMETERS;
void ais_product_block_bf16_ref AIS_PRODUCT_BLOCK_PARAMETERS;
void ais_product_block_bf16_avx2 AIS_PRODUCT_BLOCK_PARAMETERS;
void ais_product_block_bf16_avx512 AIS_PRODUCT_BLOCK_PARAMETERS;
void ais_product_block_bf16_dot_avx512 AIS_PRODUCT_BLOCK_PARAMETERS;

#endif
