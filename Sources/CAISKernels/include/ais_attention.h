// Causal grouped-query attention over a key-value cache, and the pass that fills the cache.
//
// The batch is packed: the rows of all sequences follow each other, described by spans. Within a
// sequence, row i has position span.position + i, and keys and values of positions below
// span.position are in the cache already.
//
// Cache layout of one sequence and layer, float32, capacity a multiple of AIS_KEY_BLOCK:
//   keys   [kv_heads][capacity / 16][head_dim][16]   16 positions interleaved, so that 16 scores
//                                                     are one vector and need no horizontal sum
//   values [kv_heads][capacity][value_stride]         value_stride = head_dim rounded up to 16
#ifndef AIS_ATTENTION_H
#define AIS_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "ais_block.h"

enum { AIS_KEY_BLOCK = 16 };

static inline size_t ais_value_stride(size_t head_dim) {
  return (head_dim + AIS_KEY_BLOCK - 1) / AIS_KEY_BLOCK * AIS_KEY_BLOCK;
}

// A span: rows of a sequence that are consecutive in the packed batch and in the sequence, with the sequence's cache
// for one layer. A sequence may have several spans, if rows between them have exited.
typedef struct {
  size_t row_start, row_count;
  size_t position;  // of the first row
  size_t capacity;  // positions that the cache holds
  float *keys, *values;
  const float *cosines, *sines;  // [positions, rotary_dim/2], angles of the sequence's positions
  // [capacity] the first layer that a position did not run, or NULL. If that is at most `layer`, the position is a
  // hole, which no other row sees.
  const int32_t *exit_layers;
  int32_t layer;
} ais_span;

// How the heads of a layer are arranged. Row layout of `qkv`: query heads, key heads, value heads,
// each head_dim wide.
typedef struct {
  size_t query_heads, kv_heads, head_dim;
  size_t rotary_dim;        // leading dimensions of a head that RoPE rotates; even
  int interleaved;          // 1: RoPE pairs (2i, 2i+1); 0: pairs (i, i + rotary_dim/2)
  const float *query_norm;  // [head_dim] weights of the norm applied before RoPE, or NULL
  const float *key_norm;
  const float *query_norm_bias;  // [head_dim], or NULL
  const float *key_norm_bias;
  int centers;  // 1: that norm is LayerNorm; 0: RMSNorm
  float norm_eps;
  float scale;          // applied to the scores, usually 1/sqrt(head_dim)
  float soft_cap;       // then score = soft_cap · tanh(score / soft_cap); 0: none
  const float *slopes;  // [query_heads] ALiBi (Press et al., 2022): score −= slope · distance; or NULL
  size_t window;        // a row sees the last `window` positions, itself included; 0: all
} ais_heads;

// Rotary embedding (Su et al., 2021). For each row: normalises (optional) and rotates the queries in
// place, normalises and rotates the keys into the cache, copies the values into the cache.
// qkv [rows, (query_heads + 2·kv_heads)·head_dim]; rows outside the spans are left alone.
#define AIS_ROTATE_STORE_PARAMETERS                                                             \
  (const ais_heads *heads, float *qkv, const ais_span *spans, size_t span_count)
void ais_rotate_store_f32 AIS_ROTATE_STORE_PARAMETERS;

// Sets the spans' keys and values to zero.
void ais_clear_positions_f32(const ais_heads *heads, const ais_span *spans, size_t span_count);

// out[r, h·head_dim + d] = Σ_j softmax_j(scale · q[r, h]·k[j, h / group]) v[j, h / group, d], j over the positions that
// row r sees, scores soft-capped and biased by distance if `heads` says so. Softmax over a full row at once, without a
// [T, T] matrix: scratch holds AIS_ATTENTION_ROWS rows' strips and queries for each of at most `workers` workers.
// out [rows, query_heads·head_dim] of out_type.
enum { AIS_ATTENTION_ROWS = 6 };

// Floats from one row's strip to the next's. It is not the capacity itself, since strips of a power of two would share
// a few sets of the first-level cache.
static inline size_t ais_strip_length(size_t capacity) { return capacity + AIS_KEY_BLOCK; }

#define AIS_ATTENTION_PARAMETERS                                                          \
  (const ais_heads *heads, const float *qkv, const ais_span *spans, size_t span_count,    \
   void *out, ais_dtype out_type, float *scratch, int workers)
void ais_attention_f32 AIS_ATTENTION_PARAMETERS;

// Floats of scratch that ais_attention_f32 needs for these spans and each worker.
size_t ais_attention_scratch(const ais_heads *heads, const ais_span *spans, size_t span_count);

// The first position that a row of a span sees.
static inline size_t ais_first_seen(const ais_heads *heads, const ais_span *span, size_t row) {
  const size_t end = span->position + row + 1;
  return heads->window && end > heads->window ? end - heads->window : 0;
}

// One unit of attention's work: rows first_row ..< end_row of a span, for one key-value head. next_keys points to the
// keys that this thread will probably need next, or is NULL; it is only prefetched from.
#define AIS_ATTENTION_TILE_PARAMETERS                                                     \
  (const ais_heads *heads, const float *qkv, const ais_span *span, size_t kv_head,        \
   size_t first_row, size_t end_row, const float *next_keys, void *out, ais_dtype out_type, \
   float *scratch)
void ais_attention_tile_f32_ref AIS_ATTENTION_TILE_PARAMETERS;
void ais_attention_tile_f32_avx2 AIS_ATTENTION_TILE_PARAMETERS;
void ais_attention_tile_f32_avx512 AIS_ATTENTION_TILE_PARAMETERS;

#endif
