// Needs: 16-bit activations, quantized weights.
// Products with weights of a few bits.
//
// Products read each weight as a number rounded to the type of activations, whatever the number of rows: up to 32 rows
// multiply what they have just read and rounded, for more the weights are unpacked first.
//
// A block computes 16 outputs of all rows, so that each weight is read once. Its warps take parts of 256 inputs in
// turns, the steps of 64 that are left over go to the last warps, and sums of warps are added in their order. So a sum
// depends on the inputs alone, and a row's bits are the same beside any other rows.
#include "blocks.cuh"
#include "tensor.cuh"

enum { warps = 8, outputs_of_block = 16, steps_of_part = 4 };

// Runs `work` for the type of a format.
template <typename Work>
__device__ __forceinline__ void run(int format, const Work &work) {
  switch (format) {
    case ais_int8: return work.template run<int8_rows>();
    case ais_q4_0: return work.template run<q4_0>();
    case ais_q4_1: return work.template run<q4_1>();
    case ais_q5_0: return work.template run<q5_0>();
    case ais_q5_1: return work.template run<q5_1>();
    case ais_q8_0: return work.template run<q8_0>();
    case ais_q2_K: return work.template run<q2_K>();
    case ais_q3_K: return work.template run<q3_K>();
    case ais_q4_K: return work.template run<q4_K>();
    case ais_q5_K: return work.template run<q5_K>();
    case ais_q6_K: return work.template run<q6_K>();
  }
}

__device__ __forceinline__ quantized_row row_of(const ais_quantized_rows &weights, int output) {
  return {weights.bytes + (long long)output * weights.row_bytes, weights.blocks,
          weights.scales ? weights.scales[output] : 1};
}

__device__ __forceinline__ uint4 packed(const float v[8]) {
  return make_uint4(pack(v[0], v[1]), pack(v[2], v[3]), pack(v[4], v[5]), pack(v[6], v[7]));
}

// Eight neighbouring inputs of a row of x from input k on. Without alignment they are read one by one.
template <bool aligned>
__device__ __forceinline__ uint4 eight_of(const act *row, bool exists, int k, int inputs) {
  __align__(16) act v[8] = {};
  if (aligned) {
    if (exists && k < inputs) *(uint4 *)v = *(const uint4 *)(row + k);
  } else {
#pragma unroll
    for (int j = 0; j < 8; j++)
      if (exists && k + j < inputs) v[j] = row[k + j];
  }
  return *(uint4 *)v;
}

// Up to 8 · groups rows. `sums` holds, for each warp, 128 numbers of every group of rows.
template <typename Format, int groups, bool aligned>
__device__ __forceinline__ void product(const ais_quantized_arguments &a, float *sums) {
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, own = lane >> 2, q = lane & 3;
  const int first_output = blockIdx.x * outputs_of_block, last = a.weights.outputs - 1;
  // The tensor cores take weights as their rows: output `own` and the one 8 further. x fills the columns.
  const quantized_row low = row_of(a.weights, min(first_output + own, last));
  const quantized_row high = row_of(a.weights, min(first_output + own + 8, last));
  const act *x = a.x + (long long)own * a.inputs;
  const int steps = (a.inputs + 63) / 64, parts = steps / steps_of_part;
  float c[groups][4] = {};
  auto add = [&](int step) {
    const weights_16 w_low = Format::read(low, step, q), w_high = Format::read(high, step, q);
    const block_quads first = quads_of(packed(w_low.first), packed(w_high.first));
    const block_quads second = quads_of(packed(w_low.second), packed(w_high.second));
    const int k = 64 * step + Format::begin(q);
#pragma unroll
    for (int group = 0; group < groups; group++) {
      const act *row = x + 8 * group * (long long)a.inputs;
      const bool exists = own + 8 * group < a.rows;
      multiply_block(c[group], first, eight_of<aligned>(row, exists, k, a.inputs));
      multiply_block(c[group], second, eight_of<aligned>(row, exists, k + Format::gap, a.inputs));
    }
  };
#pragma unroll 1
  for (int part = warp; part < parts; part += warps) {
#pragma unroll
    for (int i = 0; i < steps_of_part; i++) add(part * steps_of_part + i);
  }
  const int rest = parts * steps_of_part + warps - 1 - warp;
  if (rest < steps) add(rest);
#pragma unroll
  for (int group = 0; group < groups; group++)
    *(float4 *)(sums + ((warp * groups + group) * 32 + lane) * 4) =
        make_float4(c[group][0], c[group][1], c[group][2], c[group][3]);
}

