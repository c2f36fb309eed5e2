// Needs: 16-bit activations.
// Products of up to 32 rows, whose weights stream through shared memory.
//
// A block computes a few tiles of 8 outputs. Its warps divide the inputs: of each step, a warp has 32. Each thread
// copies the weights that it will use itself, some steps ahead, so threads wait for nobody until they add their sums.
// The copies begin while the kernel before ends. Kernels with equally many warps add in the same order: over the
// steps, then over the warps. So a row's bits are the same beside any other rows.
//
// The scale of an RMSNorm is applied to the result: x holds the states times the norm's weights, and the kernel that
// wrote them also wrote sums of their squares.
#include "activation.cuh"
#include "tensor.cuh"

// Begins a copy of 16 bytes to shared memory; of zeros if `is_there` is false.
__device__ __forceinline__ void copy_weights(unsigned to, const act *from, bool is_there) {
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(is_there ? 16 : 0)
               : "memory");
}

__device__ __forceinline__ void end_step() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most `left` of this thread's latest steps are still being copied.
template <int left>
__device__ __forceinline__ void wait_for_step() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

// 16 bytes of shared memory.
__device__ __forceinline__ uint4 read_shared(unsigned address) {
  uint4 v;
  asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(address));
  return v;
}

// A lane's part of a row's sum of squares.
__device__ __forceinline__ float sum_squares(const ais_few_arguments &a, int row) {
  enum { together = 3 };  // vectors that are read at a time
  const int count = a.inputs / squares_width, lane = threadIdx.x & 31;
  const float *squares = a.squares + (long long)row * count;
  float sum = 0;
  if (count % 4) {  // rows are not aligned
#pragma unroll 1
    for (int i = lane; i < count; i += 32) sum += squares[i];
    return sum;
  }
#pragma unroll 1
  for (int i = lane; i < count / 4; i += 32 * together) {
    float4 v[together];
#pragma unroll
    for (int j = 0; j < together; j++)
      v[j] = i + 32 * j < count / 4 ? ((const float4 *)squares)[i + 32 * j] : make_float4(0, 0, 0, 0);
#pragma unroll
    for (int j = 0; j < together; j++) sum += (v[j].x + v[j].y) + (v[j].z + v[j].w);
  }
  return sum;
}

// Bytes of weights that a block has under way.
enum { bytes_ahead = 96 << 10 };

