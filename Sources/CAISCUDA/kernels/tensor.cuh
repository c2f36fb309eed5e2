// Products of small tiles on tensor cores, of 16-bit numbers with float32 sums.
#pragma once

#include "common.cuh"

// Two numbers as activations, the first in the lower half.
__device__ __forceinline__ unsigned pack(float first, float second) {
  unsigned packed;
  asm(act_convert " %0, %1, %2;" : "=r"(packed) : "f"(second), "f"(first));
  return packed;
}

// 16 rows of x and 16 inputs, as the tensor cores read them: numbers of row r and of row r + 8, then the next two inputs
// of both.
struct quad {
  unsigned low0, high0, low1, high1;
};

// c[16 rows, 8 outputs] += x[16 rows, 16 inputs] · w[8 outputs, 16 inputs]ᵀ.
__device__ __forceinline__ void multiply_16(float *c, quad x, unsigned w0, unsigned w1) {
  asm(act_multiply " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(x.low0), "r"(x.high0), "r"(x.low1), "r"(x.high1), "r"(w0), "r"(w1));
}

// Four 8 × 8 tiles of a matrix in shared memory, transposed. Lane i gives the address of row i mod 8 of tile i / 8.
__device__ __forceinline__ void read_transposed(unsigned *tiles, const act *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(tiles[0]), "=r"(tiles[1]), "=r"(tiles[2]), "=r"(tiles[3])
               : "r"(shared_address(row))
               : "memory");
}

// A block of 32 inputs: every lane holds 8 neighbouring inputs of a row of x and of w. Which inputs meet in which of
// the two products does not matter as long as both sides agree.
struct block_quads {
  quad first, second;
};

// Rows r and r + 8 of x.
__device__ __forceinline__ block_quads quads_of(uint4 low, uint4 high) {
  return {{low.x, high.x, low.y, high.y}, {low.z, high.z, low.w, high.w}};
}

__device__ __forceinline__ void multiply_block(float *c, const block_quads &x, uint4 w) {
  multiply_16(c, x.first, w.x, w.y);
  multiply_16(c, x.second, w.z, w.w);
}
