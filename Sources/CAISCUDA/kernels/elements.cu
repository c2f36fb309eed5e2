// Norms, activations and other operations on single rows or numbers.
#include "activation.cuh"
#include "common.cuh"

#define ELEMENTS                                                                          \
  for (long long i = blockIdx.x * 256ll + threadIdx.x; i < a.count; i += gridDim.x * 256ll)

KERNEL(256) ais_convert(ais_elements_arguments a) {
  ELEMENTS a.out[i] = to_act(a.x[i]);
}

KERNEL(256) ais_add(ais_elements_arguments a) {
  ELEMENTS a.x[i] += a.y[i];
}

// Grid: columns × rows.
KERNEL(256) ais_add_active(ais_add_active_arguments a) {
  const int column = blockIdx.x * 256 + threadIdx.x;
  if (column >= a.width || a.table[blockIdx.y].exit_step != ais_active) return;
  const long long place = (long long)blockIdx.y * a.width + column;
  a.x[place] += a.y[place];
}

KERNEL(256) ais_soft_cap(ais_elements_arguments a) {
  ELEMENTS a.x[i] = a.a * tanhf(a.x[i] / a.a);
}

KERNEL(256) ais_blend(ais_elements_arguments a) {
  ELEMENTS a.x[i] = a.a * a.x[i] + (1 - a.a) * a.y[i];
}

__device__ __forceinline__ float number(float v) { return v; }
#if AIS_ACT
__device__ __forceinline__ float number(act v) { return from_act(v); }
#endif

// `count` neighbouring results, from the given column on.
template <int count, typename Number>
__device__ __forceinline__ void activate(const ais_activate_arguments &a, int column) {
  const Number *row = (const Number *)a.x + (long long)blockIdx.y * a.width * (a.gated ? 2 : 1) + column;
  const auto x = *(const vector_of<Number, count> *)row;
  auto up = x;
  if (a.gated) up = *(const vector_of<Number, count> *)(row + a.width);
  vector_of<act, count> out;
#pragma unroll
  for (int i = 0; i < count; i++) {
    const float v = activate(a.activation, number(x.v[i]));
    out.v[i] = to_act(a.gated ? v * number(up.v[i]) : v);
  }
  *(vector_of<act, count> *)(a.out + (long long)blockIdx.y * a.width + column) = out;
}

template <typename Number>
__device__ __forceinline__ void activate(const ais_activate_arguments &a) {
  wait_for_last();
  const int thread = blockIdx.x * 256 + threadIdx.x;
  if (a.width % ais_activated) {
    if (thread < a.width) activate<1, Number>(a, thread);
  } else if (thread < a.width / ais_activated) {
    activate<ais_activated, Number>(a, ais_activated * thread);
  }
}

// Grid: columns × rows.
KERNEL(256) ais_activate(ais_activate_arguments a) { activate<float>(a); }
KERNEL(256) ais_activate_acts(ais_activate_arguments a) { activate<act>(a); }

// The bias of a product, before the product is added to it: out = bias, or out += bias. Grid: columns × rows.
KERNEL(256) ais_bias(ais_bias_arguments a) {
  const int column = blockIdx.x * 256 + threadIdx.x;
  if (column >= a.width) return;
  float *out = a.out + (long long)blockIdx.y * a.width + column;
  *out = a.bias[column] + (a.accumulates ? *out : 0);
}

// The part of an RMSNorm that comes before a product of few rows. Grid: rows.
KERNEL(256) ais_prepare(ais_prepare_arguments a) {
  let_next_start();
  wait_for_last();
  const long long first = (long long)blockIdx.x * a.width;
  for (int base = 0; base < a.width; base += 256) {
    const int i = base + threadIdx.x;
    const bool is_used = i < a.width;
    prepare(is_used ? a.x[first + i] : 0, is_used, is_used ? a.weight[i] : 0, i, a.out + first + i,
            a.squares + (first + i) / squares_width);
  }
}

// A row whose states are read once: each thread holds up to `most` vectors of four. If there is room in registers, it
// reads the weights while the kernel before ends.
template <int most, bool reads_ahead>
__device__ __forceinline__ void normalize(const ais_norm_arguments &a) {
  typedef vector_of<float, 4> four;
  __shared__ float shared[8];
  const long long first = (long long)blockIdx.x * a.width;
  const int count = a.width / 4;
  four x[most], weight[most], bias[most];
  auto read_weights = [&](int j) {
    const int i = threadIdx.x + 256 * j;
    if (i >= count) return;
    weight[j] = ((const four *)a.weight)[i];
    bias[j] = a.bias ? ((const four *)a.bias)[i] : four{};
  };
#pragma unroll
  for (int j = 0; j < most; j++)
    if (reads_ahead) read_weights(j);
  wait_for_last();
#pragma unroll
  for (int j = 0; j < most; j++) {
    const int i = threadIdx.x + 256 * j;
    x[j] = i < count ? ((const four *)(a.x + first))[i] : four{};
  }
  float mean = 0;
  if (a.centers) {
    float sum = 0;
#pragma unroll
    for (int j = 0; j < most; j++) sum += (x[j].v[0] + x[j].v[1]) + (x[j].v[2] + x[j].v[3]);
    mean = block<8, sum_of>(sum, shared) / a.width;
  }
  float squares = 0;
#pragma unroll
  for (int j = 0; j < most; j++)
#pragma unroll
    for (int k = 0; k < 4; k++) {
      x[j].v[k] -= mean;
      if (threadIdx.x + 256 * j < count) squares = fmaf(x[j].v[k], x[j].v[k], squares);
    }
  const float scale = 1 / sqrtf(block<8, sum_of>(squares, shared) / a.width + a.epsilon);
#pragma unroll
  for (int j = 0; j < most; j++) {
    const int i = threadIdx.x + 256 * j;
    if (i >= count) continue;
    if (!reads_ahead) read_weights(j);
    vector_of<act, 4> acts;
#pragma unroll
    for (int k = 0; k < 4; k++) {
      x[j].v[k] = x[j].v[k] * scale * weight[j].v[k] + bias[j].v[k];
      acts.v[k] = to_act(x[j].v[k]);
    }
    if (a.floats) ((four *)(a.floats + first))[i] = x[j];
    if (a.acts) ((vector_of<act, 4> *)(a.acts + first))[i] = acts;
  }
}

