// Picks the version for this processor and distributes the work.
#include "ais_int8.h"

#include "ais_parallel.h"
#include "ais_product.h"
#include "dispatch.h"
#include "units.h"

typedef void block_function AIS_BYTE_BLOCK_PARAMETERS;

static block_function *block(void) {
#if defined(__x86_64__)
  if (ais_has_byte_dot()) return ais_byte_block_avx512vnni;
#endif
  return AIS_DISPATCH(ais_byte_block);
}

int ais_byte_weight_limit(void) {
  return ais_has_byte_dot() || ais_active_isa() == AIS_ISA_REFERENCE ? 127 : 63;
}

const char *ais_byte_product_kernels(void) {
  return ais_has_byte_dot() ? "avx512-vnni" : ais_isa_name(ais_active_isa());
}

typedef struct {
  const float *x;
  uint8_t *out;
  float *scales;
  size_t inputs;
} round_job;

static void round_range(void *context, size_t begin, size_t end) {
  const round_job *job = context;
  AIS_DISPATCH(ais_round_bytes_f32)
  (job->x + begin * job->inputs, job->out + begin * ais_byte_row_stride(job->inputs),
   job->scales + begin, end - begin, job->inputs);
}

void ais_round_bytes_f32 AIS_ROUND_BYTES_PARAMETERS {
  round_job job = {x, out, scales, inputs};
  ais_parallel_ranges(rows, 16384 / (inputs + 1) + 1, round_range, &job);
}

typedef struct {
  const ais_byte_panels *weights;
  block_function *block;
  const uint8_t *x;
  const float *x_scales;
  float *out;
  int accumulate;
  ais_units units;
} product_job;

static void product_unit(void *context, size_t index, int worker) {
  (void)worker;
  const product_job *job = context;
  const ais_unit unit = ais_unit_at(&job->units, index);
  job->block(job->weights, unit.first_panel, unit.end_panel,
             job->x + unit.first_row * ais_byte_row_stride(job->weights->inputs),
             job->x_scales + unit.first_row, unit.end_row - unit.first_row,
             job->out + unit.first_row * job->weights->outputs, job->accumulate);
}

void ais_byte_product(const ais_byte_panels *weights, const uint8_t *x, const float *x_scales,
                      size_t rows, float *out, int accumulate) {
  if (rows == 0 || weights->outputs == 0) return;
  const size_t stride = ais_byte_row_stride(weights->inputs);
  product_job job = {weights, block(), x, x_scales, out, accumulate,
                     ais_cut(rows, stride, ais_panel_count(weights->outputs, weights->width),
                             weights->width * stride)};
  ais_parallel_indices(ais_unit_count(&job.units), AIS_ANY_WORKERS, product_unit, &job);
}
