// The thread pool of all kernels. The thread that starts a job works on it too, and does not wait for threads that have
// not begun: a thread that the system has suspended costs only its share of the speed.
#ifndef AIS_PARALLEL_H
#define AIS_PARALLEL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// The number of threads of every later parallel region in this process; at least 1.
void ais_set_thread_count(int count);
int ais_thread_count(void);

// Makes the calling thread's OpenMP regions, which only libraries have, use that number.
void ais_adopt_thread_count(void);

// Calls task(context, begin, end) on disjoint ranges that cover 0..<count, one range per thread, or one call on the
// caller's thread if there are fewer than 2·grain indices.
typedef void (*ais_range_task)(void *context, size_t begin, size_t end);
void ais_parallel_ranges(size_t count, size_t grain, ais_range_task task, void *context);

// Calls task(context, index, worker) once for each index in 0..<count, handing indices out in order to free workers.
// worker is always below `workers`, even if the thread count changes, and no two calls at the same time have the same
// worker. A job that is started inside a job, or beside another thread's, runs on the thread that starts it, as worker
// 0.
typedef void (*ais_index_task)(void *context, size_t index, int worker);
void ais_parallel_indices(size_t count, int workers, ais_index_task task, void *context);

// As many workers as there are threads, for tasks without memory of their own.
enum { AIS_ANY_WORKERS = 1024 };

#ifdef __cplusplus
}
#endif

#endif
