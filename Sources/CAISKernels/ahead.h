// Asking memory for the weights of the next pass while tiles of rows compute with those of this one. Of a few
// tiles only the first reads memory, the others find their weights in the first-level cache, and memory would
// rest meanwhile.
#ifndef AIS_AHEAD_H
#define AIS_AHEAD_H

#include <stddef.h>

// What a tile asks for: `step` bytes at each turn of its loop.
typedef struct {
  const char *from;
  size_t step;
} ais_ahead;

// The share of tile t of `tiles`, which all compute with the `turns` × `line` bytes at `own`; the next pass
// reads those behind them. Of many tiles the first few ask for everything.
static inline ais_ahead ais_ahead_of(const void *own, size_t line, size_t turns, size_t t, size_t tiles) {
  enum { most_asking = 4 };
  const size_t asking = tiles < most_asking ? tiles : most_asking, step = line / asking;
  if (t >= asking) return (ais_ahead){own, 0};
  return (ais_ahead){(const char *)own + turns * (line + t * step), step};
}

// Into the second-level cache: the first has no room for two slices. One line of a cache at a turn suffices
// for narrow panels; wide ones were not measured with it, and go without.
#define AIS_ASK(ahead, turn) \
  if (PANEL_VECTORS <= 2) __builtin_prefetch((ahead).from + (turn) * (ahead).step, 0, 2)

#endif
