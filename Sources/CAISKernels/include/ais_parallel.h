// The one thread pool: libgomp's, which oneDNN uses too. A second pool on the same cores would
// fight with libgomp's workers, which spin for a while after each parallel region.
#ifndef AIS_PARALLEL_H
#define AIS_PARALLEL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// The number of threads of every later parallel region in this process; at least 1.
void ais_set_thread_count(int count);
int ais_thread_count(void);

// Makes the calling thread's OpenMP regions, oneDNN's included, use that number.
void ais_adopt_thread_count(void);

// Calls task(context, begin, end) on disjoint ranges that cover 0..<count, one range per thread, or
// one call on the caller's thread where there are fewer than 2·grain indices.
typedef void (*ais_range_task)(void *context, size_t begin, size_t end);
void ais_parallel_ranges(size_t count, size_t grain, ais_range_task task, void *context);

// Calls task(context, index, worker) once for each index in 0..<count, handing indices out in order
// to whichever worker is free. worker is below ais_thread_count().
typedef void (*ais_index_task)(void *context, size_t index, int worker);
void ais_parallel_indices(size_t count, ais_index_task task, void *context);

#ifdef __cplusplus
}
#endif

#endif
