// Prefetches the weights of the next pass while tiles of rows compute with those of this one. Without it only the first
// tile would read memory; the others find their weights in the first-level cache, and memory would be idle. The file
// that includes this has defined PANEL_VECTORS, a panel's width in vectors.
#ifndef AIS_AHEAD_H
#define AIS_AHEAD_H

#include <stddef.h>
#include <stdint.h>

// What a tile prefetches: the next `step` bytes each time. The address may be past the weights; it is never read from.
typedef struct {
  uintptr_t from;
  size_t step;
} ais_ahead;

// The share of tile t of `tiles`. All tiles compute with the weights at `own` and prefetch `asks` times, once for each
// `bytes` of them. As many bytes after these are prefetched: usually the weights of the next pass, here or on another
// core with the same last-level cache. Of many tiles only the first four prefetch. One or two tiles of wide panels
// would have to ask for several lines each time; there the processor's own prefetching is faster.
static inline ais_ahead ais_ahead_of(const void *own, size_t bytes, size_t asks, size_t t,
                                     size_t tiles) {
  enum { most_asking = 4, least_asking = PANEL_VECTORS > 2 ? 3 : 1 };
  if (tiles < least_asking) return (ais_ahead){(uintptr_t)own, 0};
  const size_t asking = tiles < most_asking ? tiles : most_asking;
  if (t >= asking) return (ais_ahead){(uintptr_t)own, 0};
  const size_t step = (bytes + asking - 1) / asking;
  return (ais_ahead){(uintptr_t)own + asks * (bytes + t * step), step};
}

// Prefetches one line into the second-level cache: the first may have no room for two passes' weights.
static inline __attribute__((always_inline)) void ais_ask(ais_ahead *ahead) {
  __builtin_prefetch((const void *)ahead->from, 0, 2);
  ahead->from += ahead->step;
}

#endif
