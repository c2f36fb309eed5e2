#include <string.h>

#include "compare_row.h"

static ais_comparison compare_row(const float *base, const float *other, size_t width) {
  top_five base_top = {0}, other_top = {0};
  for (size_t i = 0; i < width; i++) {
    top_five_add(&base_top, base[i], i);
    top_five_add(&other_top, other[i], i);
  }
  const double base_shift = top_five_largest(&base_top), other_shift = top_five_largest(&other_top);
  compare_sums sums = {0};
  for (size_t i = 0; i < width; i++) {
    double weight = exp(base[i] - base_shift), difference = (double)base[i] - other[i];
    sums.base_sum += weight;
    sums.other_sum += exp(other[i] - other_shift);
    if (weight != 0) sums.weighted += weight * difference;
    if (fabs(difference) > sums.largest_difference) sums.largest_difference = fabs(difference);
  }
  bool same_bits = memcmp(base, other, width * sizeof(float)) == 0;
  return comparison_of(&base_top, &other_top, &sums, same_bits);
}

void ais_compare_f32_ref AIS_COMPARE_PARAMETERS {
  for (size_t r = 0; r < rows; r++)
    out[r] = compare_row(base + r * width, other + r * width, width);
}

void ais_log_sum_exp_f32_ref AIS_LOG_SUM_EXP_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    double largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < width; i++)
      if (row[i] > largest) largest = row[i];
    for (size_t i = 0; i < width; i++) sum += exp(row[i] - largest);
    out[r] = largest + log(sum);
  }
}
