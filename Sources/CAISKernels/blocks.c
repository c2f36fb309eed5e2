// Picks the version for this processor and divides the product into units: some rows × some rows of weights.
#include "blocks.h"

#include "ais_isa.h"
#include "ais_parallel.h"
#include "ais_stored.h"
#include "units.h"

typedef void rows_function AIS_BLOCKS_PARAMETERS;
typedef void panels_function AIS_STORED_PARAMETERS;

static rows_function *function(void) {
#if defined(__x86_64__)
  if (ais_active_isa() >= AIS_ISA_AVX2) return ais_blocks_rows_avx2;
#endif
  return ais_blocks_rows_ref;
}

static panels_function *panels_of(size_t width) {
#if defined(__x86_64__)
  if (width == 16) return ais_stored_panels_avx512vnni;
  if (ais_active_isa() >= AIS_ISA_AVX2) return ais_stored_panels_avx2;
#endif
  (void)width;
  return ais_stored_panels_ref;
}

size_t ais_stored_width(ais_block_type type) {
  // There is no 16-row version for blocks of 256.
  return ais_has_byte_dot() && type <= AIS_BLOCKS_Q8_0 ? 16 : 8;
}

const char *ais_blocks_kernels(void) {
  if (ais_has_byte_dot()) return "avx512-vnni, K-quants avx2";
  return ais_active_isa() >= AIS_ISA_AVX2 ? "avx2" : "reference";
}

static size_t lines(size_t bytes) { return (bytes + 63) / 64 * 64; }

size_t ais_byte_rows_size(size_t rows, size_t inputs) {
  return lines(rows * inputs) + 2 * lines(rows * padded(inputs / 32) * sizeof(float)) +
         lines(rows * padded(inputs / 16) * sizeof(float));
}

typedef struct {
  const float *x;
  size_t inputs;
  int8_t *bytes;
  float *scales, *sums, *half_sums;
} round_job;

static void round_range(void *context, size_t begin, size_t end) {
  const round_job *job = context;
  const size_t inputs = job->inputs;
  for (size_t r = begin; r < end; r++) {
    const float *x = job->x + r * inputs;
    int8_t *bytes = job->bytes + r * inputs;
    float *scales = job->scales + r * padded(inputs / 32);
    float *sums = job->sums + r * padded(inputs / 32);
    float *half_sums = job->half_sums + r * padded(inputs / 16);
#if defined(__x86_64__)
    if (ais_active_isa() >= AIS_ISA_AVX2) {
      ais_round_row_avx2(x, inputs, bytes, scales, sums, half_sums);
      continue;
    }
#endif
    ais_round_row_ref(x, inputs, bytes, scales, sums, half_sums);
  }
}

ais_byte_rows ais_round_rows(const float *x, size_t rows, size_t inputs, void *memory) {
  round_job job = {x, inputs, memory, NULL, NULL, NULL};
  char *next = (char *)memory + lines(rows * inputs);
  job.scales = (float *)next;
  next += lines(rows * padded(inputs / 32) * sizeof(float));
  job.sums = (float *)next;
  next += lines(rows * padded(inputs / 32) * sizeof(float));
  job.half_sums = (float *)next;
  ais_parallel_ranges(rows, 16384 / (inputs + 1) + 1, round_range, &job);
  return (ais_byte_rows){rows, inputs, x, job.bytes, job.scales, job.sums, job.half_sums};
}

// Room for four rows of weights as floats.
size_t ais_blocks_scratch(size_t inputs) { return lines(AIS_BLOCK_ROWS * inputs * sizeof(float)); }

typedef struct {
  const ais_block_segment *segments;
  size_t segment_count;
  ais_byte_rows x;
  const float *bias;
  float *out;
  int accumulate;
  char *scratch;
  size_t outputs, scratch_bytes;
  rows_function *rows;
  ais_units units;
} blocks_job;

// Rows of weights that are handed out together.
static size_t panel_rows(const ais_block_segment *segment) {
  return segment->width ? segment->width : AIS_BLOCK_ROWS;
}

static size_t panel_count(const ais_block_segment *segment) {
  return (segment->outputs + panel_rows(segment) - 1) / panel_rows(segment);
}

// Some panels of a segment, whose first output is at `out` and `bias`.
static void multiply_segment(const blocks_job *job, const ais_block_segment *segment, size_t first,
                             size_t end, const ais_byte_rows *x, const float *bias, float *out,
                             void *scratch) {
  if (segment->width) {
    panels_of(segment->width)(segment->type, segment->blocks, first, end, segment->outputs, x, bias,
                              out, job->outputs, job->accumulate);
    return;
  }
  const size_t row_bytes = ais_blocks_row_bytes(segment->type, x->inputs);
  for (size_t panel = first; panel < end; panel++) {
    const size_t n = panel * AIS_BLOCK_ROWS, left = segment->outputs - n;
    job->rows(segment->type, (const char *)segment->blocks + n * row_bytes,
              left < AIS_BLOCK_ROWS ? left : AIS_BLOCK_ROWS, x, bias ? bias + n : NULL, out + n,
              job->outputs, job->accumulate, scratch);
  }
}

// `count` rows of x from `first` on, nothing copied.
static ais_byte_rows some_rows(const ais_byte_rows *x, size_t first, size_t count) {
  ais_byte_rows part = *x;
  part.rows = count;
  part.x += first * x->inputs;
  if (!x->bytes) return part;
  part.bytes += first * x->inputs;
  part.scales += first * padded(x->inputs / 32);
  part.sums += first * padded(x->inputs / 32);
  part.half_sums += first * padded(x->inputs / 16);
  return part;
}

static void blocks_unit(void *context, size_t index, int worker) {
  const blocks_job *job = context;
  const ais_unit unit = ais_unit_at(&job->units, index);
  const ais_byte_rows x = some_rows(&job->x, unit.first_row, unit.end_row - unit.first_row);
  float *rows = job->out + unit.first_row * job->outputs;
  void *scratch = job->scratch + (size_t)worker * job->scratch_bytes;
  size_t before = 0, output = 0;  // panels and outputs of the segments passed
  for (const ais_block_segment *s = job->segments; s < job->segments + job->segment_count; s++) {
    const size_t own = panel_count(s);
    const size_t first = unit.first_panel > before ? unit.first_panel - before : 0;
    const size_t end = unit.end_panel < before + own ? unit.end_panel : before + own;
    if (before + first < end)
      multiply_segment(job, s, first, end - before, &x, job->bias ? job->bias + output : NULL,
                       rows + output, scratch);
    before += own;
    output += s->outputs;
  }
}

void ais_blocks_product(const ais_block_segment *segments, size_t segment_count, ais_byte_rows x,
                        const float *bias, float *out, int accumulate, void *scratch,
                        int workers) {
  blocks_job job = {segments,   segment_count, x, bias,
                    out,        accumulate,    scratch, 0,
                    ais_blocks_scratch(x.inputs), function(), {0}};
  size_t panels = 0, bytes = 0;
  for (size_t s = 0; s < segment_count; s++) {
    panels += panel_count(&segments[s]);
    job.outputs += segments[s].outputs;
    bytes += segments[s].outputs * ais_blocks_row_bytes(segments[s].type, x.inputs);
  }
  if (panels == 0 || x.rows == 0) return;
  // A byte's product costs less than a float's, so the least size of a unit is in weights, not bytes.
  job.units = ais_cut(x.rows, x.inputs, panels, 2 * bytes / panels);
  ais_parallel_indices(ais_unit_count(&job.units), workers, blocks_unit, &job);
}
