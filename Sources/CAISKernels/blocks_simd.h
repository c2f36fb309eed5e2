// The fast twins of blocks_ref.c; compiled once for each instruction set. The file that includes this has
// defined TARGET, BYTE_DOT(q, x), the sums of four products of unsigned with signed bytes in each of
// eight lanes, and SIGNED_Q8, whether q8_0's bytes stay signed: products in pairs of bytes would
// overflow if they were made positive.
#include <immintrin.h>
#include <string.h>

#include "blocks.h"

// Bytes ahead of what is unpacked that are asked for from memory: unpacked rows are multiplied before the
// next are read, and the processor would forget the stream meanwhile.
enum { AHEAD = 2048 };

#define INLINE static inline __attribute__((target(TARGET), always_inline))

// A row of weights unpacked: w = scale · q + offset, scales and offsets for each 32 numbers, or 16. Behind
// scales and offsets there is room for eight more.
typedef struct {
  uint8_t *q;
  float *scales, *offsets;
} strip;

INLINE float half(const uint8_t *bytes) {
  uint16_t bits;
  memcpy(&bits, bytes, sizeof bits);
  return _cvtsh_ss(bits);
}

INLINE __m128i load16(const void *bytes) { return _mm_loadu_si128(bytes); }
INLINE __m256i load32(const void *bytes) { return _mm256_loadu_si256(bytes); }
INLINE void put32(uint8_t *q, __m256i bytes) { _mm256_storeu_si256((__m256i *)q, bytes); }

// 16 bytes' low halves, then their high halves.
INLINE __m256i nibbles(const uint8_t *bytes) {
  const __m128i both = load16(bytes);
  return _mm256_and_si256(_mm256_set_m128i(_mm_srli_epi16(both, 4), both), _mm256_set1_epi8(15));
}

// Byte i is 16 where bit i of the four bytes at `bits` is set, else 0.
INLINE __m256i fifth_bits(const uint8_t *bits) {
  int32_t word;
  memcpy(&word, bits, sizeof word);
  const __m256i spread = _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202,
                                           0x0101010101010101, 0);
  const __m256i which = _mm256_set1_epi64x((long long)0x8040201008040201u);
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(word), spread);
  const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, which), which);
  return _mm256_and_si256(set, _mm256_set1_epi8(16));
}

// Eight halves, `step` bytes apart.
INLINE __m256 halves_apart(const uint8_t *bytes, size_t step) {
  __m128i eight = _mm_setzero_si128();
#define INSERT(i) eight = _mm_insert_epi16(eight, *(const short *)(bytes + (i) * step), i)
  INSERT(0);
  INSERT(1);
  INSERT(2);
  INSERT(3);
  INSERT(4);
  INSERT(5);
  INSERT(6);
  INSERT(7);
#undef INSERT
  return _mm256_cvtph_ps(eight);
}

INLINE size_t bytes_of_32(const ais_block_type type) {
  switch (type) {
    case AIS_BLOCKS_Q4_0: return 18;
    case AIS_BLOCKS_Q4_1: return 20;
    case AIS_BLOCKS_Q5_0: return 22;
    case AIS_BLOCKS_Q5_1: return 24;
    default: return 34;
  }
}

// A block's numbers as bytes.
INLINE __m256i bytes_of(const ais_block_type type, const uint8_t *block) {
  switch (type) {
    case AIS_BLOCKS_Q4_0: return nibbles(block + 2);
    case AIS_BLOCKS_Q4_1: return nibbles(block + 4);
    case AIS_BLOCKS_Q5_0: return _mm256_or_si256(nibbles(block + 6), fifth_bits(block + 2));
    case AIS_BLOCKS_Q5_1: return _mm256_or_si256(nibbles(block + 8), fifth_bits(block + 4));
    default:
      return SIGNED_Q8 ? load32(block + 2)
                       : _mm256_xor_si256(load32(block + 2), _mm256_set1_epi8(-128));
  }
}

// What a scale times gives the offset, where a block does not store that.
INLINE float offset_of(const ais_block_type type) {
  switch (type) {
    case AIS_BLOCKS_Q4_0: return -8;
    case AIS_BLOCKS_Q5_0: return -16;
    default: return SIGNED_Q8 ? 0 : -128;
  }
}

