// The fast versions of attention_ref.c, compiled once for each instruction set.
//
// Every sum runs in the order of positions or dimensions from a fixed start, and positions that a row does not see
// contribute exact zeros. So a row's result has the same bits whatever rows are beside it: prefill in one piece, in
// several, or token by token.
#include "ais_attention.h"
#include "simd.h"

#define BLOCK_VECTORS (AIS_KEY_BLOCK / AIS_LANES)
#define INLINE static inline __attribute__((always_inline))
// For loops whose overhead is large relative to their body.
#define TWICE _Pragma("clang loop unroll_count(2)")

// Whether the only tile of a unit prefetches. With several tiles, the later ones find the data in a cache. Wide vectors
// were not measured, and do without.
#define ASKS (AIS_LANES == 8)

// Prefetches a line into the second-level cache. The address may be past the end; it is never read from.
INLINE void ask(uintptr_t line) { __builtin_prefetch((const void *)line, 0, 2); }

// Scores of `rows` queries against `blocks` blocks of 16 keys: strip[r · length ..][16 · blocks]. Queries [rows][dim].
// With `asks`, the blocks' values are prefetched.
INLINE void scores_of_blocks(const int rows, const int blocks, const int asks, const float *queries,
                             const float *keys, const float *values, size_t dim, float scale,
                             float *strip, size_t length) {
  const int vectors = blocks * BLOCK_VECTORS;
  vf sums[AIS_ATTENTION_ROWS][4 * BLOCK_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  TWICE for (size_t d = 0; d < dim; d++) {
    if (asks)
      UNROLLED for (int b = 0; b < blocks; b++)
        ask((uintptr_t)(values + ((size_t)b * ais_value_stride(dim) + d) * AIS_KEY_BLOCK));
    vf key[4 * BLOCK_VECTORS];
    UNROLLED for (int v = 0; v < vectors; v++)
      key[v] = load(keys + ((size_t)(v / BLOCK_VECTORS) * dim + d) * AIS_KEY_BLOCK +
                    (v % BLOCK_VECTORS) * AIS_LANES);
    UNROLLED for (int r = 0; r < rows; r++) {
      const vf query = splat(queries[(size_t)r * dim + d]);
      UNROLLED for (int v = 0; v < vectors; v++)
        sums[r][v] = __builtin_elementwise_fma(key[v], query, sums[r][v]);
      UNROLLED for (int v = 0; v < vectors; v++) ais_settle(sums[r][v]);
    }
  }
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++)
      store(strip + (size_t)r * length + v * AIS_LANES, sums[r][v] * scale);
}

INLINE void scores(const int rows, const int asks, const float *queries, const float *keys,
                   const float *values, size_t dim, float scale, float *strip, size_t length,
                   size_t first_block, size_t end_block) {
  enum { together = AIS_LANES == 16 ? 4 : 1 };
  for (size_t block = first_block; block < end_block;) {
    float *at = strip + block * AIS_KEY_BLOCK;
    const float *from = keys + block * AIS_KEY_BLOCK * dim;
    const float *own = values + block * AIS_KEY_BLOCK * ais_value_stride(dim);
    if (block + together <= end_block) {
      scores_of_blocks(rows, together, asks, queries, from, own, dim, scale, at, length);
      block += together;
    } else {
      scores_of_blocks(rows, 1, asks, queries, from, own, dim, scale, at, length);
      block += 1;
    }
  }
}

// A mask of the positions from `first` on that a row sees: those in [begin, end) that are not holes.
INLINE vi seen_from(const ais_span *span, vi lane, size_t first, size_t begin, size_t end) {
  vi index = lane + (int)first;
  vi seen = (index >= (int)begin) & (index < (int)end);
  if (span->exit_layers) {
    vi exits;
    memcpy(&exits, span->exit_layers + first, sizeof exits);
    seen &= exits > span->layer;
  }
  return seen;
}

