#include <math.h>
#include <string.h>

#include "ais_attention.h"
#include "ais_parallel.h"

static void normalize(float *head, const float *weight, const float *bias, int centers, float eps,
                      size_t dim) {
  float squares = 0, mean = 0;
  if (centers) {
    for (size_t d = 0; d < dim; d++) mean += head[d];
    mean /= (float)dim;
    for (size_t d = 0; d < dim; d++) head[d] -= mean;
  }
  for (size_t d = 0; d < dim; d++) squares += head[d] * head[d];
  float scale = 1.0f / sqrtf(squares / (float)dim + eps);
  for (size_t d = 0; d < dim; d++) head[d] = head[d] * scale * weight[d] + (bias ? bias[d] : 0);
}

static void rotate(float *head, const float *cosines, const float *sines, size_t rotary_dim,
                   int interleaved) {
  size_t half = rotary_dim / 2;
  size_t step = interleaved ? 2 : 1, partner = interleaved ? 1 : half;
  for (size_t i = 0; i < half; i++) {
    float a = head[i * step], b = head[i * step + partner];
    head[i * step] = a * cosines[i] - b * sines[i];
    head[i * step + partner] = b * cosines[i] + a * sines[i];
  }
}

typedef struct {
  const ais_heads *heads;
  float *qkv;
  const ais_span *spans;
} rotate_store_job;

static void rotate_store_row(const rotate_store_job *job, const ais_span *span, size_t row) {
  const ais_heads *heads = job->heads;
  const size_t dim = heads->head_dim, half = heads->rotary_dim / 2;
  const size_t row_width = (heads->query_heads + 2 * heads->kv_heads) * dim;
  const size_t stride = ais_value_stride(dim);
  const size_t packed_row = span->row_start + row, position = span->position + row;
  const float *cosines = span->cosines + position * half, *sines = span->sines + position * half;
  float *query = job->qkv + packed_row * row_width;
  float *key = query + heads->query_heads * dim, *value = key + heads->kv_heads * dim;
  for (size_t h = 0; h < heads->query_heads; h++) {
    if (heads->query_norm)
      normalize(query + h * dim, heads->query_norm, heads->query_norm_bias, heads->centers,
                heads->norm_eps, dim);
    rotate(query + h * dim, cosines, sines, heads->rotary_dim, heads->interleaved);
  }
  for (size_t h = 0; h < heads->kv_heads; h++) {
    if (heads->key_norm)
      normalize(key + h * dim, heads->key_norm, heads->key_norm_bias, heads->centers,
                heads->norm_eps, dim);
    rotate(key + h * dim, cosines, sines, heads->rotary_dim, heads->interleaved);
    float *block = span->keys + (h * span->capacity + position / AIS_KEY_BLOCK * AIS_KEY_BLOCK) * dim +
                   position % AIS_KEY_BLOCK;
    for (size_t d = 0; d < dim; d++) block[d * AIS_KEY_BLOCK] = key[h * dim + d];
    float *slot = span->values + (h * span->capacity + position) * stride;
    memcpy(slot, value + h * dim, dim * sizeof(float));
    memset(slot + dim, 0, (stride - dim) * sizeof(float));
  }
}

static void rotate_store_range(void *context, size_t begin, size_t end) {
  const rotate_store_job *job = context;
  const ais_span *span = job->spans;
  size_t first = 0;  // of the span, counted over the rows of all spans
  for (size_t row = begin; row < end; row++) {
    while (row - first >= span->row_count) first += span++->row_count;
    rotate_store_row(job, span, row - first);
  }
}

void ais_rotate_store_f32 AIS_ROTATE_STORE_PARAMETERS {
  size_t rows = 0;
  for (size_t s = 0; s < span_count; s++) rows += spans[s].row_count;
  rotate_store_job job = {heads, qkv, spans};
  ais_parallel_ranges(rows, 16, rotate_store_range, &job);
}

void ais_clear_positions_f32(const ais_heads *heads, const ais_span *spans, size_t span_count) {
  const size_t dim = heads->head_dim, stride = ais_value_stride(dim);
  for (const ais_span *span = spans; span < spans + span_count; span++) {
    for (size_t h = 0; h < heads->kv_heads; h++) {
      for (size_t position = span->position; position < span->position + span->row_count; position++) {
        float *block = span->keys +
                       (h * span->capacity + position / AIS_KEY_BLOCK * AIS_KEY_BLOCK) * dim +
                       position % AIS_KEY_BLOCK;
        for (size_t d = 0; d < dim; d++) block[d * AIS_KEY_BLOCK] = 0;
      }
      memset(span->values + (h * span->capacity + span->position) * stride, 0,
             span->row_count * stride * sizeof(float));
    }
  }
}
