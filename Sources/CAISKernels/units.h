// How a matrix product is divided into units of work: some rows × some panels of weights.
#ifndef AIS_UNITS_H
#define AIS_UNITS_H

#include <stddef.h>

typedef struct {
  size_t rows, tiles, row_blocks;
  size_t panels, panel_groups;
} ais_units;

typedef struct {
  size_t first_row, end_row, first_panel, end_panel;
} ais_unit;

ais_units ais_cut(size_t rows, size_t row_bytes, size_t panels, size_t panel_bytes);

static inline size_t ais_unit_count(const ais_units *units) {
  return units->row_blocks * units->panel_groups;
}

// The first panel of a group. Groups shrink towards the end, with the square of the rest, so that threads that finish
// first wait only for small ones.
static inline size_t ais_first_panel(const ais_units *units, size_t group) {
  const size_t left = units->panel_groups - group;
  return units->panels - units->panels * left * left / (units->panel_groups * units->panel_groups);
}

// Units that share panels follow each other, so that their weights are read from memory once. A block of rows is whole
// tiles, so that none has a thin one.
static inline ais_unit ais_unit_at(const ais_units *units, size_t index) {
  const size_t group = index / units->row_blocks, block = index % units->row_blocks;
  return (ais_unit){
      units->rows * (units->tiles * block / units->row_blocks) / units->tiles,
      units->rows * (units->tiles * (block + 1) / units->row_blocks) / units->tiles,
      ais_first_panel(units, group),
      ais_first_panel(units, group + 1),
  };
}

#endif
