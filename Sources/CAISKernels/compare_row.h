// Code shared by a comparison's specification and its fast versions: the five largest values, and the result from the
// sums.
#ifndef AIS_COMPARE_ROW_H
#define AIS_COMPARE_ROW_H

#include <math.h>

#include "ais_compare.h"

enum { top_places = 5 };

// The largest values of a row so far, in falling order; among equals the lower index first.
typedef struct {
  float value[top_places];
  int32_t index[top_places];
  int count;
} top_five;

// Takes indices in rising order. A NaN never enters.
static inline void top_five_add(top_five *top, float value, size_t index) {
  if (isnan(value)) return;
  if (top->count == top_places && !(value > top->value[top_places - 1])) return;
  int place = top->count < top_places ? top->count++ : top_places - 1;
  for (; place > 0 && value > top->value[place - 1]; place--) {
    top->value[place] = top->value[place - 1];
    top->index[place] = top->index[place - 1];
  }
  top->value[place] = value;
  top->index[place] = (int32_t)index;
}

// The value that another must exceed to enter a full list.
static inline float top_five_least(const top_five *top) {
  return top->count == top_places ? top->value[top_places - 1] : -INFINITY;
}

static inline float top_five_largest(const top_five *top) {
  return top->count ? top->value[0] : -INFINITY;
}

static inline int32_t shared_places(const top_five *a, const top_five *b) {
  int32_t shared = 0;
  for (int i = 0; i < a->count; i++)
    for (int j = 0; j < b->count; j++) shared += a->index[i] == b->index[j];
  return shared;
}

// Sums over a pair of rows, shifted by each row's largest value so that nothing overflows. They are
// NaN if the row has no distribution.
typedef struct {
  double base_sum, other_sum;  // Σ e^(x − largest)
  double weighted;             // Σ e^(base − largest) · (base − other)
  double largest_difference;
} compare_sums;

static inline ais_comparison comparison_of(const top_five *base, const top_five *other,
                                           const compare_sums *sums, bool same_bits) {
  const bool base_sound = !isnan(sums->base_sum), other_sound = !isnan(sums->other_sum);
  const bool sound = base_sound && other_sound;
  ais_comparison result;
  result.base_log_sum_exp = top_five_largest(base) + log(sums->base_sum);
  result.other_log_sum_exp = top_five_largest(other) + log(sums->other_sum);
  double kl = sums->weighted / sums->base_sum - result.base_log_sum_exp + result.other_log_sum_exp;
  // Rounding may leave a zero divergence just below zero.
  result.kl = !sound ? NAN : kl < 0 ? 0 : kl;
  result.largest_difference = sound ? sums->largest_difference : INFINITY;
  result.base_top = base_sound ? base->index[0] : -1;
  result.other_top = other_sound ? other->index[0] : -1;
  result.shared_top_five = sound ? shared_places(base, other) : 0;
  result.identical = sound && same_bits;
  return result;
}

#endif
