// The fast versions of compare_ref.c, compiled once for each instruction set.
//
// There are two passes over a pair of rows: the first finds the largest values, the second, which reads from the cache,
// computes the sums. Exponentials are float64, since a small divergence is the difference of far larger sums; in
// float32 it would be lost in rounding.
#include "compare_row.h"
#include "simd.h"

#define INLINE static inline __attribute__((always_inline))

// Half as many doubles as floats fill a vector.
enum { half_lanes = AIS_LANES / 2, stride = 4 * AIS_LANES };
typedef float vf_half __attribute__((vector_size(AIS_LANES * 2)));
typedef double vd __attribute__((vector_size(AIS_LANES * 4)));
typedef int64_t vq __attribute__((vector_size(AIS_LANES * 4)));

INLINE vd load_doubles(const float *p) {
  vf_half v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vd);
}

INLINE vd splat_d(double s) { return (vd){0} + s; }

INLINE vd keep_d(vd v, vq mask) { return (vd)((vq)v & mask); }

INLINE double sum_d(vd v) {
  double sum = 0;
  for (int i = 0; i < half_lanes; i++) sum += v[i];
  return sum;
}

// e^x for x ≤ 0 to 3e-10 of itself, 0 below −700; NaN stays NaN.
// x = n·ln 2 + r, Taylor's series to degree 8 in r, and n added to the exponent: after the addition of 1.5·2^52 it
// stands in the low bits. `mask` marks the lanes whose result is not flushed to 0.
INLINE vd exp_d(vd x, vq *mask) {
  const vd rounding = splat_d(6755399441055744.0);
  vd shifted = x * 1.4426950408889634 + rounding;
  vd n = shifted - rounding;
  vd r = x - n * 0.6931471805599453;
  vd p = splat_d(1.0 / 40320);
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  *mask = ~(vq)(x < -700.0);
  return keep_d((vd)((vq)p + ((vq)shifted << 52)), *mask);
}

// True if a lane exceeds the limit.
INLINE bool any_above(vf v, float limit) { return __builtin_reduce_or((vi)(v > limit)) != 0; }

// The largest of four vectors. A NaN may hide its neighbours, which does not matter, since a row with a NaN has no
// distribution anyway.
INLINE vf largest_of_four(const float *p) {
  vf first = max_v(load(p), load(p + AIS_LANES));
  vf second = max_v(load(p + 2 * AIS_LANES), load(p + 3 * AIS_LANES));
  return max_v(first, second);
}

// Few blocks of a row hold a number that enters the list, so most need only three maxima and a test.
INLINE void add_block(top_five *top, const float *row, size_t at) {
  if (!any_above(largest_of_four(row + at), top_five_least(top))) return;
  for (size_t i = at; i < at + stride; i++) top_five_add(top, row[i], i);
}

// Numbers begin ..< end, one at a time; returns whether they are the same bits.
INLINE bool add_singles(top_five *base_top, top_five *other_top, const float *base,
                        const float *other, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    top_five_add(base_top, base[i], i);
    top_five_add(other_top, other[i], i);
  }
  return memcmp(base + begin, other + begin, (end - begin) * sizeof(float)) == 0;
}

// The five largest of both rows; returns whether the rows are the same bits.
INLINE bool scan_pair(const float *base, const float *other, size_t width, top_five *base_top,
                      top_five *other_top) {
  // The first five always enter; later values must exceed the smallest of five.
  size_t i = width < top_places ? width : top_places;
  bool same_bits = add_singles(base_top, other_top, base, other, 0, i);
  vi differing = {0};
  for (; i + stride <= width; i += stride) {
    add_block(base_top, base, i);
    add_block(other_top, other, i);
    for (int v = 0; v < 4; v++)
      differing |= (vi)load(base + i + v * AIS_LANES) ^ (vi)load(other + i + v * AIS_LANES);
  }
  same_bits &= add_singles(base_top, other_top, base, other, i, width);
  return same_bits && __builtin_reduce_or(differing) == 0;
}

typedef struct {
  vd base_sum, other_sum, weighted, largest;
} pair_sums;

INLINE void add_pair(pair_sums *sums, const float *base, const float *other, double base_shift,
                     double other_shift) {
  vd a = load_doubles(base), b = load_doubles(other);
  vq counts, ignored;
  vd weight = exp_d(a - base_shift, &counts);
  vd difference = a - b;
  vd distance = (vd)((vq)difference & INT64_MAX);
  sums->base_sum += weight;
  sums->other_sum += exp_d(b - other_shift, &ignored);
  // For a weight of 0 the difference is often −∞ or NaN.
  sums->weighted += weight * keep_d(difference, counts);
  vq above = (vq)(distance > sums->largest);
  sums->largest = (vd)(((vq)distance & above) | ((vq)sums->largest & ~above));
}

INLINE compare_sums sum_pair(const float *base, const float *other, size_t width, double base_shift,
                             double other_shift) {
  pair_sums sums = {0};
  size_t i = 0;
  for (; i + half_lanes <= width; i += half_lanes)
    add_pair(&sums, base + i, other + i, base_shift, other_shift);
  if (i < width) {
    // −∞ adds nothing to any sum.
    float a[half_lanes], b[half_lanes];
    for (size_t k = 0; k < half_lanes; k++) {
      a[k] = i + k < width ? base[i + k] : -INFINITY;
      b[k] = i + k < width ? other[i + k] : -INFINITY;
    }
    add_pair(&sums, a, b, base_shift, other_shift);
  }
  compare_sums result = {sum_d(sums.base_sum), sum_d(sums.other_sum), sum_d(sums.weighted), 0};
  for (int k = 0; k < half_lanes; k++)
    if (sums.largest[k] > result.largest_difference) result.largest_difference = sums.largest[k];
  return result;
}

void AIS_TWIN(ais_compare_f32) AIS_COMPARE_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    const float *a = base + r * width, *b = other + r * width;
    top_five a_top = {0}, b_top = {0};
    bool same_bits = scan_pair(a, b, width, &a_top, &b_top);
    compare_sums sums =
        sum_pair(a, b, width, top_five_largest(&a_top), top_five_largest(&b_top));
    out[r] = comparison_of(&a_top, &b_top, &sums, same_bits);
  }
}

void AIS_TWIN(ais_log_sum_exp_f32) AIS_LOG_SUM_EXP_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    size_t i = 0;
    vf best = splat(-INFINITY);
    for (; i + stride <= width; i += stride) best = max_v(largest_of_four(row + i), best);
    float largest = max_lane(best);
    for (; i < width; i++)
      if (row[i] > largest) largest = row[i];
    vd sum = {0};
    vq ignored;
    for (i = 0; i + half_lanes <= width; i += half_lanes)
      sum += exp_d(load_doubles(row + i) - (double)largest, &ignored);
    if (i < width) {
      float rest[half_lanes];
      for (size_t k = 0; k < half_lanes; k++) rest[k] = i + k < width ? row[i + k] : -INFINITY;
      sum += exp_d(load_doubles(rest) - (double)largest, &ignored);
    }
    out[r] = (double)largest + log(sum_d(sum));
  }
}
