// Moves rows and changes the row table.
#include "common.cuh"

template <typename Unit>
__device__ __forceinline__ void move(const ais_move_arguments &a) {
  const long long source = a.pairs[2 * blockIdx.y], target = a.pairs[2 * blockIdx.y + 1];
  const Unit *from = (const Unit *)a.x + source * a.units;
  Unit *to = (Unit *)a.out + target * a.units;
  for (long long i = blockIdx.x * 256ll + threadIdx.x; i < a.units; i += gridDim.x * 256ll) to[i] = from[i];
}

// Grid: pieces of the row × pairs.
KERNEL(256) ais_move_16(ais_move_arguments a) { move<uint4>(a); }
KERNEL(256) ais_move_4(ais_move_arguments a) { move<unsigned>(a); }
KERNEL(256) ais_move_1(ais_move_arguments a) { move<unsigned char>(a); }

__device__ __forceinline__ int pair_part(const ais_rows_arguments &a, int pair, int part) {
  return a.pairs ? a.pairs[2 * pair + part] : pair;
}

KERNEL(256) ais_move_rows(ais_rows_arguments a) {
  const int pair = blockIdx.x * 256 + threadIdx.x;
  if (pair < a.count) a.out[pair] = a.table[pair_part(a, pair, 0)];
}

KERNEL(256) ais_exit_rows(ais_rows_arguments a) {
  const int pair = blockIdx.x * 256 + threadIdx.x;
  if (pair < a.count) a.table[pair_part(a, pair, 0)].exit_step = a.value;
}

KERNEL(256) ais_fill_numbers(ais_rows_arguments a) {
  const int pair = blockIdx.x * 256 + threadIdx.x;
  if (pair < a.count) a.numbers[pair_part(a, pair, 1)] = a.value;
}

// Grid: columns × pairs.
KERNEL(256) ais_add_rows(ais_add_rows_arguments a) {
  const int pair = blockIdx.y, column = blockIdx.x * 256 + threadIdx.x;
  if (column >= a.width) return;
  const long long source = a.pairs ? a.pairs[2 * pair] : pair, target = a.pairs ? a.pairs[2 * pair + 1] : pair;
  float *out = a.out + target * a.width + column;
  *out = fmaf(a.scales[pair], a.x[source * a.width + column], *out);
}

__device__ __forceinline__ float vector_number(const float *v, long long i) { return v[i]; }

struct half_number { unsigned short bits; };
struct bf16_number { unsigned short bits; };
__device__ __forceinline__ float vector_number(const half_number *v, long long i) { return from_half(v[i].bits); }
__device__ __forceinline__ float vector_number(const bf16_number *v, long long i) { return from_bf16(v[i].bits); }

// Grid: columns × rows.
template <typename Number>
__device__ __forceinline__ void embed(const ais_embed_arguments &a) {
  const int column = blockIdx.x * 256 + threadIdx.x;
  if (column >= a.width) return;
  const long long token = a.rows[blockIdx.y].token;
  a.out[(long long)blockIdx.y * a.width + column] =
      a.scale * vector_number((const Number *)a.vectors, token * a.width + column);
}

template <typename Number>
__device__ __forceinline__ void add_positions(const ais_embed_arguments &a) {
  const int column = blockIdx.x * 256 + threadIdx.x;
  if (column >= a.width) return;
  const long long index = a.rows[blockIdx.y].position + a.offset;
  a.out[(long long)blockIdx.y * a.width + column] +=
      vector_number((const Number *)a.vectors, index * a.width + column);
}

KERNEL(256) ais_embed_f32(ais_embed_arguments a) { embed<float>(a); }
KERNEL(256) ais_embed_f16(ais_embed_arguments a) { embed<half_number>(a); }
KERNEL(256) ais_embed_bf16(ais_embed_arguments a) { embed<bf16_number>(a); }
KERNEL(256) ais_add_positions_f32(ais_embed_arguments a) { add_positions<float>(a); }
KERNEL(256) ais_add_positions_f16(ais_embed_arguments a) { add_positions<half_number>(a); }
KERNEL(256) ais_add_positions_bf16(ais_embed_arguments a) { add_positions<bf16_number>(a); }
