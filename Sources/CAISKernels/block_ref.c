#include <math.h>

#include "ais_block.h"
#include "bf16.h"

static void store(void *out, ais_dtype type, size_t index, float value) {
  if (type == AIS_BF16)
    ((uint16_t *)out)[index] = ais_bf16_from_float(value);
  else
    ((float *)out)[index] = value;
}

void ais_rmsnorm_f32_ref AIS_RMSNORM_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    double squares = 0;
    for (size_t i = 0; i < width; i++) squares += (double)x[r * width + i] * x[r * width + i];
    float scale = (float)(1.0 / sqrt(squares / (double)width + eps));
    for (size_t i = 0; i < width; i++)
      store(out, out_type, r * width + i, x[r * width + i] * scale * w[i]);
  }
}

void ais_swiglu_f32_ref AIS_SWIGLU_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    const float *gate = gate_up + 2 * r * width, *up = gate + width;
    for (size_t i = 0; i < width; i++)
      store(out, out_type, r * width + i, gate[i] / (1 + expf(-gate[i])) * up[i]);
  }
}

void ais_blend_f32_ref AIS_BLEND_PARAMETERS {
  for (size_t i = 0; i < count; i++) x[i] = alpha * x[i] + (1 - alpha) * before[i];
}

void ais_to_bf16_f32_ref AIS_TO_BF16_PARAMETERS {
  for (size_t i = 0; i < count; i++) out[i] = ais_bf16_from_float(x[i]);
}
