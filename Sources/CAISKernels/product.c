// Picks the version for this processor and distributes units of the product.
#include "ais_product.h"

#include "ais_isa.h"
#include "ais_parallel.h"
#include "dispatch.h"
#include "units.h"

typedef void block_function AIS_PRODUCT_BLOCK_PARAMETERS;

static block_function *block_for(ais_dtype type, ais_dtype x_type) {
  if (type == AIS_F32) return AIS_DISPATCH(ais_product_block_f32);
#if defined(__x86_64__)
  if (x_type == AIS_BF16) return ais_product_block_bf16_dot_avx512;
#endif
  (void)x_type;
  return AIS_DISPATCH(ais_product_block_bf16);
}

size_t ais_panel_width(void) { return ais_active_isa() == AIS_ISA_AVX512 ? 64 : 16; }

ais_dtype ais_product_input_type(ais_dtype type) {
  if (type == AIS_F32) return AIS_F32;
  return ais_uses_bf16_dot() ? AIS_BF16 : AIS_BF16_WIDE;
}

const char *ais_product_kernels(ais_dtype type) {
  return type == AIS_BF16 && ais_uses_bf16_dot() ? "avx512-bf16" : ais_isa_name(ais_active_isa());
}

typedef struct {
  const ais_panels *weights;
  block_function *block;
  const char *x;
  float *out;
  int accumulate;
  size_t x_row_bytes;
  ais_units units;
} product_job;

static void product_unit(void *context, size_t index, int worker) {
  (void)worker;
  const product_job *job = context;
  const ais_unit unit = ais_unit_at(&job->units, index);
  job->block(job->weights, unit.first_panel, unit.end_panel,
             job->x + unit.first_row * job->x_row_bytes, unit.end_row - unit.first_row,
             job->out + unit.first_row * job->weights->outputs, job->accumulate);
}

void ais_product AIS_PRODUCT_PARAMETERS {
  if (rows == 0 || weights->outputs == 0) return;
  const size_t x_row_bytes = weights->inputs * ais_dtype_bytes(x_type);
  const size_t panel_bytes = ais_panel_elements(weights->type, weights->inputs, weights->width) *
                             ais_dtype_bytes(weights->type);
  product_job job = {weights, block_for(weights->type, x_type), x, out, accumulate, x_row_bytes,
                     ais_cut(rows, x_row_bytes, ais_panel_count(weights->outputs, weights->width),
                             panel_bytes)};
  ais_parallel_indices(ais_unit_count(&job.units), AIS_ANY_WORKERS, product_unit, &job);
}
