// The arguments of each kernel: one struct, which the host fills and the kernel gets by value.
//
// The host's C and the device's compiler both read this file. Shapes are row-major. `act` is the type that products
// read: the kernels are compiled once for each.
#ifndef AIS_CUDA_ARGUMENTS_H
#define AIS_CUDA_ARGUMENTS_H

#ifdef __CUDACC_RTC__
typedef int int32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#define AIS_DEVICE(type) type *
#else
#include <stdint.h>
#define AIS_DEVICE(type) uint64_t
typedef uint16_t act;
#endif

// A row of a pass. The order and types of `RowState`.
typedef struct {
  int32_t token, sequence, position, length;
  int32_t exit_step;  // the first step that it does not run; ais_active: it has not exited
} ais_cuda_row;

enum { ais_active = 0x7fffffff };

// out[target] = x[source] for each pair. A row is `units` pieces of 16, 4 or 1 bytes, by kernel.
typedef struct {
  AIS_DEVICE(const void) x;
  AIS_DEVICE(void) out;
  AIS_DEVICE(const int32_t) pairs;  // [count, 2]
  int64_t units;
} ais_move_arguments;

// out[i] = table[source of pair i]; exit: table[source].exit_step = value; fill: numbers[target] = value.
typedef struct {
  AIS_DEVICE(ais_cuda_row) table;
  AIS_DEVICE(ais_cuda_row) out;
  AIS_DEVICE(int32_t) numbers;
  AIS_DEVICE(const int32_t) pairs;  // null: pair i is (i, i)
  int32_t count, value;
} ais_rows_arguments;

// out[target] += scales[i] · x[source] for pair i.
typedef struct {
  AIS_DEVICE(const float) x;
  AIS_DEVICE(float) out;
  AIS_DEVICE(const float) scales;
  AIS_DEVICE(const int32_t) pairs;
  int32_t width;
} ais_add_rows_arguments;

// embed: out[r] = scale · vectors[token of r]. add_positions: out[r] += vectors[position of r + offset].
typedef struct {
  AIS_DEVICE(const void) vectors;  // [.., width] float, half or bfloat16, by kernel
  AIS_DEVICE(const ais_cuda_row) rows;
  AIS_DEVICE(float) out;
  int32_t width, offset;
  float scale;
} ais_embed_arguments;

// Element by element; `count` numbers. softcap: x = a · tanh(x / a). blend: x = a · x + (1 − a) · y. add: x += y.
// convert: out = x.
typedef struct {
  AIS_DEVICE(float) x;
  AIS_DEVICE(const float) y;
  AIS_DEVICE(act) out;
  int64_t count;
  float a;
} ais_elements_arguments;

// out = bias, or out += bias, for each row.
typedef struct {
  AIS_DEVICE(const float) bias;
  AIS_DEVICE(float) out;  // [rows, width]
  int32_t width, accumulates;
} ais_bias_arguments;

// out = f(x), or f(gate) · up with x [rows, 2 · width]. A thread computes ais_activated numbers if the width is a multiple
// of it, and otherwise one.
enum { ais_activated = 8 };

typedef struct {
  AIS_DEVICE(const void) x;  // float, or the type of activations, by kernel
  AIS_DEVICE(act) out;
  int32_t width, activation, gated;
} ais_activate_arguments;

// RMSNorm or LayerNorm of rows. Exactly one output is set.
typedef struct {
  AIS_DEVICE(const float) x;
  AIS_DEVICE(const float) weight;
  AIS_DEVICE(const float) bias;  // or null
  AIS_DEVICE(float) floats;
  AIS_DEVICE(act) acts;
  int32_t width, centers;  // centers: LayerNorm
  float epsilon;
} ais_norm_arguments;

// out = x · Wᵀ + bias, or out += x · Wᵀ + bias. x [rows, inputs]; weights [outputs, stride], zeros after the inputs;
// out [rows, out_stride], of which the first `outputs` count.
typedef struct {
  AIS_DEVICE(const act) x;
  AIS_DEVICE(const act) weights;
  AIS_DEVICE(const float) bias;  // or null
  AIS_DEVICE(float) out;
  int32_t rows, inputs, outputs, stride, out_stride, accumulates;
} ais_product_arguments;

// How weights of a few bits are stored (blocks.cuh).
enum {
  ais_int8, ais_q4_0, ais_q4_1, ais_q5_0, ais_q5_1, ais_q8_0, ais_q2_K, ais_q3_K, ais_q4_K, ais_q5_K, ais_q6_K
};

typedef struct {
  AIS_DEVICE(const unsigned char) bytes;  // [outputs, row_bytes], rows aligned to 16 bytes
  AIS_DEVICE(const float) scales;         // [outputs] for ais_int8, or null
  int32_t format, outputs, row_bytes;
  int32_t blocks;  // of a row, those that fill it up to a multiple of 64 inputs included
} ais_quantized_rows;