// most: rows, 8, 16 or 32. tiles: of 8 outputs in a block; with gates, the first half are gates and the others what
// they multiply. ahead: steps whose x is read before it is needed.
template <int most, int tiles, int warps, int ahead, int mode>
__device__ __forceinline__ void product(const ais_few_arguments &a) {
  enum {
    groups = (most + 15) / 16,  // of 16 rows, as the tensor cores take them
    halves = (most + 7) / 8,    // of 8 rows
    threads = 32 * warps,
    step_inputs = 32 * warps,
    slot_bytes = 16 * threads * tiles,  // of a step's weights
    depth = bytes_ahead / slot_bytes,
    wanted = mode == ais_few_gate ? tiles / 2 : tiles,  // tiles of results
    columns = 8 * wanted,
    results = (most * columns + threads - 1) / threads,  // of a thread
  };
  static_assert(depth >= groups, "a thread's sums take the place of its weights");
  extern __shared__ __align__(128) unsigned char memory[];
  __shared__ float scales[most];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int all = mode == ais_few_gate ? a.outputs / 2 : a.outputs;
  // The last block begins earlier if it would not be full.
  const int own_first = blockIdx.x * columns, first = min(own_first, all - columns);
  const int row = lane >> 2, offset = warp * 32 + 8 * (lane & 3);

  const act *weights = a.weights + (long long)(first + row) * a.inputs + offset;
  const long long next_tile = 8LL * a.inputs;
  const long long to_up = mode == ais_few_gate ? (long long)(all - columns) * a.inputs : 0;
  const unsigned slots = shared_address(memory) + 16 * threadIdx.x;
  const int left = a.inputs - offset;  // inputs from this thread's first one on
  auto copy = [&](int step, unsigned slot) {
    const bool is_there = step * step_inputs < left;
    const act *from = weights + (is_there ? step * step_inputs : 0);
#pragma unroll
    for (int t = 0; t < tiles; t++)
      copy_weights(slot + t * 16 * threads, from + t * next_tile + (t >= wanted ? to_up : 0), is_there);
    end_step();
  };
#pragma unroll 1
  for (int i = 0; i < depth; i++) copy(i, slots + i * slot_bytes);

  // What results need beside their sums. Neighbouring threads have neighbouring outputs.
  float bias[results], up_bias[results], next_weight[results], state[results];
  bool is_active[results];
#pragma unroll
  for (int r = 0; r < results; r++) {
    const int output = first + (threadIdx.x + r * threads) % columns;
    bias[r] = a.bias ? a.bias[output] : 0;
    up_bias[r] = mode == ais_few_gate && a.bias ? a.bias[output + all] : 0;
    next_weight[r] = mode == ais_few_add && a.next_weight ? a.next_weight[output] : 0;
  }

  const act *x = a.x + (long long)row * a.inputs + offset;
  struct vectors {
    uint4 rows[halves];
  };
  auto read = [&](int step) {
    vectors v;
#pragma unroll
    for (int half = 0; half < halves; half++) {
      v.rows[half] = make_uint4(0, 0, 0, 0);
      if (row + 8 * half < a.rows && step * step_inputs < left)
        v.rows[half] = *(const uint4 *)(x + 8 * half * (long long)a.inputs + step * step_inputs);
    }
    return v;
  };
  let_next_start();
  wait_for_last();
  vectors next[ahead];
#pragma unroll
  for (int i = 0; i < ahead; i++) next[i] = read(i);
#pragma unroll
  for (int r = 0; r < results; r++) {
    const int e = threadIdx.x + r * threads, own_row = e / columns;
    const bool is_read = mode == ais_few_add && own_row < a.rows;
    state[r] = is_read ? a.out[(long long)own_row * all + first + e % columns] : 0;
    is_active[r] = !is_read || !a.table || read_fresh(&a.table[own_row].exit_step) == ais_active;
  }

  const float squares = a.squares && warp < a.rows ? sum_squares(a, warp) : 0;

  float c[groups][tiles][4] = {};
  const int steps = (a.inputs + step_inputs - 1) / step_inputs;
  unsigned slot = slots;
#pragma unroll 1
  for (int i = 0; i < steps; i += ahead) {
#pragma unroll
    for (int u = 0; u < ahead; u++) {
      const vectors now = next[u];
      next[u] = read(i + u + ahead);
      if (i + u >= steps) continue;
      wait_for_step<depth - 1>();
      uint4 w[tiles];
#pragma unroll
      for (int t = 0; t < tiles; t++) w[t] = read_shared(slot + t * 16 * threads);
      block_quads v[groups];
#pragma unroll
      for (int g = 0; g < groups; g++)
        v[g] = quads_of(now.rows[2 * g], 2 * g + 1 < halves ? now.rows[(2 * g + 1) % halves] : make_uint4(0, 0, 0, 0));
      // Tiles take turns, so that products do not wait for each other.
#pragma unroll
      for (int t = 0; t < tiles; t++)
#pragma unroll
        for (int g = 0; g < groups; g++) multiply_16(c[g][t], v[g].first, w[t].x, w[t].y);
#pragma unroll
      for (int t = 0; t < tiles; t++)
#pragma unroll
        for (int g = 0; g < groups; g++) multiply_16(c[g][t], v[g].second, w[t].z, w[t].w);
      if (i + u + depth < steps)
        copy(i + u + depth, slot);
      else
        end_step();
      slot = slot == slots + (depth - 1) * slot_bytes ? slots : slot + slot_bytes;
    }
    // The scales are computed while weights are under way.
    if (i == 0 && a.squares)
#pragma unroll 1
      for (int r = warp; r < a.rows; r += warps) {
        const float sum = warp_sum(r == warp ? squares : sum_squares(a, r));
        const float scale = 1 / sqrtf(sum / a.inputs + a.epsilon);
        if (lane == 0) scales[r] = scale;
      }
  }
  // A thread's sums take the place of its weights, which have been read; no copy may come after them.
  wait_for_step<0>();
#pragma unroll
  for (int g = 0; g < groups; g++)
#pragma unroll
    for (int t = 0; t < tiles; t++)
      *(float4 *)(memory + 16 * threadIdx.x + g * slot_bytes + t * 16 * threads) =
          make_float4(c[g][t][0], c[g][t][1], c[g][t][2], c[g][t][3]);
  __syncthreads();
  auto sum_of_warps = [&](int own_row, int column) {
    const int place = own_row % 8 * 4 + column % 8 / 2;  // the lane that has it
    const float *from = (const float *)(memory + own_row / 16 * slot_bytes + (column / 8 * threads + place) * 16) +
                        own_row % 16 / 8 * 2 + column % 2;
    float sum = from[0];
#pragma unroll
    for (int w = 1; w < warps; w++) sum += from[w * 32 * 4];
    return sum;
  };
#pragma unroll
  for (int r = 0; r < results; r++) {
    const int e = threadIdx.x + r * threads, own_row = e / columns, column = e % columns, output = first + column;
    if (own_row >= most) continue;  // whole groups of lanes take part or not
    const bool is_used = own_row < a.rows && output >= own_first;
    const long long place = (long long)own_row * all + output;
    const float scale = a.squares && own_row < a.rows ? scales[own_row] : 1;
    float v = sum_of_warps(own_row, column) * scale + bias[r];
    if (mode == ais_few_add) {
      v = is_active[r] ? v + state[r] : state[r];
      if (is_used) a.out[place] = v;
      if (a.next_weight)
        prepare(is_used ? v : 0, is_used, next_weight[r], output, a.acts + place, a.next_squares + place / squares_width);
    } else if (mode == ais_few_gate) {
      const float up = sum_of_warps(own_row, column + columns) * scale + up_bias[r];
      if (is_used) a.acts[place] = to_act(activate(a.activation, v) * up);
    } else if (is_used) {
      if (a.acts)
        a.acts[place] = to_act(activate(a.activation, v));
      else
        a.out[place] = v;
    }
  }
}

