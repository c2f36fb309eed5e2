// Weights of a few bits, as numbers: 16 for a lane at a time.
//
// A row is a list of blocks as a file stores them, except that equal fields of all its blocks lie together, the widest
// fields first. So every read is aligned, and lanes that are neighbours read neighbours.
//
// A row is read in steps of 64 inputs. Four lanes share a step; lane q of them has two groups of 8 neighbours, which
// begin at `begin(q)` and `gap` later: bytes that hold numbers of several places are read once.
//
// The numbers have the bits of those in dequantize_ref.c. Products of a scale and an integer are exact here, since both
// together have at most 24 bits; so a fused sum rounds as a single one does.
#pragma once

#include "common.cuh"

// A row of blocks; `scale` is that of a whole row, which only rows of bytes have.
struct quantized_row {
  const unsigned char *bytes;
  int blocks;
  float scale;
};

struct weights_16 {
  float first[8], second[8];
};

// Byte j of a word, less an offset of at most 128.
__device__ __forceinline__ float byte_less(unsigned word, int j, float offset) {
  // The bits of 2²³ + byte.
  return __uint_as_float(__byte_perm(word, 0x4b000000, 0x7440 + j)) - (8388608.f + offset);
}

// out = scale · (byte − offset) + least, for eight bytes. A `least` of −0 adds nothing, not even to a −0.
__device__ __forceinline__ void scale_bytes(float *out, uint2 v, float offset, float scale, float least = -0.f) {
#pragma unroll
  for (int j = 0; j < 8; j++) out[j] = fmaf(byte_less(j < 4 ? v.x : v.y, j % 4, offset), scale, least);
}

__device__ __forceinline__ uint2 eight_bytes(const unsigned char *p) { return *(const uint2 *)p; }

// Some low bits of every byte, from bit `shift` on.
__device__ __forceinline__ uint2 bits_of(uint2 v, int shift, unsigned mask) {
  return make_uint2((v.x >> shift) & mask, (v.y >> shift) & mask);
}

__device__ __forceinline__ uint2 both(uint2 a, uint2 b) { return make_uint2(a.x | b.x, a.y | b.y); }

// Bit j of eight as bit 4 of byte j: the copies of a multiplication don't overlap.
__device__ __forceinline__ uint2 fifth_bits(unsigned bits) {
  return make_uint2(((bits & 15) * 0x02040810) & 0x10101010, ((bits >> 4 & 15) * 0x02040810) & 0x10101010);
}

// Bit `bit` of every byte as its bit 4.
__device__ __forceinline__ uint2 fifth_bits(uint2 v, int bit) {
  const uint2 own = bits_of(v, bit, 0x01010101);
  return make_uint2(own.x << 4, own.y << 4);
}

__device__ __forceinline__ float half_at(const unsigned char *p) { return from_half(*(const unsigned short *)p); }
__device__ __forceinline__ float low_half(unsigned v) { return from_half((unsigned short)v); }
__device__ __forceinline__ float high_half(unsigned v) { return from_half((unsigned short)(v >> 16)); }

// MARK: Signed bytes

struct bytes_16 {
  enum { gap = 8 };
  __device__ __forceinline__ static int begin(int q) { return 16 * q; }

  __device__ __forceinline__ static weights_16 scaled(const unsigned char *p, float scale) {
    const uint4 v = *(const uint4 *)p;
    weights_16 out;
    // A signed byte and 128 is the byte with its highest bit turned.
    scale_bytes(out.first, make_uint2(v.x ^ 0x80808080, v.y ^ 0x80808080), 128, scale);
    scale_bytes(out.second, make_uint2(v.z ^ 0x80808080, v.w ^ 0x80808080), 128, scale);
    return out;
  }
};

// Bytes of a row with one scale.
struct int8_rows : bytes_16 {
  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    return scaled(row.bytes + 64 * step + 16 * q, row.scale);
  }
};

// Fields: 32 bytes; scale.
struct q8_0 : bytes_16 {
  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    const int block = 2 * step + q / 2;
    return scaled(row.bytes + 64 * step + 16 * q, half_at(row.bytes + 32 * row.blocks + 2 * block));
  }
};