// A product of 1 to 32 rows with some outputs: out = x · Wᵀ + bias, or out += x · Wᵀ + bias.
typedef struct {
  ais_quantized_rows weights;
  AIS_DEVICE(const act) x;       // [rows, inputs]
  AIS_DEVICE(const float) bias;  // of the first of these outputs, or null
  AIS_DEVICE(float) out;         // the same; [rows, out_stride]
  int32_t rows, inputs, out_stride, accumulates;
} ais_quantized_arguments;

// The weights as activations: out [outputs, stride], zeros after the inputs.
typedef struct {
  ais_quantized_rows weights;
  AIS_DEVICE(act) out;
  int32_t stride;  // a multiple of 8
} ais_unpack_arguments;

// What becomes of a product of few rows. write: out = v, or acts = f(v) if acts is set. add: out += v; if next_weight
// is set, the next product's input is prepared too. gate: acts = f(gate) · up; the first half of the outputs are gates.
enum { ais_few_write, ais_few_add, ais_few_gate };

// A product of 1 to 32 rows. With `squares`, x holds states times weights of an RMSNorm, whose scale is applied here.
typedef struct {
  AIS_DEVICE(const act) x;         // [rows, inputs], inputs a multiple of 8
  AIS_DEVICE(const act) weights;   // [outputs, inputs]
  AIS_DEVICE(const float) bias;    // [outputs], or null
  AIS_DEVICE(const float) squares; // [rows, inputs / 8]: sums of 8 squares, or null
  AIS_DEVICE(float) out;           // [rows, outputs]
  AIS_DEVICE(act) acts;            // [rows, outputs], with gates half of them
  AIS_DEVICE(const float) next_weight;  // [outputs], outputs a multiple of 8; or null
  AIS_DEVICE(float) next_squares;       // [rows, outputs / 8]
  AIS_DEVICE(const ais_cuda_row) table; // add: nothing is added to rows that have exited; or null: all are active
  int32_t rows, inputs, outputs, activation;
  float epsilon;
} ais_few_arguments;

// states times weights, and sums of 8 squares.
typedef struct {
  AIS_DEVICE(const float) x;  // [rows, width], width a multiple of 8
  AIS_DEVICE(const float) weight;
  AIS_DEVICE(act) out;
  AIS_DEVICE(float) squares;  // [rows, width / 8]
  int32_t width;
} ais_prepare_arguments;

// What a slot gets for rows that have exited.
enum { ais_exited_nothing, ais_exited_own, ais_exited_zeros };

// A layer's attention. A row of qkv holds the query heads, the key heads, the value heads.
typedef struct {
  AIS_DEVICE(float) qkv;
  AIS_DEVICE(const ais_cuda_row) rows;
  AIS_DEVICE(act) keys;      // of the slot: [sequences, kv_heads, capacity, head_dim]
  AIS_DEVICE(act) values;    // the same shape
  AIS_DEVICE(act) out;       // [rows, query_heads · head_dim]
  AIS_DEVICE(const float) query_norm;       // [head_dim], or null
  AIS_DEVICE(const float) query_norm_bias;  // or null
  AIS_DEVICE(const float) key_norm;
  AIS_DEVICE(const float) key_norm_bias;
  AIS_DEVICE(const float) cosines;       // [variants, angle_positions, rotary_dim / 2], or null
  AIS_DEVICE(const float) sines;
  AIS_DEVICE(const float) slopes;        // [query_heads], or null
  AIS_DEVICE(const int32_t) exit_steps;  // [sequences, capacity], or null
  AIS_DEVICE(float) partial;     // [rows, kv_heads, splits, heads of each, head_dim + 2], if there are several splits
  AIS_DEVICE(int32_t) arrivals;  // [rows, kv_heads]: blocks that have written their split; 0 before and after
  int32_t query_heads, kv_heads, head_dim, capacity;
  int32_t rotary_dim, interleaved, angle_positions;
  int32_t original_context;  // longer sequences use the second variant of the angles; 0: there is one variant
  int32_t centers;           // the norms of heads are LayerNorm
  int32_t window;            // positions that a row sees, itself included; 0: all
  int32_t step;              // holes: positions whose exit step is at most this are not seen
  int32_t split;             // positions of a split: 16, 32, 64 or 128
  int32_t splits;            // that cover the longest row
  int32_t stores;            // the kernel also does what ais_rotate_store does
  int32_t rotates;           // the attention rotates queries, so ais_rotate_store leaves them as they are
  int32_t exited;            // what is stored for rows that have exited
  int32_t waits;             // the pass has changed rows or stored positions: nothing is read before the kernel waits
  float norm_epsilon, scale, soft_cap;
} ais_attention_arguments;

