#include "ais_parallel.h"

#include <stdatomic.h>

// libgomp's entry points. SwiftPM's clang compiles without -fopenmp, so they are called by name.
void GOMP_parallel(void (*body)(void *), void *data, unsigned thread_count, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
void omp_set_num_threads(int count);

// OpenMP keeps the number of threads for each calling thread; this one is the process's. 0: not set.
static atomic_int process_threads = 0;

void ais_set_thread_count(int count) {
  atomic_store_explicit(&process_threads, count < 1 ? 1 : count, memory_order_relaxed);
  ais_adopt_thread_count();
}

int ais_thread_count(void) {
  int count = atomic_load_explicit(&process_threads, memory_order_relaxed);
  return count ? count : omp_get_max_threads();
}

void ais_adopt_thread_count(void) {
  int count = atomic_load_explicit(&process_threads, memory_order_relaxed);
  if (count && count != omp_get_max_threads()) omp_set_num_threads(count);
}

typedef struct {
  ais_range_task task;
  void *context;
  size_t count;
} range_job;

static void run_range(void *data) {
  const range_job *job = data;
  size_t threads = (size_t)omp_get_num_threads();
  size_t thread = (size_t)omp_get_thread_num();
  size_t begin = job->count * thread / threads;
  size_t end = job->count * (thread + 1) / threads;
  if (begin < end) job->task(job->context, begin, end);
}

void ais_parallel_ranges(size_t count, size_t grain, ais_range_task task, void *context) {
  size_t threads = (size_t)ais_thread_count();
  size_t useful = grain ? count / grain : count;
  if (useful < threads) threads = useful;
  if (threads <= 1) {
    if (count) task(context, 0, count);
    return;
  }
  range_job job = {task, context, count};
  GOMP_parallel(run_range, &job, (unsigned)threads, 0);
}

typedef struct {
  ais_index_task task;
  void *context;
  size_t count;
  atomic_size_t next;
} index_job;

static void run_indices(void *data) {
  index_job *job = data;
  int worker = omp_get_thread_num();
  for (;;) {
    size_t index = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
    if (index >= job->count) return;
    job->task(job->context, index, worker);
  }
}

void ais_parallel_indices(size_t count, ais_index_task task, void *context) {
  size_t threads = (size_t)ais_thread_count();
  if (count < threads) threads = count;
  index_job job = {task, context, count, 0};
  if (threads <= 1) {
    for (size_t index = 0; index < count; index++) task(context, index, 0);
    return;
  }
  GOMP_parallel(run_indices, &job, (unsigned)threads, 0);
}