// Scales and offsets of eight blocks from number `b` on.
INLINE void unpack_scales_32(const ais_block_type type, const uint8_t *row, size_t b, strip to) {
  const size_t bytes = bytes_of_32(type);
  const __m256 d = halves_apart(row + b * bytes, bytes);
  _mm256_storeu_ps(to.scales + b, d);
  _mm256_storeu_ps(to.offsets + b, type == AIS_BLOCKS_Q4_1 || type == AIS_BLOCKS_Q5_1
                                       ? halves_apart(row + b * bytes + 2, bytes)
                                       : _mm256_mul_ps(d, _mm256_set1_ps(offset_of(type))));
}

// Behind a row's last block scales and offsets are zeros.
INLINE void unpack_32(const ais_block_type type, const uint8_t *row, size_t inputs, strip to) {
  const size_t bytes = bytes_of_32(type), blocks = inputs / 32;
  _mm256_storeu_ps(to.scales + blocks, _mm256_setzero_ps());
  _mm256_storeu_ps(to.offsets + blocks, _mm256_setzero_ps());
  for (size_t i = 0; i < blocks * bytes; i += 64)
    _mm_prefetch((const char *)row + AHEAD + i, _MM_HINT_T0);
  for (size_t b = 0; b + 8 <= blocks; b += 8) unpack_scales_32(type, row, b, to);
  if (blocks >= 8) {
    // The last eight again, so that none is left over.
    if (blocks % 8) unpack_scales_32(type, row, blocks - 8, to);
  } else {
    for (size_t b = 0; b < blocks; b++) {
      const float d = half(row + b * bytes);
      to.scales[b] = d;
      to.offsets[b] = type == AIS_BLOCKS_Q4_1 || type == AIS_BLOCKS_Q5_1 ? half(row + b * bytes + 2)
                                                                         : d * offset_of(type);
    }
  }
  for (size_t b = 0; b < blocks; b++) put32(to.q + 32 * b, bytes_of(type, row + b * bytes));
}

// The eight 6-bit scales and minima of a q4_K or q5_K block, times d and −m: the first four of each lie
// in the low bits of bytes 0–3 and 4–7, the last four in the halves of bytes 8–11 and the top bits.
INLINE void unpack_scales(const uint8_t *block, float *scales, float *offsets) {
  uint32_t words[3], parts[4];
  memcpy(words, block + 4, sizeof words);
  parts[0] = words[0] & 0x3f3f3f3fu;
  parts[1] = (words[2] & 0x0f0f0f0fu) | (words[0] >> 2 & 0x30303030u);
  parts[2] = words[1] & 0x3f3f3f3fu;
  parts[3] = (words[2] >> 4 & 0x0f0f0f0fu) | (words[1] >> 2 & 0x30303030u);
  const __m128i all = load16(parts);
  const __m256 s = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(all));
  const __m256 m = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(all, 8)));
  _mm256_storeu_ps(scales, _mm256_mul_ps(s, _mm256_set1_ps(half(block))));
  _mm256_storeu_ps(offsets, _mm256_mul_ps(m, _mm256_set1_ps(-half(block + 2))));
}

