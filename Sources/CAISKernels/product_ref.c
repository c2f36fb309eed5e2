#include <math.h>

#include "ais_product.h"
#include "bf16.h"

static float weight(const ais_panels *weights, size_t output, size_t input) {
  const size_t width = weights->width, lane = output % width;
  const size_t panel =
      output / width * ais_panel_elements(weights->type, weights->inputs, width);
  if (weights->type == AIS_F32) return ((const float *)weights->data)[panel + input * width + lane];
  return ais_bf16_to_float(
      ((const uint16_t *)weights->data)[panel + (input / 2 * width + lane) * 2 + input % 2]);
}

static void multiply AIS_PRODUCT_BLOCK_PARAMETERS {
  const float *numbers = x;
  size_t end = end_panel * weights->width;
  if (end > weights->outputs) end = weights->outputs;
  for (size_t r = 0; r < rows; r++) {
    for (size_t n = first_panel * weights->width; n < end; n++) {
      float sum = 0;
      for (size_t k = 0; k < weights->inputs; k++)
        sum = fmaf(numbers[r * weights->inputs + k], weight(weights, n, k), sum);
      if (weights->bias) sum += weights->bias[n];
      float *place = out + r * weights->outputs + n;
      *place = accumulate ? *place + sum : sum;
    }
  }
}

void ais_product_block_f32_ref AIS_PRODUCT_BLOCK_PARAMETERS {
  multiply(weights, first_panel, end_panel, x, rows, out, accumulate);
}

void ais_product_block_bf16_ref AIS_PRODUCT_BLOCK_PARAMETERS {
  multiply(weights, first_panel, end_panel, x, rows, out, accumulate);
}
