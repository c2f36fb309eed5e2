// The fast twins of block_ref.c; compiled once for each instruction set.
#include "simd.h"

void AIS_TWIN(ais_rmsnorm_f32) AIS_RMSNORM_PARAMETERS {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    vf partial = {0};
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      vf v = load(row + i);
      partial += v * v;
    }
    float squares = sum_v(partial);
    for (size_t i = whole; i < width; i++) squares += row[i] * row[i];
    float scale = 1.0f / __builtin_sqrtf(squares / (float)width + eps);
    for (size_t i = 0; i < whole; i += AIS_LANES)
      store_as(out, out_type, r * width + i, load(row + i) * scale * load(w + i));
    for (size_t i = whole; i < width; i++)
      store_scalar_as(out, out_type, r * width + i, row[i] * scale * w[i]);
  }
}

static inline vf swiglu_v(vf gate, vf up) { return gate / (1.0f + exp_v(-gate)) * up; }

void AIS_TWIN(ais_swiglu_f32) AIS_SWIGLU_PARAMETERS {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *gate = gate_up + 2 * r * width, *up = gate + width;
    for (size_t i = 0; i < whole; i += AIS_LANES)
      store_as(out, out_type, r * width + i, swiglu_v(load(gate + i), load(up + i)));
    if (whole < width) {
      float g[AIS_LANES] = {0}, u[AIS_LANES] = {0};
      memcpy(g, gate + whole, (width - whole) * sizeof(float));
      memcpy(u, up + whole, (width - whole) * sizeof(float));
      store(g, swiglu_v(load(g), load(u)));
      for (size_t i = whole; i < width; i++)
        store_scalar_as(out, out_type, r * width + i, g[i - whole]);
    }
  }
}

void AIS_TWIN(ais_blend_f32) AIS_BLEND_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  const float rest = 1 - alpha;
  for (size_t i = 0; i < whole; i += AIS_LANES)
    store(x + i, load(x + i) * alpha + load(before + i) * rest);
  for (size_t i = whole; i < count; i++) x[i] = alpha * x[i] + rest * before[i];
}

void AIS_TWIN(ais_to_bf16_f32) AIS_TO_BF16_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  for (size_t i = 0; i < whole; i += AIS_LANES) store_bf16(out + i, load(x + i));
  for (size_t i = whole; i < count; i++) out[i] = ais_bf16_from_float(x[i]);
}