// Tiles of rows for the attention of many: neighbours of one sequence whose positions, divided by ais_flash_rows, have
// one quotient. `count` rows have at most one tile each. Rows at positions that follow each other have at most
// count / ais_flash_rows tiles and two for each sequence.
enum { ais_flash_rows = 64 };

typedef struct {
  AIS_DEVICE(const ais_cuda_row) rows;  // of each sequence together, in ascending positions
  AIS_DEVICE(int32_t) tiles;  // how many there are; the first row of each; the number of rows
  int32_t count;
} ais_flash_tiles_arguments;

// Attention of many rows. Keys and values are of the type of activations, and the scale is positive.
typedef struct {
  ais_attention_arguments attention;
  AIS_DEVICE(const int32_t) tiles;
} ais_flash_arguments;

// The first positions of one sequence of a cache, copied to all sequences of another.
typedef struct {
  AIS_DEVICE(const act) keys;  // of the source's first slot and its sequence
  AIS_DEVICE(const act) values;
  AIS_DEVICE(act) out_keys;  // of the target's first slot
  AIS_DEVICE(act) out_values;
  AIS_DEVICE(const int32_t) counts;  // positions of each slot
  int64_t slot_numbers, out_slot_numbers;  // numbers from one slot's keys to the next
  int32_t kv_heads, head_dim, capacity, out_capacity;
} ais_copy_positions_arguments;

// out[r] = index of the largest number of row r, the first of equals; −1 if it is not finite.
typedef struct {
  AIS_DEVICE(const float) x;
  AIS_DEVICE(int32_t) out;
  AIS_DEVICE(float) partial;     // [2, rows, parts]: the best number of each part, then its index
  AIS_DEVICE(int32_t) arrivals;  // [rows]: parts that have been written; 0 before and after
  int32_t width;
} ais_argmax_arguments;

// x += y in rows that have not exited.
typedef struct {
  AIS_DEVICE(float) x;        // [rows, width]
  AIS_DEVICE(const float) y;  // the same
  AIS_DEVICE(const ais_cuda_row) table;
  int32_t width;
} ais_add_active_arguments;

// The log of recorded passes: how many there were, and for each the chosen tokens of all rows and then their exit steps.

// table[r]: at the next position, not exited, with the token given[r] of this pass, or chosen[r] if that is negative.
typedef struct {
  AIS_DEVICE(const int32_t) chosen;  // [rows]
  AIS_DEVICE(const int32_t) given;   // [passes, rows]
  AIS_DEVICE(ais_cuda_row) table;
  AIS_DEVICE(int32_t) log;
  int32_t rows;
} ais_advance_arguments;

// Rows that exit, and whether the next segment of the pass runs: the condition becomes ais_segment_runs, or
// ais_segment_owes if it must first be filled, or ais_segment_skipped if all rows have exited.
enum { ais_segment_runs, ais_segment_owes, ais_segment_skipped };

typedef struct {
  AIS_DEVICE(ais_cuda_row) table;
  AIS_DEVICE(const float) scores;        // [rows]: a row exits if its score is above the bound; or null
  AIS_DEVICE(const act) x;               // [rows, inputs]: the score is the product with the weights; or null
  AIS_DEVICE(const act) weights;         // [inputs]
  AIS_DEVICE(const int32_t) schedule;    // else [passes, rows]: the first step that each row does not run
  AIS_DEVICE(const float) states;        // [rows, width]
  AIS_DEVICE(float) kept;                // [sequences, capacity, width]
  AIS_DEVICE(int32_t) exit_steps;        // [sequences, capacity]
  AIS_DEVICE(const int32_t) log;
  AIS_DEVICE(int32_t) filled;            // of the next segment: rows of the log's passes that it holds
  AIS_DEVICE(int32_t) arrivals;          // blocks that have decided; 0 before and after
  uint64_t condition;                    // 0: no segment follows
  int32_t inputs, width, capacity, step;
  float bound;
} ais_exit_arguments;

// The next rows that a segment must fill, put into a table and a buffer. The condition says whether there are more.
enum { ais_owed_rows = 32 };

typedef struct {
  AIS_DEVICE(const ais_cuda_row) table;
  AIS_DEVICE(const float) kept;
  AIS_DEVICE(const int32_t) log;
  AIS_DEVICE(int32_t) filled;
  AIS_DEVICE(int32_t) arrivals;
  AIS_DEVICE(ais_cuda_row) owed;   // [ais_owed_rows]; rows that are not needed have exited
  AIS_DEVICE(float) owed_states;   // [ais_owed_rows, width]
  uint64_t condition;
  int32_t rows, width, capacity;
} ais_owed_arguments;

#endif
