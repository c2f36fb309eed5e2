// How far two rows of logits over one vocabulary are from each other.
//
// Rows are float32, sums are float64. A row that holds a NaN or +∞, or nothing above −∞, has no
// distribution: its log-sum-exp is NaN, and no comparison with it looks like agreement.
#ifndef AIS_COMPARE_H
#define AIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  double kl;                  // KL(base‖other), nats; +∞ where other rules out what base does not
  double base_log_sum_exp;    // log Σ e^logit, nats
  double other_log_sum_exp;
  double largest_difference;  // of a logit; equal infinities do not differ
  int32_t base_top;           // the largest logit, the lowest index of equal ones
  int32_t other_top;
  int32_t shared_top_five;    // indices among the five largest of both, lower ones first of equals
  bool identical;             // not a bit differs
} ais_comparison;
// If one of the rows has no distribution, the fields are: NaN, …, +∞, its top −1, 0, false.

// base and other [rows, width], out [rows]; a width of at least 1, at most INT32_MAX.
#define AIS_COMPARE_PARAMETERS \
  (const float *base, const float *other, ais_comparison *out, size_t rows, size_t width)
void ais_compare_f32_ref AIS_COMPARE_PARAMETERS;
void ais_compare_f32_avx2 AIS_COMPARE_PARAMETERS;
void ais_compare_f32_avx512 AIS_COMPARE_PARAMETERS;
void ais_compare_f32 AIS_COMPARE_PARAMETERS;

// out[r] = log Σ_i e^x[r, i]: a token's log-probability is its logit less this.
// x [rows, width], out [rows].
#define AIS_LOG_SUM_EXP_PARAMETERS (const float *x, double *out, size_t rows, size_t width)
void ais_log_sum_exp_f32_ref AIS_LOG_SUM_EXP_PARAMETERS;
void ais_log_sum_exp_f32_avx2 AIS_LOG_SUM_EXP_PARAMETERS;
void ais_log_sum_exp_f32_avx512 AIS_LOG_SUM_EXP_PARAMETERS;
void ais_log_sum_exp_f32 AIS_LOG_SUM_EXP_PARAMETERS;

#endif