// MARK: Blocks of 32 with halves of bytes

// Byte i has number i below and number i + 16 above. Fields: 16 bytes of halves; fifth bits; scale and least number.
template <int offset, bool has_fifth, bool has_least>
struct halves_32 {
  enum { gap = 16 };
  __device__ __forceinline__ static int begin(int q) { return 32 * (q / 2) + 8 * (q % 2); }

  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    const int block = 2 * step + q / 2;
    const uint2 v = eight_bytes(row.bytes + 16 * block + 8 * (q % 2));
    uint2 low = bits_of(v, 0, 0x0f0f0f0f), high = bits_of(v, 4, 0x0f0f0f0f);
    const unsigned char *rest = row.bytes + 16 * row.blocks;
    if (has_fifth) {
      const unsigned bits = *(const unsigned *)(rest + 4 * block) >> (8 * (q % 2));
      low = both(low, fifth_bits(bits)), high = both(high, fifth_bits(bits >> 16));
      rest += 4 * row.blocks;
    }
    float scale, least = -0.f;
    if (has_least) {
      const unsigned pair = *(const unsigned *)(rest + 4 * block);
      scale = low_half(pair), least = high_half(pair);
    } else {
      scale = half_at(rest + 2 * block);
    }
    weights_16 out;
    scale_bytes(out.first, low, offset, scale, least);
    scale_bytes(out.second, high, offset, scale, least);
    return out;
  }
};

typedef halves_32<8, false, false> q4_0;
typedef halves_32<0, false, true> q4_1;
typedef halves_32<16, true, false> q5_0;
typedef halves_32<0, true, true> q5_1;

// MARK: Blocks of 256

struct blocks_256 {
  enum { gap = 32 };
  __device__ __forceinline__ static int begin(int q) { return 8 * q; }
};

// The scale and the least number of 32 numbers: of 8 pairs of 6 bits in 12 bytes, the first four have bytes 0 to 3 and
// 4 to 7, the others bytes 8 to 11 and the bits above the first four.
struct packed_pair {
  float scale, least;

  // `head`: two halves that multiply the integers, then the 12 bytes.
  __device__ __forceinline__ packed_pair(uint4 head, int j) {
    const int shift = 8 * (j % 4);
    const unsigned a = head.y >> shift, b = head.z >> shift, c = head.w >> shift;
    const unsigned scale_bits = j < 4 ? a & 63 : (c & 15) | (a >> 6 & 3) << 4;
    const unsigned least_bits = j < 4 ? b & 63 : (c >> 4 & 15) | (b >> 6 & 3) << 4;
    scale = low_half(head.x) * scale_bits;
    least = -(high_half(head.x) * least_bits);
  }
};

// Every 64 numbers share 32 bytes of halves. Fields: 128 bytes of halves; bytes of fifth bits; 16 bytes of scales.
template <bool has_fifth>
struct halves_256 : blocks_256 {
  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    const int block = step / 4, part = step % 4;
    const uint2 v = eight_bytes(row.bytes + 128 * block + 32 * part + 8 * q);
    uint2 low = bits_of(v, 0, 0x0f0f0f0f), high = bits_of(v, 4, 0x0f0f0f0f);
    const unsigned char *rest = row.bytes + 128 * row.blocks;
    if (has_fifth) {
      const uint2 bits = eight_bytes(rest + 32 * block + 8 * q);
      low = both(low, fifth_bits(bits, 2 * part)), high = both(high, fifth_bits(bits, 2 * part + 1));
      rest += 32 * row.blocks;
    }
    const uint4 head = *(const uint4 *)(rest + 16 * block);
    const packed_pair first(head, 2 * part), second(head, 2 * part + 1);
    weights_16 out;
    scale_bytes(out.first, low, 0, first.scale, first.least);
    scale_bytes(out.second, high, 0, second.scale, second.least);
    return out;
  }
};

typedef halves_256<false> q4_K;
typedef halves_256<true> q5_K;

