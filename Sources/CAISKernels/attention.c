#include "ais_attention.h"

#include "ais_parallel.h"
#include "dispatch.h"

// Rows of a span in one unit of work. Few enough to balance the triangle of causal attention over many threads, enough
// to reuse a head's keys from the cache.
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
  size_t span_count, units, threads, scratch_per_worker;
  void *out;
  ais_dtype out_type;
  float *scratch;
} attention_job;

// A unit of work: some rows of a span, for one key-value head.
typedef struct {
  const ais_span *span;
  size_t kv_head, first_row, end_row;
} attention_unit;

static attention_unit unit_at(const attention_job *job, size_t index) {
  const size_t kv_heads = job->heads->kv_heads;
  const ais_span *span = job->spans;
  for (; index >= tiles_of(span) * kv_heads; span++) index -= tiles_of(span) * kv_heads;
  // Later rows of a span see more keys, so they are handed out first: the last units are then small.
  const size_t first = (tiles_of(span) - 1 - index / kv_heads) * tile_rows;
  const size_t end = first + tile_rows < span->row_count ? first + tile_rows : span->row_count;
  return (attention_unit){span, index % kv_heads, first, end};
}

// The first key that a unit reads.
static const float *keys_of(const attention_job *job, const attention_unit *unit) {
  const size_t dim = job->heads->head_dim;
  const size_t block = ais_first_seen(job->heads, unit->span, unit->first_row) / AIS_KEY_BLOCK;
  return unit->span->keys + (unit->kv_head * unit->span->capacity + block * AIS_KEY_BLOCK) * dim;
}

static void attend(void *context, size_t index, int worker) {
  const attention_job *job = context;
  const attention_unit unit = unit_at(job, index);
  // While this thread works on one unit, each other thread takes one.
  const float *next_keys = NULL;
  if (index + job->threads < job->units) {
    const attention_unit next = unit_at(job, index + job->threads);
    next_keys = keys_of(job, &next);
  }
  AIS_DISPATCH(ais_attention_tile_f32)
  (job->heads, job->qkv, unit.span, unit.kv_head, unit.first_row, unit.end_row,
   next_keys, job->out, job->out_type, job->scratch + (size_t)worker * job->scratch_per_worker);
}

void ais_attention_f32 AIS_ATTENTION_PARAMETERS {
  size_t units = 0;
  for (size_t s = 0; s < span_count; s++) units += tiles_of(&spans[s]) * heads->kv_heads;
  const size_t threads = (size_t)(workers < ais_thread_count() ? workers : ais_thread_count());
  attention_job job = {heads, qkv, spans, span_count, units, threads,
                       ais_attention_scratch(heads, spans, span_count), out, out_type, scratch};
  ais_parallel_indices(units, workers, attend, &job);
}
