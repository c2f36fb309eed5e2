#define _GNU_SOURCE

#include "ais_parallel.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Functions of libgomp. Its own regions (FAISS, OpenBLAS, oneDNN called outside this pool) should use as many threads.
// SwiftPM's clang compiles without -fopenmp, so they are called by name.
int omp_get_max_threads(void);
void omp_set_num_threads(int count);

// OpenMP has a number of threads for each calling thread; this is the process's number. 0: not set.
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

// The pool. A job is a counter of indices that free workers take. Its owner takes indices as well, and at the end waits
// only for workers that have joined. A worker that the system has suspended for another program is not waited for; the
// others do its share.
enum {
  most_workers = AIS_ANY_WORKERS - 1,
  // Rounds of waiting before a worker sleeps, about a tenth of a millisecond: longer than the gaps inside a forward
  // pass, short enough to free the core for others.
  worker_rounds = 6000,
  // Rounds of waiting for a worker before the owner yields its core.
  owner_rounds = 2000,
};

// The fields of `state`: the job's number (upper half), whether it may be joined, how many have joined.
#define OPEN ((uint64_t)1 << 31)
#define JOINED (OPEN - 1)

static struct {
  _Alignas(64) atomic_uint_fast64_t state;
  _Alignas(64) atomic_size_t next;
  _Alignas(64) ais_index_task task;
  void *context;
  size_t count;
  int threads;
  _Alignas(64) atomic_uint number;  // of the job, where workers sleep
  atomic_int sleepers;
  atomic_flag busy;
  int workers;
} pool = {.busy = ATOMIC_FLAG_INIT};

// True inside a job: jobs started there run on the same thread.
static _Thread_local bool is_inside = false;

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static void take_indices(int worker) {
  const ais_index_task task = pool.task;
  void *const context = pool.context;
  const size_t count = pool.count;
  for (;;) {
    const size_t index = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
    if (index >= count) return;
    task(context, index, worker);
  }
}

// Waits for a job other than number `last`; sleeps if none comes soon.
static void await_job(unsigned last) {
  for (int round = 0; round < worker_rounds; round++) {
    if (atomic_load_explicit(&pool.number, memory_order_acquire) != last) return;
    relax();
  }
  while (atomic_load(&pool.number) == last) {
    atomic_fetch_add(&pool.sleepers, 1);
    syscall(SYS_futex, &pool.number, FUTEX_WAIT_PRIVATE, last, NULL, NULL, 0);
    atomic_fetch_sub(&pool.sleepers, 1);
  }
}

static void *work(void *argument) {
  const int worker = (int)(intptr_t)argument;
  is_inside = true;
  // Libraries that a task calls must stay on its thread.
  omp_set_num_threads(1);
  unsigned last = 0;
  for (;;) {
    await_job(last);
    uint64_t state = atomic_load_explicit(&pool.state, memory_order_acquire);
    last = (unsigned)(state >> 32);
    while ((state & OPEN) && (unsigned)(state >> 32) == last &&
           !atomic_compare_exchange_weak_explicit(&pool.state, &state, state + 1,
                                                  memory_order_acquire, memory_order_acquire)) {
    }
    if (!(state & OPEN) || (unsigned)(state >> 32) != last) continue;
    if (worker < pool.threads) take_indices(worker);
    atomic_fetch_sub_explicit(&pool.state, 1, memory_order_release);
  }
  return NULL;
}

// Starts workers; called only by the pool's current owner.
static void hire(int threads) {
  while (pool.workers < threads - 1 && pool.workers < most_workers) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    const int failure =
        pthread_create(&thread, &attributes, work, (void *)(intptr_t)(pool.workers + 1));
    pthread_attr_destroy(&attributes);
    // If threads cannot be started, fewer do the work.
    if (failure) return;
    pool.workers++;
  }
}

static void await_workers(void) {
  for (int round = 0; atomic_load_explicit(&pool.state, memory_order_acquire) & JOINED; round++) {
    if (round < owner_rounds)
      relax();
    else
      sched_yield();
  }
}

void ais_parallel_indices(size_t count, int workers, ais_index_task task, void *context) {
  size_t threads = (size_t)ais_thread_count();
  if (workers < (int)threads) threads = (size_t)(workers < 1 ? 1 : workers);
  if (count < threads) threads = count;
  if (threads > most_workers + 1) threads = most_workers + 1;
  if (threads <= 1 || is_inside || atomic_flag_test_and_set_explicit(&pool.busy, memory_order_acquire)) {
    for (size_t index = 0; index < count; index++) task(context, index, 0);
    return;
  }
  hire((int)threads);
  pool.task = task;
  pool.context = context;
  pool.count = count;
  pool.threads = (int)threads;
  atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
  const unsigned number = atomic_load_explicit(&pool.number, memory_order_relaxed) + 1;
  atomic_store_explicit(&pool.state, (uint64_t)number << 32 | OPEN, memory_order_release);
  atomic_store(&pool.number, number);
  if (atomic_load(&pool.sleepers) > 0)
    syscall(SYS_futex, &pool.number, FUTEX_WAKE_PRIVATE, (int)threads - 1, NULL, NULL, 0);
  const int own_threads = omp_get_max_threads();
  is_inside = true;
  omp_set_num_threads(1);
  take_indices(0);
  omp_set_num_threads(own_threads);
  is_inside = false;
  atomic_fetch_and_explicit(&pool.state, ~OPEN, memory_order_relaxed);
  await_workers();
  atomic_flag_clear_explicit(&pool.busy, memory_order_release);
}

typedef struct {
  ais_range_task task;
  void *context;
  size_t count, ranges;
} range_job;

static void run_range(void *data, size_t index, int worker) {
  (void)worker;
  const range_job *job = data;
  job->task(job->context, job->count * index / job->ranges, job->count * (index + 1) / job->ranges);
}

void ais_parallel_ranges(size_t count, size_t grain, ais_range_task task, void *context) {
  const size_t threads = (size_t)ais_thread_count();
  const size_t useful = grain ? count / grain : count;
  range_job job = {task, context, count, useful < threads ? useful : threads};
  if (job.ranges <= 1) {
    if (count) task(context, 0, count);
    return;
  }
  ais_parallel_indices(job.ranges, AIS_ANY_WORKERS, run_range, &job);
}
