// Products of rows of activations with weights of the same type: out = x · Wᵀ.
//
// Up to 32 rows use the narrow kernel, which reads each weight once for eight rows: it is bound by memory. More rows
// use the wide kernel, which keeps tiles in shared memory. Each kernel adds in an order that depends on the number of
// inputs alone, so that a row's bits are the same beside any other rows of the same kernel.
#include "common.cuh"

enum { vector = 16 / sizeof(act) };  // numbers in 16 bytes

// Loads 16 bytes of a row from number k on. Rows whose length is no multiple of a vector are read number by number.
template <bool aligned>
__device__ __forceinline__ void load(const act *row, int k, int inputs, act out[vector]) {
  if (aligned) {
    *(uint4 *)out = k < inputs ? *(const uint4 *)(row + k) : make_uint4(0, 0, 0, 0);
  } else {
#pragma unroll
    for (int j = 0; j < vector; j++) out[j] = k + j < inputs ? row[k + j] : (act)0;
  }
}

__device__ __forceinline__ void store(const ais_product_arguments &a, int row, int output, float v) {
  float *out = a.out + (long long)row * a.out_stride + output;
  if (a.bias) v += a.bias[output];
  *out = a.accumulates ? *out + v : v;
}

// A warp computes one output of `count` rows.
template <bool aligned, int count>
__device__ __forceinline__ void narrow_rows(const ais_product_arguments &a, int first, int output) {
  const int lane = threadIdx.x & 31;
  const act *weights = a.weights + (long long)output * a.stride;
  float sums[count] = {};
#pragma unroll 4
  for (int k = lane * vector; k < a.inputs; k += 32 * vector) {
    __align__(16) act w[vector];
    load<true>(weights, k, a.stride, w);
#pragma unroll
    for (int r = 0; r < count; r++) {
      __align__(16) act x[vector];
      load<aligned>(a.x + (long long)(first + r) * a.inputs, k, a.inputs, x);
#pragma unroll
      for (int j = 0; j < vector; j++) sums[r] = fmaf(from_act(w[j]), from_act(x[j]), sums[r]);
    }
  }
#pragma unroll
  for (int r = 0; r < count; r++) {
    const float sum = warp_sum(sums[r]);
    if (lane == 0) store(a, first + r, output, sum);
  }
}

template <bool aligned>
__device__ __forceinline__ void narrow(const ais_product_arguments &a) {
  const int output = blockIdx.x * 8 + (threadIdx.x >> 5);
  if (output >= a.outputs) return;
  for (int first = 0; first < a.rows; first += 8) {
    switch (min(a.rows - first, 8)) {
      case 1: narrow_rows<aligned, 1>(a, first, output); break;
      case 2: narrow_rows<aligned, 2>(a, first, output); break;
      case 3: narrow_rows<aligned, 3>(a, first, output); break;
      case 4: narrow_rows<aligned, 4>(a, first, output); break;
      case 5: narrow_rows<aligned, 5>(a, first, output); break;
      case 6: narrow_rows<aligned, 6>(a, first, output); break;
      case 7: narrow_rows<aligned, 7>(a, first, output); break;
      default: narrow_rows<aligned, 8>(a, first, output);
    }
  }
}

// Grid: groups of 8 outputs.
KERNEL(256) ais_product_narrow(ais_product_arguments a) { narrow<true>(a); }
KERNEL(256) ais_product_narrow_unaligned(ais_product_arguments a) { narrow<false>(a); }

#if AIS_ACT == 0

// A block of 256 threads computes 64 rows × 64 outputs, each thread 4 × 4 of them, in steps of 16 inputs.
template <bool aligned>
__device__ __forceinline__ void wide(const ais_product_arguments &a) {
  __shared__ float xs[16][68], ws[16][68];
  const int first_row = blockIdx.y * 64, first_output = blockIdx.x * 64;
  const int loaded = threadIdx.x / 4, k_loaded = threadIdx.x % 4 * 4;  // each thread loads a vector of each tile
  const int own_row = threadIdx.x / 16 * 4, own_output = threadIdx.x % 16 * 4;
  const bool has_row = first_row + loaded < a.rows, has_output = first_output + loaded < a.outputs;
  const act *x = a.x + (long long)(first_row + loaded) * a.inputs;
  const act *w = a.weights + (long long)(first_output + loaded) * a.stride;
  float sums[4][4] = {};
  for (int k = 0; k < a.inputs; k += 16) {
    __align__(16) act xv[vector] = {}, wv[vector] = {};
    if (has_row) load<aligned>(x, k + k_loaded, a.inputs, xv);
    if (has_output) load<true>(w, k + k_loaded, a.stride, wv);
    __syncthreads();
#pragma unroll
    for (int j = 0; j < 4; j++) xs[k_loaded + j][loaded] = xv[j], ws[k_loaded + j][loaded] = wv[j];
    __syncthreads();
#pragma unroll
    for (int step = 0; step < 16; step++)
#pragma unroll
      for (int r = 0; r < 4; r++)
#pragma unroll
        for (int o = 0; o < 4; o++)
          sums[r][o] = fmaf(xs[step][own_row + r], ws[step][own_output + o], sums[r][o]);
  }
  for (int r = 0; r < 4; r++)
    for (int o = 0; o < 4; o++) {
      const int row = first_row + own_row + r, output = first_output + own_output + o;
      if (row < a.rows && output < a.outputs) store(a, row, output, sums[r][o]);
    }
}