// The final scores of a row: capped if cap > 0, less `slope` for each position of distance, and the lowest float for
// positions that it does not see. Changes strip[first .. last), whole vectors, and returns each lane's maximum, at
// least `best`.
INLINE vf limited(const ais_span *span, float *strip, size_t first, size_t last, size_t begin, size_t end,
                  float cap, float slope, vf best) {
  const vf lowest = splat(-__builtin_inff());
  vi lane;
  for (int i = 0; i < AIS_LANES; i++) lane[i] = i;
  for (size_t j = first; j < last; j += AIS_LANES) {
    vf score = load(strip + j);
    if (cap > 0) score = soft_cap_v(score, cap);
    if (slope != 0)
      score += __builtin_convertvector(lane + (int)j - (int)(end - 1), vf) * slope;
    const vi seen = seen_from(span, lane, j, begin, end);
    score = (vf)(((vi)score & seen) | ((vi)lowest & ~seen));
    best = max_v(score, best);
    store(strip + j, score);
  }
  return best;
}

// Turns the scores that a row sees into unnormalised probabilities, and everything else in the blocks [first_block,
// end_block) into zeros; returns their sum. It is not inlined, so that its constants get registers.
static __attribute__((noinline)) float softmax(const ais_span *span, float *strip, size_t begin,
                                               size_t end, size_t first_block, size_t end_block,
                                               float cap, float slope) {
  const vf lowest = splat(-__builtin_inff());
  const size_t first = first_block * AIS_KEY_BLOCK, last = end_block * AIS_KEY_BLOCK;
  // The vectors of which the row sees all positions, with scores that need no change.
  size_t plain = last, plain_end = last;
  if (!span->exit_layers && !(cap > 0) && slope == 0) {
    plain = (begin + AIS_LANES - 1) / AIS_LANES * AIS_LANES;
    plain_end = end / AIS_LANES * AIS_LANES;
    if (plain_end < plain) plain_end = plain;
  }
  vf best = limited(span, strip, first, plain, begin, end, cap, slope, lowest);
  TWICE for (size_t j = plain; j < plain_end; j += AIS_LANES) best = max_v(load(strip + j), best);
  best = limited(span, strip, plain_end, last, begin, end, cap, slope, best);
  const float top = max_lane(best);
  vf sum = splat(0);
  TWICE for (size_t j = first; j < last; j += AIS_LANES) {
    const vf score = load(strip + j);
    // Positions not seen have the lowest float, which exp_v does not map to exactly zero.
    const vf p = (vf)((vi)exp_v(score - top) & (score != lowest));
    sum += p;
    store(strip + j, p);
  }
  return sum_v(sum);
}

// out[r] = Σ_j strip[r · length + j] · values[j] / sums[r], `vectors` vectors of a head at a time. With each j a line
// from `next` on is prefetched, unless that is 0.
INLINE void weighted_values(const int rows, const int vectors, const float *strip, size_t length,
                            const float *values, size_t stride, size_t begin, size_t end,
                            uintptr_t next, const float *inverse,
                            float (*out)[AIS_KEY_BLOCK * 4]) {
  vf sums[AIS_ATTENTION_ROWS][4];
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  TWICE for (size_t j = begin; j < end; j++) {
    if (next) ask(next + (j - begin) * AIS_KEY_BLOCK * sizeof(float));
    vf value[4];
    UNROLLED for (int v = 0; v < vectors; v++) value[v] = load(values + j * stride + v * AIS_LANES);
    UNROLLED for (int r = 0; r < rows; r++) {
      const vf weight = splat(strip[(size_t)r * length + j]);
      UNROLLED for (int v = 0; v < vectors; v++)
        sums[r][v] = __builtin_elementwise_fma(value[v], weight, sums[r][v]);
      UNROLLED for (int v = 0; v < vectors; v++) ais_settle(sums[r][v]);
    }
  }
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++)
      store(out[r] + v * AIS_LANES, sums[r][v] * inverse[r]);
}

