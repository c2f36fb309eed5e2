// Picks the version for this processor and splits the rows over the thread pool. A row is summed by one thread in one
// order, so results do not depend on the number of threads.
#include "ais_compare.h"

#include "ais_parallel.h"
#include "dispatch.h"

// With fewer numbers a parallel region costs more than it saves.
enum { serial_below = 4096 };

static size_t grain(size_t width) { return width ? serial_below / width + 1 : 1; }

typedef struct {
  const float *base, *other;
  ais_comparison *out;
  size_t width;
} compare_job;

static void compare_range(void *context, size_t begin, size_t end) {
  const compare_job *job = context;
  AIS_DISPATCH(ais_compare_f32)
  (job->base + begin * job->width, job->other + begin * job->width, job->out + begin, end - begin,
   job->width);
}

void ais_compare_f32 AIS_COMPARE_PARAMETERS {
  compare_job job = {base, other, out, width};
  ais_parallel_ranges(rows, grain(width), compare_range, &job);
}

typedef struct {
  const float *x;
  double *out;
  size_t width;
} log_sum_exp_job;

static void log_sum_exp_range(void *context, size_t begin, size_t end) {
  const log_sum_exp_job *job = context;
  AIS_DISPATCH(ais_log_sum_exp_f32)
  (job->x + begin * job->width, job->out + begin, end - begin, job->width);
}

void ais_log_sum_exp_f32 AIS_LOG_SUM_EXP_PARAMETERS {
  log_sum_exp_job job = {x, out, width};
  ais_parallel_ranges(rows, grain(width), log_sum_exp_range, &job);
}