#else

__device__ __forceinline__ void multiply_tile(float *c, const unsigned *x, unsigned w0, unsigned w1) {
  asm(act_multiply " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(w0), "r"(w1));
}

// A block of 256 threads computes 64 rows × 128 outputs in steps of 32 inputs: 2 × 4 warps, each 32 × 32 as 2 × 4 tiles
// of 16 × 8. Rows of a tile in shared memory are 40 numbers apart, so that a warp's reads hit all banks.
template <bool aligned>
__device__ __forceinline__ void wide(const ais_product_arguments &a) {
  __shared__ __align__(16) act xs[64][40], ws[128][40];
  const int first_row = blockIdx.y * 64, first_output = blockIdx.x * 128;
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, group = lane >> 2, pair = lane & 3;
  const int warp_row = warp / 4 * 32, warp_output = warp % 4 * 32;
  const int loaded = threadIdx.x / 4, k_loaded = threadIdx.x % 4 * 8;
  __align__(16) act xv[vector], wv[2][vector];
  auto fetch = [&](int k) {
    const int row = first_row + loaded;
    *(uint4 *)xv = make_uint4(0, 0, 0, 0);
    if (row < a.rows) load<aligned>(a.x + (long long)row * a.inputs, k + k_loaded, a.inputs, xv);
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int output = first_output + loaded + 64 * i;
      *(uint4 *)wv[i] = make_uint4(0, 0, 0, 0);
      if (output < a.outputs)
        load<true>(a.weights + (long long)output * a.stride, k + k_loaded, a.stride, wv[i]);
    }
  };
  float sums[2][4][4] = {};
  fetch(0);
  for (int k = 0; k < a.inputs; k += 32) {
    __syncthreads();
    *(uint4 *)&xs[loaded][k_loaded] = *(uint4 *)xv;
    *(uint4 *)&ws[loaded][k_loaded] = *(uint4 *)wv[0];
    *(uint4 *)&ws[loaded + 64][k_loaded] = *(uint4 *)wv[1];
    __syncthreads();
    if (k + 32 < a.inputs) fetch(k + 32);
#pragma unroll
    for (int step = 0; step < 32; step += 16) {
      unsigned x[2][4];
#pragma unroll
      for (int m = 0; m < 2; m++)
#pragma unroll
        for (int part = 0; part < 4; part++)
          x[m][part] = *(unsigned *)&xs[warp_row + 16 * m + group + part % 2 * 8]
                                       [step + 2 * pair + part / 2 * 8];
#pragma unroll
      for (int n = 0; n < 4; n++) {
        const act *w = ws[warp_output + 8 * n + group] + step + 2 * pair;
        const unsigned w0 = *(unsigned *)w, w1 = *(unsigned *)(w + 8);
#pragma unroll
        for (int m = 0; m < 2; m++) multiply_tile(sums[m][n], x[m], w0, w1);
      }
    }
  }
#pragma unroll
  for (int m = 0; m < 2; m++)
#pragma unroll
    for (int n = 0; n < 4; n++)
#pragma unroll
      for (int part = 0; part < 4; part++) {
        const int row = first_row + warp_row + 16 * m + group + part / 2 * 8;
        const int output = first_output + warp_output + 8 * n + 2 * pair + part % 2;
        if (row < a.rows && output < a.outputs) store(a, row, output, sums[m][n][part]);
      }
}

#endif

// Grid: tiles of outputs × tiles of 64 rows.
KERNEL(256) ais_product_wide(ais_product_arguments a) { wide<true>(a); }
KERNEL(256) ais_product_wide_unaligned(ais_product_arguments a) { wide<false>(a); }