// `rows` consecutive (row, query head of the group) pairs, starting at number `pair`. With `asks`, values are
// prefetched while scores are computed. If `next` is not NULL, as many bytes of keys from there on as this unit reads
// are prefetched while values are summed.
INLINE void attend_pairs(const int rows, const int asks, const ais_heads *heads, const float *qkv,
                         const ais_span *span, size_t kv_head, size_t pair, const float *next,
                         void *out, ais_dtype out_type, float *scratch) {
  const size_t dim = heads->head_dim, group = heads->query_heads / heads->kv_heads;
  const size_t row_width = (heads->query_heads + 2 * heads->kv_heads) * dim;
  const size_t stride = ais_value_stride(dim);
  const float *keys = span->keys + kv_head * span->capacity * dim;
  const float *values = span->values + kv_head * span->capacity * stride;
  const size_t length = ais_strip_length(span->capacity);
  float *strip = scratch, *queries = scratch + AIS_ATTENTION_ROWS * length;
  size_t begin[AIS_ATTENTION_ROWS], end[AIS_ATTENTION_ROWS], at[AIS_ATTENTION_ROWS];
  for (int r = 0; r < rows; r++) {
    size_t row = (pair + (size_t)r) / group, head = kv_head * group + (pair + (size_t)r) % group;
    end[r] = span->position + row + 1;
    begin[r] = ais_first_seen(heads, span, row);
    memcpy(queries + (size_t)r * dim, qkv + (span->row_start + row) * row_width + head * dim,
           dim * sizeof(float));
    at[r] = ((span->row_start + row) * heads->query_heads + head) * dim;
  }
  // Positions rise with the pair, so the first pair has the first begin and the last pair the last end.
  const size_t first = begin[0], last = end[rows - 1];
  const size_t first_block = first / AIS_KEY_BLOCK;
  const size_t end_block = (last + AIS_KEY_BLOCK - 1) / AIS_KEY_BLOCK;
  scores(rows, asks, queries, keys, values, dim, heads->scale, strip, length, first_block, end_block);
  float inverse[AIS_ATTENTION_ROWS];
  for (int r = 0; r < rows; r++) {
    const float slope = heads->slopes ? heads->slopes[kv_head * group + (pair + (size_t)r) % group] : 0;
    inverse[r] = 1.0f / softmax(span, strip + (size_t)r * length, begin[r], end[r], first_block,
                                end_block, heads->soft_cap, slope);
  }

  enum { together = AIS_LANES == 16 ? 4 : 2 };
  for (size_t d = 0; d < dim;) {
    float result[AIS_ATTENTION_ROWS][AIS_KEY_BLOCK * 4];
    const uintptr_t share =
        asks && next ? (uintptr_t)next + (last - first) * d * sizeof(float) : 0;
    size_t width;
    if (d + together * AIS_LANES <= stride) {
      weighted_values(rows, together, strip, length, values + d, stride, first, last, share, inverse,
                      result);
      width = together * AIS_LANES;
    } else {
      weighted_values(rows, 1, strip, length, values + d, stride, first, last, share, inverse, result);
      width = AIS_LANES;
    }
    size_t used = dim - d < width ? dim - d : width;
    for (int r = 0; r < rows; r++) {
      if (out_type == AIS_F32)
        memcpy((float *)out + at[r] + d, result[r], used * sizeof(float));
      else
        for (size_t i = 0; i < used; i++) ais_store_as(out, out_type, at[r] + d + i, result[r][i]);
    }
    d += width;
  }
}

INLINE void attend_tile(const int asks, size_t rows, const ais_heads *heads, const float *qkv,
                        const ais_span *span, size_t kv_head, size_t pair, const float *next,
                        void *out, ais_dtype out_type, float *scratch) {
#define ATTEND(rows) \
  attend_pairs(rows, asks, heads, qkv, span, kv_head, pair, next, out, out_type, scratch)
  switch (rows) {
    case 1: ATTEND(1); break;
    case 2: ATTEND(2); break;
    case 3: ATTEND(3); break;
    case 4: ATTEND(4); break;
    case 5: ATTEND(5); break;
    case 6: ATTEND(6); break;
    default: break;
  }
#undef ATTEND
}

void AIS_TWIN(ais_attention_tile_f32) AIS_ATTENTION_TILE_PARAMETERS {
  const size_t group = heads->query_heads / heads->kv_heads;
  const size_t first = first_row * group, pairs = (end_row - first_row) * group;
  const size_t tiles = (pairs + AIS_ATTENTION_ROWS - 1) / AIS_ATTENTION_ROWS;
  for (size_t t = 0; t < tiles; t++) {
    const size_t pair = first + pairs * t / tiles, rows = first + pairs * (t + 1) / tiles - pair;
    if (ASKS && tiles == 1)
      attend_tile(1, rows, heads, qkv, span, kv_head, pair, next_keys, out, out_type, scratch);
    else
      attend_tile(0, rows, heads, qkv, span, kv_head, pair, NULL, out, out_type, scratch);
  }
}