// Every 128 numbers share 64 bytes of low halves and 32 of pairs of high bits. Fields: 128 bytes; 64 bytes; 16 signed
// scales of 16 numbers each; scale.
struct q6_K : blocks_256 {
  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    const int block = step / 4, part = step % 4, half = part / 2, turn = part % 2;
    const unsigned char *low = row.bytes + 128 * block + 64 * half + 8 * q;
    const uint2 pairs = eight_bytes(row.bytes + 128 * row.blocks + 64 * block + 32 * half + 8 * q);
    const signed char *scales = (const signed char *)row.bytes + 192 * row.blocks + 16 * block + 4 * part + q / 2;
    const float scale = half_at(row.bytes + 208 * row.blocks + 2 * block);
    weights_16 out;
    scale_bytes(out.first, joined(eight_bytes(low), pairs, turn, 2 * turn), 32, scale * scales[0]);
    scale_bytes(out.second, joined(eight_bytes(low + 32), pairs, turn, 2 * turn + 1), 32, scale * scales[2]);
    return out;
  }

 private:
  __device__ __forceinline__ static uint2 joined(uint2 halves, uint2 pairs, int half, int pair) {
    const uint2 high = bits_of(pairs, 2 * pair, 0x03030303);
    return both(bits_of(halves, 4 * half, 0x0f0f0f0f), make_uint2(high.x << 4, high.y << 4));
  }
};

// Every 128 numbers share 32 bytes of pairs of bits. Fields: 64 bytes; 16 bytes, each the scale and the least number of
// 16 numbers; what multiplies these.
struct q2_K : blocks_256 {
  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    const int block = step / 4, part = step % 4;
    const uint2 v = eight_bytes(row.bytes + 64 * block + 32 * (part / 2) + 8 * q);
    const unsigned char *pairs = row.bytes + 64 * row.blocks + 16 * block + 4 * part + q / 2;
    const unsigned scales = *(const unsigned *)(row.bytes + 80 * row.blocks + 4 * block);
    const float scale = low_half(scales), least = high_half(scales);
    const int shift = 4 * (part % 2);
    weights_16 out;
    scale_bytes(out.first, bits_of(v, shift, 0x03030303), 0, scale * (pairs[0] & 15), -(least * (pairs[0] >> 4)));
    scale_bytes(out.second, bits_of(v, shift + 2, 0x03030303), 0, scale * (pairs[2] & 15), -(least * (pairs[2] >> 4)));
    return out;
  }
};

// As q2_K, with a third bit. Fields: 64 bytes of pairs; 32 bytes of third bits; 12 bytes of 16 scales of 6 bits; scale.
struct q3_K : blocks_256 {
  __device__ __forceinline__ static weights_16 read(const quantized_row &row, int step, int q) {
    const int block = step / 4, part = step % 4;
    const uint2 v = eight_bytes(row.bytes + 64 * block + 32 * (part / 2) + 8 * q);
    const uint2 thirds = eight_bytes(row.bytes + 64 * row.blocks + 32 * block + 8 * q);
    const unsigned char *packed = row.bytes + 96 * row.blocks + 12 * block;
    const float scale = half_at(row.bytes + 108 * row.blocks + 2 * block);
    const int shift = 4 * (part % 2), place = 4 * part + q / 2;
    weights_16 out;
    scale_bytes(out.first, joined(v, shift, thirds, 2 * part), 4, scale * scale_of(packed, place));
    scale_bytes(out.second, joined(v, shift + 2, thirds, 2 * part + 1), 4, scale * scale_of(packed, place + 2));
    return out;
  }

 private:
  __device__ __forceinline__ static uint2 joined(uint2 pairs, int shift, uint2 thirds, int bit) {
    const uint2 third = bits_of(thirds, bit, 0x01010101);
    return both(bits_of(pairs, shift, 0x03030303), make_uint2(third.x << 2, third.y << 2));
  }

  __device__ __forceinline__ static int scale_of(const unsigned char *packed, int j) {
    const int low = j < 8 ? packed[j] & 15 : packed[j - 8] >> 4;
    return (low | (packed[8 + j % 4] >> (j / 4 * 2) & 3) << 4) - 32;
  }
};
