#include "ais_attention.h"

#include "ais_parallel.h"
#include "dispatch.h"

// Rows of a span that one unit of work takes. Small enough to balance the triangle of causal
// attention over many threads, large enough to reuse a head's keys from the cache.
enum { tile_rows = 16 };

static size_t tiles_of(const ais_span *span) {
  return (span->row_count + tile_rows - 1) / tile_rows;
}

size_t ais_attention_scratch(const ais_heads *heads, const ais_span *spans, size_t span_count) {
  size_t longest = 0;
  for (size_t s = 0; s < span_count; s++)
    if (spans[s].capacity > longest) longest = spans[s].capacity;
  return AIS_ATTENTION_ROWS * (ais_strip_length(longest) + heads->head_dim);
}

typedef struct {
  const ais_heads *heads;
  const float *qkv;
  const ais_span *spans;
  size_t span_count, scratch_per_worker;
  void *out;
  ais_dtype out_type;
  float *scratch;
} attention_job;

static void attention_unit(void *context, size_t index, int worker) {
  const attention_job *job = context;
  const ais_span *span = job->spans;
  // Later rows of a span see more keys: they are handed out first, so that the last units are small.
  while (index >= tiles_of(span) * job->heads->kv_heads) {
    index -= tiles_of(span) * job->heads->kv_heads;
    span++;
  }
  size_t tile = tiles_of(span) - 1 - index / job->heads->kv_heads;
  size_t kv_head = index % job->heads->kv_heads;
  size_t first = tile * tile_rows;
  size_t end = first + tile_rows < span->row_count ? first + tile_rows : span->row_count;
  AIS_DISPATCH(ais_attention_tile_f32)
  (job->heads, job->qkv, span, kv_head, first, end, job->out, job->out_type,
   job->scratch + (size_t)worker * job->scratch_per_worker);
}

void ais_attention_f32 AIS_ATTENTION_PARAMETERS {
  size_t units = 0;
  for (size_t s = 0; s < span_count; s++) units += tiles_of(&spans[s]) * heads->kv_heads;
  attention_job job = {heads, qkv, spans,    span_count, ais_attention_scratch(heads, spans, span_count),
                       out,   out_type, scratch};
  ais_parallel_indices(units, workers, attention_unit, &job);
}
