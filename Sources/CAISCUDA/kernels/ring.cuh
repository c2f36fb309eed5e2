// Weights that stream through a ring of pieces in shared memory, ahead of the threads that use them.
//
// One warp copies pieces in order by the bulk copy engine (sm_90 and later). It never waits for the kernel before,
// because weights do not change: so the copies of a kernel begin while the kernel before ends.
#pragma once

#include "tensor.cuh"

__device__ __forceinline__ void barrier_begin(unsigned barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

// Arrives, and makes the barrier also wait for bytes that are copied.
__device__ __forceinline__ void barrier_expect(unsigned barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Waits for the end of a phase; phases alternate between parity 0 and 1.
__device__ __forceinline__ void barrier_wait(unsigned barrier, int parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra again;\n"
      "}\n" ::"r"(barrier), "r"(parity)
      : "memory");
}

// Copies a tile of a matrix that `map` describes, and counts its bytes at the barrier. What lies outside the matrix
// becomes 0.
__device__ __forceinline__ void copy_tile(unsigned to, const void *map, int row, int input, unsigned barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];"
      ::"r"(to), "l"(map), "r"(input), "r"(row), "r"(barrier)
      : "memory");
}

// The threads that compute; the warp after them copies.
enum { compute_warps = 8, compute_threads = 32 * compute_warps, ring_threads = compute_threads + 32 };

// A barrier of the threads that compute.
__device__ __forceinline__ void compute_barrier() { asm volatile("bar.sync 1, 256;" ::: "memory"); }

// A tile is 8 rows of weights, 256 inputs each: a block of 32 inputs for each warp. A stage of the ring holds a few
// tiles.
enum {
  block_inputs = 32,
  tile_inputs = 256,
  tile_row_bytes = 2 * tile_inputs,
  tile_bytes = 8 * tile_row_bytes,
};

// Products add over the tiles of a slice of 1,024 inputs, over the warps, and over slices, always in ascending order.
enum { slice_inputs = 1024, slice_tiles = slice_inputs / tile_inputs };

// Bytes before the tiles: the barriers.
__device__ __forceinline__ int ring_start(int stages) { return (16 * stages + 127) / 128 * 128; }

// The ring: stages of `tiles` tiles, and for each stage a barrier that says it is full and one that says it is free.
struct ring {
  unsigned full, free, memory;
  int stages, stage_bytes, stage, parity;

  __device__ __forceinline__ ring(const void *start, int stages, int tiles)
      : stages(stages), stage_bytes(tiles * tile_bytes), stage(0), parity(0) {
    full = shared_address(start);
    free = full + 8 * stages;
    memory = full + ring_start(stages);
  }

  __device__ __forceinline__ void begin() {
    if (threadIdx.x < stages) {
      barrier_begin(full + 8 * threadIdx.x, 1);
      barrier_begin(free + 8 * threadIdx.x, compute_warps);
      asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    }
    __syncthreads();
  }

  __device__ __forceinline__ void next() {
    if (++stage == stages) stage = 0, parity ^= 1;
  }

  __device__ __forceinline__ unsigned tiles() const { return memory + stage * stage_bytes; }
  __device__ __forceinline__ unsigned full_barrier() const { return full + 8 * stage; }

  __device__ __forceinline__ void wait_full() const { barrier_wait(full_barrier(), parity); }
  // The first round finds every stage free.
  __device__ __forceinline__ void wait_free() const { barrier_wait(free + 8 * stage, parity ^ 1); }
  // Each computing warp says so once its lanes have what they read; `read` is made of a
  // word of each vector, since a vector comes whole. An arrival overtakes
  // reads that are under way, and the assembler moves it ahead of their use. So the arrival depends on their values:
  // it happens whether the predicate holds or not.
  __device__ __forceinline__ void release(unsigned read) {
    __syncwarp();
    if ((threadIdx.x & 31) == 0)
      asm volatile(
          "{\n"
          ".reg .pred either;\n"
          "setp.eq.u32 either, %1, 0x9e3779b9;\n"
          "@either mbarrier.arrive.shared::cta.b64 _, [%0];\n"
          "@!either mbarrier.arrive.shared::cta.b64 _, [%0];\n"
          "}\n" ::"r"(free + 8 * stage),
          "r"(read)
          : "memory");
    next();
  }
};

// 16 bytes of shared memory.
__device__ __forceinline__ uint4 read_shared(unsigned address) {
  uint4 v;
  asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(address));
  return v;
}

// A warp's block of a tile. Lane 4r + i gets vector i of row r.
__device__ __forceinline__ uint4 read_tile(unsigned tile) {
  const int warp = threadIdx.x >> 5, row = (threadIdx.x & 31) >> 2, vector = threadIdx.x & 3;
  return read_shared(tile + row * tile_row_bytes + warp * 2 * block_inputs + 16 * vector);
}
