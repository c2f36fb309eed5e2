#include "cublas_plans.h"

#include <math.h>

enum { MOST_CANDIDATES = 16, TIMED_RUNS = 5 };

// Memory that stands for x and out, and the two moments of a measurement.
typedef struct {
  ais_cuda_address weights, x, out;
  ais_cuda_event begin, end;
} rehearsal;

// The shortest of several runs. Before each, memory larger than most caches is written: in a pass, too, weights come
// from memory. The host gets ahead meanwhile, so that its launch isn't measured.
static int measure(const ais_cublas *library, const plan *p, const lt_algorithm *algorithm, const rehearsal *r,
                   float *shortest) {
  ais_cuda_device *device = library->device;
  void *stream = ais_cuda_stream(device);
  *shortest = INFINITY;
  // The first run loads the algorithm's kernels.
  TRY(ais_plan_run(library, p, algorithm, r->weights, r->x, r->out, stream));
  for (int i = 0; i < TIMED_RUNS; i++) {
    float milliseconds;
    TRY(ais_cuda_fill(device, library->workspace, 0, AIS_WORKSPACE_BYTES));
    TRY(ais_cuda_record(device, r->begin));
    TRY(ais_plan_run(library, p, algorithm, r->weights, r->x, r->out, stream));
    TRY(ais_cuda_record(device, r->end));
    TRY(ais_cuda_elapsed(device, r->begin, r->end, &milliseconds));
    if (milliseconds < *shortest) *shortest = milliseconds;
  }
  return 0;
}

static int rehearse(const ais_cublas *library, plan *p, int wanted, const rehearsal *r) {
  lt_candidate candidates[MOST_CANDIDATES];
  int found = 0, code = 0, is_chosen = 0;
  TRY(ais_plan_search(library, p, wanted, candidates, &found));
  float best = INFINITY;
  for (int i = 0; i < found; i++) {
    float time;
    const int own = candidates[i].status ? AIS_CUBLAS_REFUSED - candidates[i].status
                                         : measure(library, p, &candidates[i].algorithm, r, &time);
    if (own) {
      code = code ? code : own;
    } else if (time < best) {
      best = time;
      p->algorithm = candidates[i].algorithm;
      is_chosen = 1;
    }
  }
  return is_chosen ? 0 : code;
}

static int prepare(const ais_cublas *library, plan *p, ais_cuda_address weights, int wanted) {
  ais_cuda_device *device = library->device;
  const shape *s = &p->key;
  const size_t x_bytes = (size_t)(s->rows * s->x_stride) * (s->input_type == AIS_CUBLAS_F32 ? 4 : 2);
  const size_t out_bytes = (size_t)(s->rows * s->out_stride) * (s->output_type == AIS_CUBLAS_F32 ? 4 : 2);
  rehearsal r = {.weights = weights};
  int code = ais_cuda_allocate(device, x_bytes, &r.x);
  if (!code) code = ais_cuda_allocate(device, out_bytes, &r.out);
  if (!code) code = ais_cuda_create_event(device, &r.begin);
  if (!code) code = ais_cuda_create_event(device, &r.end);
  if (!code) code = ais_cuda_fill(device, r.x, 0x3C, x_bytes);  // a small number in every type
  if (!code) code = ais_cuda_fill(device, r.out, 0, out_bytes);
  if (!code) code = rehearse(library, p, wanted, &r);
  if (r.begin) ais_cuda_release_event(device, r.begin);
  if (r.end) ais_cuda_release_event(device, r.end);
  if (r.x) ais_cuda_release(device, r.x);
  if (r.out) ais_cuda_release(device, r.out);
  return code;
}

int ais_cublas_prepare(ais_cublas *library, const ais_cublas_product *product, int candidates) {
  plan *p = NULL;
  const int wanted = candidates < 1 ? 1 : candidates > MOST_CANDIDATES ? MOST_CANDIDATES : candidates;
  pthread_mutex_lock(&library->lock);
  int code = ais_cuda_bind(library->device);
  if (!code) code = ais_plan_find(library, product, &p);
  if (!code && !p->is_prepared) code = prepare(library, p, product->weights, wanted);
  if (!code) p->is_prepared = 1;
  pthread_mutex_unlock(&library->lock);
  return code;
}
