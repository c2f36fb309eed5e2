// Picks the twin for this processor and splits the rows over the thread pool. A row is computed the
// same way wherever the split falls, so results do not depend on the number of threads.
#include "ais_block.h"

#include "ais_isa.h"
#include "ais_parallel.h"
#include "dispatch.h"

// Numbers below which a parallel region costs more than it saves.
enum { serial_below = 16384 };

static size_t grain(size_t width) { return width ? serial_below / width + 1 : 1; }

static size_t output_bytes(ais_dtype type) { return type == AIS_BF16 ? 2 : 4; }

typedef struct {
  const float *x, *w;
  float eps;
  char *out;
  ais_dtype out_type;
  size_t width;
} rmsnorm_job;

static void rmsnorm_range(void *context, size_t begin, size_t end) {
  const rmsnorm_job *job = context;
  AIS_DISPATCH(ais_rmsnorm_f32)
  (job->x + begin * job->width, job->w, job->eps,
   job->out + begin * job->width * output_bytes(job->out_type), job->out_type, end - begin,
   job->width);
}

void ais_rmsnorm_f32 AIS_RMSNORM_PARAMETERS {
  rmsnorm_job job = {x, w, eps, out, out_type, width};
  ais_parallel_ranges(rows, grain(width), rmsnorm_range, &job);
}

typedef struct {
  const float *gate_up;
  char *out;
  ais_dtype out_type;
  size_t width;
} swiglu_job;

static void swiglu_range(void *context, size_t begin, size_t end) {
  const swiglu_job *job = context;
  AIS_DISPATCH(ais_swiglu_f32)
  (job->gate_up + 2 * begin * job->width,
   job->out + begin * job->width * output_bytes(job->out_type), job->out_type, end - begin,
   job->width);
}

void ais_swiglu_f32 AIS_SWIGLU_PARAMETERS {
  swiglu_job job = {gate_up, out, out_type, width};
  ais_parallel_ranges(rows, grain(width), swiglu_range, &job);
}

// Flat arrays are split at multiples of this, so that which element falls into a vector's remainder
// does not depend on the number of threads.
enum { span_elements = 64 };

static size_t span_count(size_t count) { return (count + span_elements - 1) / span_elements; }

static size_t span_end(size_t span, size_t count) {
  size_t end = span * span_elements;
  return end < count ? end : count;
}

typedef struct {
  float *x;
  const float *before;
  float alpha;
  size_t count;
} blend_job;

static void blend_range(void *context, size_t begin, size_t end) {
  const blend_job *job = context;
  size_t first = begin * span_elements;
  AIS_DISPATCH(ais_blend_f32)
  (job->x + first, job->before + first, job->alpha, span_end(end, job->count) - first);
}

void ais_blend_f32 AIS_BLEND_PARAMETERS {
  blend_job job = {x, before, alpha, count};
  ais_parallel_ranges(span_count(count), serial_below / span_elements, blend_range, &job);
}

typedef struct {
  const float *x;
  uint16_t *out;
  size_t count;
} bf16_job;

static void bf16_range(void *context, size_t begin, size_t end) {
  const bf16_job *job = context;
  size_t first = begin * span_elements;
  AIS_DISPATCH(ais_to_bf16_f32)
  (job->x + first, job->out + first, span_end(end, job->count) - first);
}

void ais_to_bf16_f32 AIS_TO_BF16_PARAMETERS {
  bf16_job job = {x, out, count};
  ais_parallel_ranges(span_count(count), serial_below / span_elements, bf16_range, &job);
}
