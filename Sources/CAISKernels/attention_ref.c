#include <math.h>

#include "ais_attention.h"
#include "store.h"

static float key_at(const ais_heads *heads, const ais_span *span, size_t kv_head, size_t position,
                    size_t d) {
  const float *head = span->keys + kv_head * span->capacity * heads->head_dim;
  return head[(position / AIS_KEY_BLOCK * heads->head_dim + d) * AIS_KEY_BLOCK +
              position % AIS_KEY_BLOCK];
}

static int is_hole(const ais_span *span, size_t position) {
  return span->exit_layers && span->exit_layers[position] <= span->layer;
}

void ais_attention_tile_f32_ref AIS_ATTENTION_TILE_PARAMETERS {
  const size_t dim = heads->head_dim, group = heads->query_heads / heads->kv_heads;
  const size_t row_width = (heads->query_heads + 2 * heads->kv_heads) * dim;
  const size_t stride = ais_value_stride(dim);
  const float *values = span->values + kv_head * span->capacity * stride;
  float *weights = scratch;
  (void)next_keys;
  for (size_t row = first_row; row < end_row; row++) {
    size_t end = span->position + row + 1;
    size_t begin = ais_first_seen(heads, span, row);
    for (size_t g = 0; g < group; g++) {
      size_t head = kv_head * group + g;
      const float *q = qkv + (span->row_start + row) * row_width + head * dim;
      float best = -INFINITY;
      for (size_t j = begin; j < end; j++) {
        double score = 0;
        for (size_t d = 0; d < dim; d++)
          score += (double)q[d] * key_at(heads, span, kv_head, j, d);
        weights[j] = (float)score * heads->scale;
        if (heads->soft_cap > 0)
          weights[j] = heads->soft_cap * tanhf(weights[j] / heads->soft_cap);
        if (heads->slopes) weights[j] -= heads->slopes[head] * (float)(end - 1 - j);
        if (is_hole(span, j)) weights[j] = -INFINITY;
        if (weights[j] > best) best = weights[j];
      }
      double sum = 0;
      for (size_t j = begin; j < end; j++) sum += weights[j] = expf(weights[j] - best);
      for (size_t d = 0; d < dim; d++) {
        double value = 0;
        for (size_t j = begin; j < end; j++) value += (double)weights[j] * values[j * stride + d];
        size_t index = (span->row_start + row) * heads->query_heads * dim + head * dim + d;
        ais_store_as(out, out_type, index, (float)(value / sum));
      }
    }
  }
}