INLINE void unpack_k(const ais_block_type type, const uint8_t *block, size_t inputs, strip to) {
  const __m256i low_half = _mm256_set1_epi8(15);
  for (size_t b = 0; b < inputs / 256; b++) {
    uint8_t *q = to.q + 256 * b;
    for (size_t i = 0; i < 256; i += 64) _mm_prefetch((const char *)block + AHEAD + i, _MM_HINT_T0);
    if (type == AIS_BLOCKS_Q6_K) {
      const __m256 d = _mm256_set1_ps(half(block + 208));
      const __m128i packed = load16(block + 192);
      for (int j = 0; j < 2; j++) {
        const __m128i eight = j ? _mm_srli_si128(packed, 8) : packed;
        const __m256 scale = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight)), d);
        _mm256_storeu_ps(to.scales + 16 * b + 8 * j, scale);
        _mm256_storeu_ps(to.offsets + 16 * b + 8 * j, _mm256_mul_ps(scale, _mm256_set1_ps(-32)));
      }
      const __m256i top = _mm256_set1_epi8(0x30);
      for (int j = 0; j < 2; j++) {
        const __m256i highs = load32(block + 128 + 32 * j);
        for (int part = 0; part < 4; part++) {
          __m256i low = load32(block + 64 * j + 32 * (part & 1));
          if (part & 2) low = _mm256_srli_epi16(low, 4);
          const __m256i high = part < 2 ? _mm256_slli_epi16(highs, 4 - 2 * part)
                                        : _mm256_srli_epi16(highs, 2 * part - 4);
          put32(q + 128 * j + 32 * part,
                _mm256_or_si256(_mm256_and_si256(low, low_half), _mm256_and_si256(high, top)));
        }
      }
      block += 210;
      continue;
    }
    unpack_scales(block, to.scales + 8 * b, to.offsets + 8 * b);
    const uint8_t *quants = block + (type == AIS_BLOCKS_Q4_K ? 16 : 48);
    for (int j = 0; j < 8; j++) {
      __m256i four = load32(quants + 32 * (j / 2));
      if (j & 1) four = _mm256_srli_epi16(four, 4);
      four = _mm256_and_si256(four, low_half);
      if (type == AIS_BLOCKS_Q5_K) {
        const __m256i bit = _mm256_set1_epi8((char)(1 << j));
        const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(load32(block + 16), bit), bit);
        four = _mm256_or_si256(four, _mm256_and_si256(set, _mm256_set1_epi8(16)));
      }
      put32(q + 32 * j, four);
    }
    block += type == AIS_BLOCKS_Q4_K ? 144 : 176;
  }
}

INLINE void unpack(ais_block_type type, const void *row, size_t inputs, strip to) {
  switch (type) {
    case AIS_BLOCKS_Q4_0: unpack_32(AIS_BLOCKS_Q4_0, row, inputs, to); break;
    case AIS_BLOCKS_Q4_1: unpack_32(AIS_BLOCKS_Q4_1, row, inputs, to); break;
    case AIS_BLOCKS_Q5_0: unpack_32(AIS_BLOCKS_Q5_0, row, inputs, to); break;
    case AIS_BLOCKS_Q5_1: unpack_32(AIS_BLOCKS_Q5_1, row, inputs, to); break;
    case AIS_BLOCKS_Q8_0: unpack_32(AIS_BLOCKS_Q8_0, row, inputs, to); break;
    case AIS_BLOCKS_Q4_K: unpack_k(AIS_BLOCKS_Q4_K, row, inputs, to); break;
    case AIS_BLOCKS_Q5_K: unpack_k(AIS_BLOCKS_Q5_K, row, inputs, to); break;
    default: unpack_k(AIS_BLOCKS_Q6_K, row, inputs, to); break;
  }
}

// The sums of `outputs` vectors, in the same order of additions whatever their number is.
INLINE void put(const int outputs, const __m256 *totals, const float *bias, float *out,
                int accumulate) {
  __m128 pairs[AIS_BLOCK_ROWS];
  for (int n = 0; n < AIS_BLOCK_ROWS; n++) {
    const __m256 total = totals[n < outputs ? n : 0];
    pairs[n] = _mm_add_ps(_mm256_castps256_ps128(total), _mm256_extractf128_ps(total, 1));
  }
  __m128 sums = _mm_hadd_ps(_mm_hadd_ps(pairs[0], pairs[1]), _mm_hadd_ps(pairs[2], pairs[3]));
  if (outputs == AIS_BLOCK_ROWS) {
    if (bias) sums = _mm_add_ps(sums, _mm_loadu_ps(bias));
    _mm_storeu_ps(out, accumulate ? _mm_add_ps(_mm_loadu_ps(out), sums) : sums);
    return;
  }
  float values[AIS_BLOCK_ROWS];
  _mm_storeu_ps(values, sums);
  for (int n = 0; n < outputs; n++) {
    if (bias) values[n] += bias[n];
    out[n] = accumulate ? out[n] + values[n] : values[n];
  }
}

