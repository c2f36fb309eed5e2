#include "units.h"

#include "ais_parallel.h"
#include "ais_product.h"

enum {
  // A unit's rows of x stay in the second-level cache for all of its panels.
  row_block_bytes = 192 << 10,
  // With fewer bytes of weights in an average unit, handing it out costs more than it saves.
  least_unit_bytes = 16 << 10,
  // Units for each thread: several, so that a slow thread does not delay the others.
  units_per_thread = 8,
};

static size_t within(size_t value, size_t least, size_t most) {
  return value < least ? least : value > most ? most : value;
}

ais_units ais_cut(size_t rows, size_t row_bytes, size_t panels, size_t panel_bytes) {
  const size_t fitting = row_block_bytes / (row_bytes + 1) / AIS_PRODUCT_TILE * AIS_PRODUCT_TILE;
  const size_t block = within(fitting, 4 * AIS_PRODUCT_TILE, AIS_PRODUCT_ROWS);
  ais_units units = {rows, (rows + AIS_PRODUCT_TILE - 1) / AIS_PRODUCT_TILE,
                     (rows + block - 1) / block, panels, 0};
  const size_t wanted = (size_t)ais_thread_count() * units_per_thread;
  const size_t groups = (wanted + units.row_blocks - 1) / units.row_blocks;
  const size_t worthwhile = within(panels * panel_bytes / least_unit_bytes, 1, panels);
  units.panel_groups = within(groups, 1, worthwhile);
  return units;
}