// Grid: rows. The output may be the input.
KERNEL(256) ais_normalize(ais_norm_arguments a) {
  if (a.width % 4 == 0 && a.width <= 4096) return normalize<4, true>(a);
  if (a.width % 4 == 0 && a.width <= 8192) return normalize<8, false>(a);
  wait_for_last();
  __shared__ float shared[8];
  const long long first = (long long)blockIdx.x * a.width;
  const float *x = a.x + first;
  const row_statistic row = norm_of<8>(x, a.width, a.centers, a.epsilon, shared);
  for (int i = threadIdx.x; i < a.width; i += 256) {
    const float v = (x[i] - row.mean) * row.scale * a.weight[i] + (a.bias ? a.bias[i] : 0);
    if (a.floats) a.floats[first + i] = v;
    if (a.acts) a.acts[first + i] = to_act(v);
  }
}

// A number and its place: the larger number wins, of equals the first. A NaN counts as larger than every number, so
// that it is found.
struct candidate {
  float value;
  int index;
};

__device__ __forceinline__ candidate better(candidate a, candidate b) {
  return b.value > a.value || (b.value == a.value && b.index < a.index) ? b : a;
}

// The best candidate of a block, in its first thread.
__device__ __forceinline__ candidate block_best(candidate own, candidate *shared) {
  for (int stage = 0; stage < 2; stage++) {
#pragma unroll
    for (int distance = 16; distance; distance >>= 1)
      own = better(own, {__shfl_xor_sync(~0u, own.value, distance), __shfl_xor_sync(~0u, own.index, distance)});
    if (stage) break;
    __syncthreads();
    if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = own;
    __syncthreads();
    own = shared[threadIdx.x & 7];
  }
  return own;
}

// A block finds the best of a part of a row; the last block of the row finds the best of those. Grid: parts × rows.
KERNEL(256) ais_argmax(ais_argmax_arguments a) {
  __shared__ candidate shared[8];
  __shared__ int is_last;
  const float *x = a.x + (long long)blockIdx.y * a.width;
  candidate own = {-infinity, 0x7fffffff};
  for (int i = blockIdx.x * 256 + threadIdx.x; i < a.width; i += gridDim.x * 256)
    own = better(own, {x[i] != x[i] ? infinity : x[i], i});
  own = block_best(own, shared);
  float *values = a.partial + blockIdx.y * gridDim.x;
  int32_t *indices = (int32_t *)(a.partial + gridDim.y * gridDim.x) + blockIdx.y * gridDim.x;
  if (threadIdx.x == 0) {
    values[blockIdx.x] = own.value;
    indices[blockIdx.x] = own.index;
    int before;
    asm volatile("atom.acq_rel.gpu.global.add.s32 %0, [%1], 1;" : "=r"(before) : "l"(a.arrivals + blockIdx.y) : "memory");
    is_last = before == gridDim.x - 1;
    if (is_last) a.arrivals[blockIdx.y] = 0;
  }
  __syncthreads();
  if (!is_last) return;
  own = {-infinity, 0x7fffffff};
  for (int i = threadIdx.x; i < gridDim.x; i += 256)
    own = better(own, {read_fresh(values + i), __float_as_int(read_fresh((float *)indices + i))});
  own = block_best(own, shared);
  if (threadIdx.x == 0)
    a.out[blockIdx.y] = own.value < infinity && own.value > -infinity ? own.index : -1;
}

// The rows' next tokens: each row goes on to its next position. One block, whose threads go through the rows.
KERNEL(1024) ais_advance(ais_advance_arguments a) {
  const int pass = a.log[0];
  __syncthreads();
  int32_t *entry = a.log + 1 + 2ll * pass * a.rows;
  for (int row = threadIdx.x; row < a.rows; row += 1024) {
    const int token = a.chosen[row], given = a.given[(long long)pass * a.rows + row];
    entry[row] = token;
    entry[a.rows + row] = a.table[row].exit_step;
    a.table[row].token = given < 0 ? max(token, 0) : given;
    a.table[row].position++;
    a.table[row].exit_step = ais_active;
  }
  if (threadIdx.x == 0) a.log[0] = pass + 1;
}
