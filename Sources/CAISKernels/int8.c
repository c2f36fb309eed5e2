// Picks the twin for this processor and splits the rows over the thread pool.
#include "ais_int8.h"

#include "ais_parallel.h"
#include "dispatch.h"

// Numbers below which a parallel region costs more than it saves.
enum { serial_below = 16384 };

static size_t grain(size_t width) { return width ? serial_below / width + 1 : 1; }

typedef struct {
  const float *x;
  int limit;
  int8_t *out;
  float *scales;
  size_t width;
} round_job;

static void round_range(void *context, size_t begin, size_t end) {
  const round_job *job = context;
  AIS_DISPATCH(ais_round_int8_f32)
  (job->x + begin * job->width, job->limit, job->out + begin * job->width, job->scales + begin,
   end - begin, job->width);
}

void ais_round_int8_f32 AIS_ROUND_INT8_PARAMETERS {
  round_job job = {x, limit, out, scales, width};
  ais_parallel_ranges(rows, grain(width), round_range, &job);
}

typedef struct {
  const int32_t *sums;
  const float *row_scales, *scales, *bias;
  float *out;
  int accumulate;
  size_t width;
} scale_job;

static void scale_range(void *context, size_t begin, size_t end) {
  const scale_job *job = context;
  AIS_DISPATCH(ais_scale_int32)
  (job->sums + begin * job->width, job->row_scales + begin, job->scales, job->bias,
   job->out + begin * job->width, job->accumulate, end - begin, job->width);
}

void ais_scale_int32 AIS_SCALE_INT32_PARAMETERS {
  scale_job job = {sums, row_scales, scales, bias, out, accumulate, width};
  ais_parallel_ranges(rows, grain(width), scale_range, &job);
}
