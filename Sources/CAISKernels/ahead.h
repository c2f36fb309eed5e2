// Asking memory for the weights of the next pass while tiles of rows compute with those of this one. Of a few
// tiles only the first reads memory, the others find their weights in the first-level cache, and memory would
// rest meanwhile. Whoever includes this has defined PANEL_VECTORS, a panel's width in vectors.
#ifndef AIS_AHEAD_H
#define AIS_AHEAD_H

#include <stddef.h>
#include <stdint.h>

// What a tile asks for: the next `step` bytes each time. An address that may lie behind the weights, and is never
// read from.
typedef struct {
  uintptr_t from;
  size_t step;
} ais_ahead;

// The share of tile t of `tiles`, all of which compute with the weights at `own` and ask `asks` times, for each
// `bytes` of them. As many bytes behind those are asked for: what the next pass reads, but for padding between
// panels, here or on another core, which shares the last-level cache. Of many tiles the first four do.
static inline ais_ahead ais_ahead_of(const void *own, size_t bytes, size_t asks, size_t t,
                                     size_t tiles) {
  enum { most_asking = 4 };
  const size_t asking = tiles < most_asking ? tiles : most_asking;
  if (t >= asking) return (ais_ahead){(uintptr_t)own, 0};
  const size_t step = (bytes + asking - 1) / asking;
  return (ais_ahead){(uintptr_t)own + asks * (bytes + t * step), step};
}

// Into the second-level cache: the first may have no room for two passes' weights. Of narrow panels one line
// at most is asked for each time; wide ones were not measured, and go without.
static inline __attribute__((always_inline)) void ais_ask(ais_ahead *ahead) {
  if (PANEL_VECTORS > 2) return;
  __builtin_prefetch((const void *)ahead->from, 0, 2);
  ahead->from += ahead->step;
}

#endif