// Grid: blocks of 8 · tiles outputs, or of 4 · tiles with gates. The names have rows, tiles and warps; `FewProduct` puts
// them together, and `KernelFile` finds them in these lines.
KERNEL(256, 2) ais_few_8_2_8_write(const __grid_constant__ ais_few_arguments a) {
  product<8, 2, 8, 4, ais_few_write>(a);
}
KERNEL(256, 2) ais_few_8_2_8_add(const __grid_constant__ ais_few_arguments a) {
  product<8, 2, 8, 4, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_8_3_8_write(const __grid_constant__ ais_few_arguments a) {
  product<8, 3, 8, 4, ais_few_write>(a);
}
KERNEL(256, 2) ais_few_8_3_8_add(const __grid_constant__ ais_few_arguments a) {
  product<8, 3, 8, 4, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_8_4_8_write(const __grid_constant__ ais_few_arguments a) {
  product<8, 4, 8, 4, ais_few_write>(a);
}
KERNEL(256, 2) ais_few_8_4_8_add(const __grid_constant__ ais_few_arguments a) {
  product<8, 4, 8, 4, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_8_4_8_gate(const __grid_constant__ ais_few_arguments a) {
  product<8, 4, 8, 4, ais_few_gate>(a);
}
KERNEL(256, 2) ais_few_8_8_8_gate(const __grid_constant__ ais_few_arguments a) {
  product<8, 8, 8, 2, ais_few_gate>(a);
}
KERNEL(512, 1) ais_few_8_2_16_write(const __grid_constant__ ais_few_arguments a) {
  product<8, 2, 16, 4, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_8_2_16_add(const __grid_constant__ ais_few_arguments a) {
  product<8, 2, 16, 4, ais_few_add>(a);
}
KERNEL(512, 1) ais_few_8_3_16_write(const __grid_constant__ ais_few_arguments a) {
  product<8, 3, 16, 4, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_8_3_16_add(const __grid_constant__ ais_few_arguments a) {
  product<8, 3, 16, 4, ais_few_add>(a);
}
KERNEL(512, 1) ais_few_8_4_16_write(const __grid_constant__ ais_few_arguments a) {
  product<8, 4, 16, 3, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_8_4_16_add(const __grid_constant__ ais_few_arguments a) {
  product<8, 4, 16, 3, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_16_4_8_write(const __grid_constant__ ais_few_arguments a) {
  product<16, 4, 8, 3, ais_few_write>(a);
}
KERNEL(256, 2) ais_few_16_4_8_add(const __grid_constant__ ais_few_arguments a) {
  product<16, 4, 8, 3, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_16_4_8_gate(const __grid_constant__ ais_few_arguments a) {
  product<16, 4, 8, 3, ais_few_gate>(a);
}
KERNEL(256, 2) ais_few_16_8_8_gate(const __grid_constant__ ais_few_arguments a) {
  product<16, 8, 8, 2, ais_few_gate>(a);
}
KERNEL(512, 1) ais_few_16_3_16_write(const __grid_constant__ ais_few_arguments a) {
  product<16, 3, 16, 2, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_16_3_16_add(const __grid_constant__ ais_few_arguments a) {
  product<16, 3, 16, 2, ais_few_add>(a);
}
KERNEL(512, 1) ais_few_16_4_16_write(const __grid_constant__ ais_few_arguments a) {
  product<16, 4, 16, 2, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_16_4_16_add(const __grid_constant__ ais_few_arguments a) {
  product<16, 4, 16, 2, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_32_4_8_write(const __grid_constant__ ais_few_arguments a) {
  product<32, 4, 8, 1, ais_few_write>(a);
}
KERNEL(256, 2) ais_few_32_4_8_add(const __grid_constant__ ais_few_arguments a) {
  product<32, 4, 8, 1, ais_few_add>(a);
}
KERNEL(256, 2) ais_few_32_4_8_gate(const __grid_constant__ ais_few_arguments a) {
  product<32, 4, 8, 1, ais_few_gate>(a);
}
KERNEL(256, 1) ais_few_32_8_8_write(const __grid_constant__ ais_few_arguments a) {
  product<32, 8, 8, 1, ais_few_write>(a);
}
KERNEL(256, 1) ais_few_32_8_8_add(const __grid_constant__ ais_few_arguments a) {
  product<32, 8, 8, 1, ais_few_add>(a);
}
KERNEL(256, 1) ais_few_32_8_8_gate(const __grid_constant__ ais_few_arguments a) {
  product<32, 8, 8, 1, ais_few_gate>(a);
}
KERNEL(512, 1) ais_few_32_3_16_write(const __grid_constant__ ais_few_arguments a) {
  product<32, 3, 16, 1, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_32_3_16_add(const __grid_constant__ ais_few_arguments a) {
  product<32, 3, 16, 1, ais_few_add>(a);
}
KERNEL(512, 1) ais_few_32_4_16_write(const __grid_constant__ ais_few_arguments a) {
  product<32, 4, 16, 1, ais_few_write>(a);
}
KERNEL(512, 1) ais_few_32_4_16_add(const __grid_constant__ ais_few_arguments a) {
  product<32, 4, 16, 1, ais_few_add>(a);
}
