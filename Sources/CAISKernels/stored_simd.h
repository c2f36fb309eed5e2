// Code shared by the fast versions. The file that includes this has defined INLINE, TARGET, WIDTH, TILE and tile().

INLINE void multiply(const ais_block_type type, const void *panels, size_t first_panel,
                     size_t end_panel, size_t outputs, const ais_byte_rows *x, const float *bias,
                     float *out, size_t stride, int accumulate) {
  const size_t inputs = x->inputs, row_scales = padded(inputs / 32);
  const size_t panel_bytes =
      inputs / stored_block_numbers(type) * stored_block_bytes(type) * WIDTH;
  // A scale of q6_K is for 16 numbers.
  const float *all_sums = type == AIS_BLOCKS_Q6_K ? x->half_sums : x->sums;
  const size_t row_sums = type == AIS_BLOCKS_Q6_K ? padded(inputs / 16) : row_scales;
  for (size_t p = first_panel; p < end_panel; p++) {
    const uint8_t *panel = (const uint8_t *)panels + p * panel_bytes;
    const size_t n = p * WIDTH, count = outputs - n;
    for (size_t r = 0; r < x->rows; r += TILE) {
      const int8_t *bytes = x->bytes + r * inputs;
      const float *scales = x->scales + r * row_scales, *sums = all_sums + r * row_sums;
      float *to = out + r * stride + n;
      const float *own = bias ? bias + n : NULL;
#define ROWS(k)                                                                               \
  tile(type, k, panel, bytes, inputs, scales, sums, own, to, stride, count, accumulate)
      switch (x->rows - r) {
        case 1: ROWS(1); break;
        case 2: ROWS(2); break;
        case 3: ROWS(3); break;
        default: ROWS(4); break;
      }
#undef ROWS
    }
  }
}

#define STORED_TYPE(t)                                                                      \
  case t:                                                                                   \
    multiply(t, panels, first_panel, end_panel, outputs, x, bias, out, stride, accumulate); \
    break;

// MORE holds further cases.
#define STORED_PANELS(name, MORE)          \
  TARGET void name AIS_STORED_PARAMETERS { \
    switch (type) {                        \
      STORED_TYPE(AIS_BLOCKS_Q4_0)         \
      STORED_TYPE(AIS_BLOCKS_Q4_1)         \
      STORED_TYPE(AIS_BLOCKS_Q5_0)         \
      STORED_TYPE(AIS_BLOCKS_Q5_1)         \
      STORED_TYPE(AIS_BLOCKS_Q8_0)         \
      MORE                                 \
      default: break;                      \
    }                                      \
  }