// `outputs` unpacked rows of weights times one row of x. `products` has room for padded(groups) numbers
// for each: a group's two scales multiplied.
INLINE void dot_bytes(const int outputs, const int halves, const int is_signed, const strip *w,
                      size_t inputs, const int8_t *x, const float *scales, const float *sums,
                      float *products, const float *bias, float *out, int accumulate) {
  const size_t groups = inputs / (halves ? 16 : 32), stride = padded(groups);
  __m256 total[AIS_BLOCK_ROWS];
  const __m256i twice = _mm256_set_epi32(3, 3, 2, 2, 1, 1, 0, 0);
  for (int n = 0; n < outputs; n++) {
    total[n] = _mm256_setzero_ps();
    for (size_t g = 0; g < groups; g += 8) {
      const __m256 own = _mm256_loadu_ps(w[n].scales + g);
      const __m256 other =
          halves ? _mm256_permutevar8x32_ps(
                       _mm256_castps128_ps256(_mm_loadu_ps(scales + g / 2)), twice)
                 : _mm256_loadu_ps(scales + g);
      _mm256_storeu_ps(products + (size_t)n * stride + g, _mm256_mul_ps(own, other));
      total[n] = _mm256_fmadd_ps(_mm256_loadu_ps(w[n].offsets + g), _mm256_loadu_ps(sums + g),
                                 total[n]);
    }
  }
  const __m256i pair = _mm256_set_epi32(1, 1, 1, 1, 0, 0, 0, 0);
  for (size_t b = 0; b < inputs / 32; b++) {
    const __m256i numbers = load32(x + 32 * b);
    for (int n = 0; n < outputs; n++) {
      const __m256i q = load32(w[n].q + 32 * b);
      const __m256i whole = is_signed ? BYTE_DOT(_mm256_abs_epi8(q), _mm256_sign_epi8(numbers, q))
                                      : BYTE_DOT(q, numbers);
      const float *product = products + (size_t)n * stride + (halves ? 2 * b : b);
      const __m256 scale =
          halves ? _mm256_permutevar8x32_ps(
                       _mm256_castpd_ps(_mm256_broadcast_sd((const double *)product)), pair)
                 : _mm256_broadcast_ss(product);
      total[n] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole), scale, total[n]);
    }
  }
  put(outputs, total, bias, out, accumulate);
}

// Eight numbers of a row that is stored as floating-point numbers.
INLINE __m256 widened(const ais_block_type type, const char *row, size_t i) {
  switch (type) {
    case AIS_BLOCKS_BF16: {
      const __m256i wide = _mm256_cvtepu16_epi32(load16(row + 2 * i));
      return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
    }
    case AIS_BLOCKS_F16: return _mm256_cvtph_ps(load16(row + 2 * i));
    default: return _mm256_loadu_ps((const float *)row + i);
  }
}

// `outputs` rows of floating-point weights, `row_bytes` apart, times one row of x.
INLINE void dot_floats(const int outputs, const ais_block_type type, const char *w, size_t row_bytes,
                       size_t inputs, const float *x, const float *bias, float *out, int accumulate) {
  __m256 total[AIS_BLOCK_ROWS];
  for (int n = 0; n < outputs; n++) total[n] = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const __m256 numbers = _mm256_loadu_ps(x + i);
    for (int n = 0; n < outputs; n++)
      total[n] = _mm256_fmadd_ps(widened(type, w + (size_t)n * row_bytes, i), numbers, total[n]);
  }
  if (i < inputs) {
    // The last few, filled up with zeros.
    const size_t left = inputs - i, size = type == AIS_BLOCKS_F32 ? 4 : 2;
    float numbers[8] = {0};
    memcpy(numbers, x + i, left * sizeof(float));
    for (int n = 0; n < outputs; n++) {
      char rest[32] = {0};
      memcpy(rest, w + (size_t)n * row_bytes + i * size, left * size);
      total[n] = _mm256_fmadd_ps(widened(type, rest, 0), _mm256_loadu_ps(numbers), total[n]);
    }
  }
  put(outputs, total, bias, out, accumulate);
}

