// Picks the version for this processor and splits the rows over the thread pool. A row is computed the same way for any
// split, so results do not depend on the number of threads.
#include "ais_block.h"

#include "ais_isa.h"
#include "ais_parallel.h"
#include "dispatch.h"

// With fewer numbers a parallel region costs more than it saves.
enum { serial_below = 16384 };

static size_t grain(size_t width) { return width ? serial_below / width + 1 : 1; }

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
   job->out + begin * job->width * ais_dtype_bytes(job->out_type), job->out_type, end - begin,
   job->width);
}

void ais_rmsnorm_f32 AIS_RMSNORM_PARAMETERS {
  rmsnorm_job job = {x, w, eps, out, out_type, width};
  ais_parallel_ranges(rows, grain(width), rmsnorm_range, &job);
}

typedef struct {
  const float *x, *w, *b;
  float eps;
  char *out;
  ais_dtype out_type;
  size_t width;
} layernorm_job;

static void layernorm_range(void *context, size_t begin, size_t end) {
  const layernorm_job *job = context;
  AIS_DISPATCH(ais_layernorm_f32)
  (job->x + begin * job->width, job->w, job->b, job->eps,
   job->out + begin * job->width * ais_dtype_bytes(job->out_type), job->out_type, end - begin,
   job->width);
}

void ais_layernorm_f32 AIS_LAYERNORM_PARAMETERS {
  layernorm_job job = {x, w, b, eps, out, out_type, width};
  ais_parallel_ranges(rows, grain(width), layernorm_range, &job);
}

typedef struct {
  ais_activation activation;
  int gated;
  const float *x;
  char *out;
  ais_dtype out_type;
  size_t width;
} activate_job;

static void activate_range(void *context, size_t begin, size_t end) {
  const activate_job *job = context;
  AIS_DISPATCH(ais_activate_f32)
  (job->activation, job->gated, job->x + (job->gated ? 2 : 1) * begin * job->width,
   job->out + begin * job->width * ais_dtype_bytes(job->out_type), job->out_type, end - begin,
   job->width);
}

void ais_activate_f32 AIS_ACTIVATE_PARAMETERS {
  activate_job job = {activation, gated, x, out, out_type, width};
  ais_parallel_ranges(rows, grain(width), activate_range, &job);
}

// Flat arrays are split at multiples of this, so that the elements in a vector's remainder do not depend on the number
// of threads.
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

typedef struct {
  const float *x;
  float *out;
  size_t count;
} round_job;

static void round_range(void *context, size_t begin, size_t end) {
  const round_job *job = context;
  size_t first = begin * span_elements;
  AIS_DISPATCH(ais_round_bf16_f32)
  (job->x + first, job->out + first, span_end(end, job->count) - first);
}

void ais_round_bf16_f32 AIS_ROUND_BF16_PARAMETERS {
  round_job job = {x, out, count};
  ais_parallel_ranges(span_count(count), serial_below / span_elements, round_range, &job);
}

typedef struct {
  float *x;
  const float *y;
  float scale;
  size_t count;
} add_job;

static void add_range(void *context, size_t begin, size_t end) {
  const add_job *job = context;
  size_t first = begin * span_elements;
  AIS_DISPATCH(ais_add_f32)
  (job->x + first, job->y + first, job->scale, span_end(end, job->count) - first);
}

void ais_add_f32 AIS_ADD_PARAMETERS {
  add_job job = {x, y, scale, count};
  ais_parallel_ranges(span_count(count), serial_below / span_elements, add_range, &job);
}

typedef struct {
  float *x;
  float cap;
  size_t count;
} soft_cap_job;

static void soft_cap_range(void *context, size_t begin, size_t end) {
  const soft_cap_job *job = context;
  size_t first = begin * span_elements;
  AIS_DISPATCH(ais_soft_cap_f32)(job->x + first, job->cap, span_end(end, job->count) - first);
}

void ais_soft_cap_f32 AIS_SOFT_CAP_PARAMETERS {
  soft_cap_job job = {x, cap, count};
  ais_parallel_ranges(span_count(count), serial_below / span_elements, soft_cap_range, &job);
}