// Adds the warps' sums, and writes them.
template <int groups>
__device__ __forceinline__ void finish(const ais_quantized_arguments &a, const float *sums) {
  __syncthreads();
  for (int e = threadIdx.x; e < 128 * groups; e += 32 * warps) {
    const int row = e / outputs_of_block, column = e % outputs_of_block;
    const int output = blockIdx.x * outputs_of_block + column;
    if (row >= a.rows || output >= a.weights.outputs) continue;
    // The lane that has it, and which of its four numbers it is.
    const int place = (row / 8 * 32 + column % 8 * 4 + row % 8 / 2) * 4 + column / 8 * 2 + row % 2;
    float sum = sums[place];
#pragma unroll
    for (int w = 1; w < warps; w++) sum += sums[w * groups * 128 + place];
    if (a.bias) sum += a.bias[output];
    float *out = a.out + (long long)row * a.out_stride + output;
    *out = a.accumulates ? *out + sum : sum;
  }
}

template <int groups>
struct product_work {
  const ais_quantized_arguments &a;
  float *sums;

  template <typename Format>
  __device__ __forceinline__ void run() const {
    product<Format, groups, true>(a, sums);
  }
};

template <int groups>
__device__ __forceinline__ void few(const ais_quantized_arguments &a) {
  __shared__ __align__(16) float sums[warps * groups * 128];
  let_next_start();
  wait_for_last();
  run(a.weights.format, product_work<groups>{a, sums});
  finish<groups>(a, sums);
}

// Up to so many rows. Grid: groups of 16 outputs.
KERNEL(256, 3) ais_quantized_8(const __grid_constant__ ais_quantized_arguments a) { few<1>(a); }
KERNEL(256, 2) ais_quantized_16(const __grid_constant__ ais_quantized_arguments a) { few<2>(a); }
KERNEL(256, 2) ais_quantized_32(const __grid_constant__ ais_quantized_arguments a) { few<4>(a); }

// Rows of x whose length is no multiple of 8, which only bytes can have.
KERNEL(256, 2) ais_quantized_unaligned(const __grid_constant__ ais_quantized_arguments a) {
  __shared__ __align__(16) float sums[warps * 4 * 128];
  let_next_start();
  wait_for_last();
  product<int8_rows, 4, false>(a, sums);
  finish<4>(a, sums);
}

// Sixteen weights of lane q of a step.
struct unpack_work {
  const ais_unpack_arguments &a;
  int output, step, q;

  template <typename Format>
  __device__ __forceinline__ void run() const {
    const weights_16 w = Format::read(row_of(a.weights, output), step, q);
    act *out = a.out + (long long)output * a.stride;
    const int first = 64 * step + Format::begin(q), second = first + Format::gap;
    if (first < a.stride) *(uint4 *)(out + first) = packed(w.first);
    if (second < a.stride) *(uint4 *)(out + second) = packed(w.second);
  }
};

// Each thread unpacks 16 weights. Grid: groups of 256 threads, four threads for each step of each output.
KERNEL(256) ais_unpack(const __grid_constant__ ais_unpack_arguments a) {
  const int lanes = (a.stride + 63) / 64 * 4;
  const long long place = blockIdx.x * 256ll + threadIdx.x;
  const int output = (int)(place / lanes), lane = (int)(place % lanes);
  if (output < a.weights.outputs) run(a.weights.format, unpack_work{a, output, lane / 4, lane % 4});
}
