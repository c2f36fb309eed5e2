// Needs: branches.
// Exits during recorded passes: the device decides which rows exit and which parts of the pass then run.
//
// Kernels that come later in the pass see what these write: each of them waits until all before it have ended.
#include "common.cuh"

extern "C" __device__ void cudaGraphSetConditional(unsigned long long condition, unsigned value);

// Whether this block is the last of the grid to arrive. What the others wrote before can then be read.
__device__ __forceinline__ bool arrives_last(int32_t *arrivals) {
  __shared__ int is_last;
  __syncthreads();
  if (threadIdx.x == 0) {
    int before;
    asm volatile("atom.acq_rel.gpu.global.add.s32 %0, [%1], 1;" : "=r"(before) : "l"(arrivals) : "memory");
    is_last = before == gridDim.x - 1;
    if (is_last) *arrivals = 0;
  }
  __syncthreads();
  return is_last;
}

__device__ __forceinline__ void copy_state(float *to, const float *from, int width) {
  for (int i = threadIdx.x; i < width; i += 256) to[i] = from[i];
}

// A row's product with the weights, added in the order of ais_product_narrow, so that the host decides alike.
__device__ __forceinline__ float score_of(const ais_exit_arguments &a, int row) {
  enum { vector = 16 / sizeof(act) };
  float sum = 0;
  for (int k = (threadIdx.x & 31) * vector; k < a.inputs; k += 32 * vector) {
    __align__(16) act w[vector], x[vector];
    *(uint4 *)w = *(const uint4 *)(a.weights + k);
    *(uint4 *)x = *(const uint4 *)(a.x + (long long)row * a.inputs + k);
#pragma unroll
    for (int j = 0; j < vector; j++) sum = fmaf(from_act(w[j]), from_act(x[j]), sum);
  }
  return warp_sum(sum);
}

// Grid: rows.
KERNEL(256) ais_exit(const __grid_constant__ ais_exit_arguments a) {
  // The next kernel waits before it reads what this one writes; after a branch it starts late anyway.
  let_next_start();
  wait_for_last();
  const int row = blockIdx.x, rows = gridDim.x, pass = a.log[0];
  const ais_cuda_row own = a.table[row];
  // Every warp computes the score.
  const bool exits = read_fresh(&a.table[row].exit_step) == ais_active &&
                     (a.x        ? score_of(a, row) > a.bound
                      : a.scores ? a.scores[row] > a.bound
                                 : a.schedule[(long long)pass * rows + row] <= a.step);
  if (exits) {
    const long long place = (long long)own.sequence * a.capacity + own.position;
    copy_state(a.kept + place * a.width, a.states + (long long)row * a.width, a.width);
    __syncthreads();  // all threads have read the row
    if (threadIdx.x == 0) a.table[row].exit_step = a.exit_steps[place] = a.step;
  }
  if (!a.condition || !arrives_last(a.arrivals)) return;
  bool is_active = false;
  for (int i = threadIdx.x; i < rows; i += 256) is_active |= read_fresh(&a.table[i].exit_step) == ais_active;
  is_active = __syncthreads_or(is_active);
  if (threadIdx.x) return;
  const bool owes = *a.filled < pass * rows;
  // Without debts the segment stores this pass's rows itself.
  if (is_active && !owes) *a.filled = (pass + 1) * rows;
  cudaGraphSetConditional(a.condition, !is_active ? ais_segment_skipped : owes ? ais_segment_owes : ais_segment_runs);
}

// Grid: ais_owed_rows.
KERNEL(256) ais_gather_owed(const __grid_constant__ ais_owed_arguments a) {
  wait_for_last();
  const int pass = a.log[0], first = *a.filled, owed = pass * a.rows - first, place = first + blockIdx.x;
  ais_cuda_row own = a.table[place % a.rows];
  const bool is_owed = blockIdx.x < owed;
  own.position -= pass - place / a.rows;
  own.exit_step = is_owed ? ais_active : 0;
  if (is_owed)
    copy_state(a.owed_states + (long long)blockIdx.x * a.width,
               a.kept + ((long long)own.sequence * a.capacity + own.position) * a.width, a.width);
  if (threadIdx.x == 0) a.owed[blockIdx.x] = own;
  if (!arrives_last(a.arrivals) || threadIdx.x) return;
  const bool has_more = owed > ais_owed_rows;
  *a.filled = has_more ? first + ais_owed_rows : (pass + 1) * a.rows;
  cudaGraphSetConditional(a.condition, has_more);
}