INLINE void multiply_floats(const int outputs, const ais_block_type type, const char *w,
                            size_t row_bytes, const ais_byte_rows *x, const float *bias, float *out,
                            size_t stride, int accumulate) {
  for (size_t r = 0; r < x->rows; r++)
    dot_floats(outputs, type, w, row_bytes, x->inputs, x->x + r * x->inputs, bias, out + r * stride,
               accumulate);
}

INLINE void multiply(const int outputs, ais_block_type type, const void *blocks,
                     const ais_byte_rows *x, const float *bias, float *out, size_t stride,
                     int accumulate, void *scratch) {
  const size_t inputs = x->inputs, row_bytes = ais_blocks_row_bytes(type, inputs);
  switch (type) {
    case AIS_BLOCKS_F32:
      multiply_floats(outputs, AIS_BLOCKS_F32, blocks, row_bytes, x, bias, out, stride, accumulate);
      return;
    case AIS_BLOCKS_F16:
      multiply_floats(outputs, AIS_BLOCKS_F16, blocks, row_bytes, x, bias, out, stride, accumulate);
      return;
    case AIS_BLOCKS_BF16:
      multiply_floats(outputs, AIS_BLOCKS_BF16, blocks, row_bytes, x, bias, out, stride, accumulate);
      return;
    case AIS_BLOCKS_Q2_K:
    case AIS_BLOCKS_Q3_K: {
      float *w = scratch;
      for (int n = 0; n < outputs; n++)
        ais_blocks_widen(type, (const char *)blocks + (size_t)n * row_bytes, inputs,
                         w + (size_t)n * inputs);
      multiply_floats(outputs, AIS_BLOCKS_F32, scratch, inputs * sizeof(float), x, bias, out, stride,
                      accumulate);
      return;
    }
    default: break;
  }
  const int halves = type == AIS_BLOCKS_Q6_K, is_signed = SIGNED_Q8 && type == AIS_BLOCKS_Q8_0;
  const size_t thirty_twos = padded(inputs / 32), sixteens = padded(inputs / 16);
  const size_t room = ais_blocks_strip_floats(inputs);
  strip w[AIS_BLOCK_ROWS];
  float *numbers = scratch, *products = numbers + 2 * AIS_BLOCK_ROWS * room;
  uint8_t *bytes = (uint8_t *)(products + AIS_BLOCK_ROWS * room);
  for (int n = 0; n < outputs; n++) {
    w[n] = (strip){bytes + (size_t)n * inputs, numbers + (size_t)(2 * n) * room,
                   numbers + (size_t)(2 * n + 1) * room};
    unpack(type, (const char *)blocks + (size_t)n * row_bytes, inputs, w[n]);
  }
  for (size_t r = 0; r < x->rows; r++) {
    const int8_t *row = x->bytes + r * inputs;
    const float *scales = x->scales + r * thirty_twos;
    float *place = out + r * stride;
    if (halves)
      dot_bytes(outputs, 1, 0, w, inputs, row, scales, x->half_sums + r * sixteens, products, bias,
                place, accumulate);
    else if (is_signed)
      dot_bytes(outputs, 0, 1, w, inputs, row, scales, x->sums + r * thirty_twos, products, bias,
                place, accumulate);
    else
      dot_bytes(outputs, 0, 0, w, inputs, row, scales, x->sums + r * thirty_twos, products, bias,
                place, accumulate);
  }
}

#define ROWS(name)                                                                          \
  __attribute__((target(TARGET))) void name AIS_BLOCKS_PARAMETERS {                         \
    switch (outputs) {                                                                      \
      case 4: multiply(4, type, blocks, x, bias, out, stride, accumulate, scratch); break;  \
      case 3: multiply(3, type, blocks, x, bias, out, stride, accumulate, scratch); break;  \
      case 2: multiply(2, type, blocks, x, bias, out, stride, accumulate, scratch); break;  \
      case 1: multiply(1, type, blocks, x, bias, out, stride, accumulate, scratch); break;  \
      default: break;                                                                       \
    }                                                                                       \
  }
