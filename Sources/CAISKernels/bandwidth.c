#define _DEFAULT_SOURCE  // madvise

#include "ais_bandwidth.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "ais_parallel.h"

enum { PAGE_BYTES = 2 << 20 };

typedef struct {
  uint64_t *words;
  size_t count, pieces;
  uint64_t sum;
} Job;

// Pieces of the buffer for each thread; several, so that all threads are busy to the end.
enum { pieces = 8 };

// Piece `index` of a job: [*start, *end).
static void piece(const Job *job, size_t index, size_t *start, size_t *end) {
  *start = job->count * index / job->pieces;
  *end = job->count * (index + 1) / job->pieces;
}

static void fill(void *data, size_t index, int worker) {
  (void)worker;
  Job *job = data;
  size_t start, end;
  piece(job, index, &start, &end);
  for (size_t i = start; i < end; i++) job->words[i] = i;
}

static inline __attribute__((always_inline)) uint64_t sum(const uint64_t *words, size_t count) {
  uint64_t sums[32] = {0};
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    for (size_t lane = 0; lane < 32; lane++) sums[lane] += words[i + lane];
  for (; i < count; i++) sums[0] += words[i];
  uint64_t total = 0;
  for (size_t lane = 0; lane < 32; lane++) total += sums[lane];
  return total;
}

static uint64_t sum_default(const uint64_t *words, size_t count) { return sum(words, count); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint64_t sum_avx2(const uint64_t *words, size_t count) {
  return sum(words, count);
}

__attribute__((target("avx512f"))) static uint64_t sum_avx512(const uint64_t *words, size_t count) {
  return sum(words, count);
}
#endif

// With wider registers fewer loads are in flight for the same bytes, so the widest version is used. It is chosen here,
// since `target_clones` would make the loader choose, before a sanitizer has set itself up.
static uint64_t sum_words(const uint64_t *words, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return sum_avx512(words, count);
  if (__builtin_cpu_supports("avx2")) return sum_avx2(words, count);
#endif
  return sum_default(words, count);
}

static void read_part(void *data, size_t index, int worker) {
  (void)worker;
  Job *job = data;
  size_t start, end;
  piece(job, index, &start, &end);
  __atomic_fetch_add(&job->sum, sum_words(job->words + start, end - start), __ATOMIC_RELAXED);
}

void *ais_bandwidth_buffer(size_t bytes) {
  if (bytes > SIZE_MAX - PAGE_BYTES) return NULL;
  size_t rounded = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  void *buffer = aligned_alloc(PAGE_BYTES, rounded);
  if (buffer == NULL) return NULL;
  // Weights may get large pages, which save page walks; the ceiling must be measured with them too.
  (void)madvise(buffer, rounded, MADV_HUGEPAGE);
  Job job = {buffer, bytes / 8, pieces * (size_t)ais_thread_count(), 0};
  ais_parallel_indices(job.pieces, AIS_ANY_WORKERS, fill, &job);
  return buffer;
}

uint64_t ais_bandwidth_read(const void *buffer, size_t bytes) {
  Job job = {(uint64_t *)buffer, bytes / 8, pieces * (size_t)ais_thread_count(), 0};
  ais_parallel_indices(job.pieces, AIS_ANY_WORKERS, read_part, &job);
  return job.sum;
}

uint64_t ais_bandwidth_sum(size_t bytes) {
  uint64_t count = bytes / 8;
  if (count == 0) return 0;
  // One of the two factors is even; it is halved first, so that the product does not overflow.
  return count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
}

void ais_bandwidth_free(void *buffer) { free(buffer); }
