// The fast twins of blocks_ref.c; compiled once for each instruction set. The file that includes this has
// defined TARGET, BYTE_DOT(q, x), the sums of four products of unsigned with signed bytes in each of
// eight lanes, and SIGNED_Q8, whether q8_0's bytes stay signed: products in pairs of bytes would
// overflow if they were made positive.
#include <immintrin.h>
#include <string.h>

#include "blocks.h"

#define INLINE static inline __attribute__((target(TARGET), always_inline))

// A row of weights unpacked: w = scale · q + offset, scales and offsets for each 32 numbers, or 16.
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

INLINE void unpack_32(const ais_block_type type, const uint8_t *block, size_t inputs, strip to) {
  for (size_t b = 0; b < inputs / 32; b++) {
    uint8_t *q = to.q + 32 * b;
    const float d = half(block);
    to.scales[b] = d;
    switch (type) {
      case AIS_BLOCKS_Q4_0:
        put32(q, nibbles(block + 2));
        to.offsets[b] = -8 * d;
        block += 18;
        break;
      case AIS_BLOCKS_Q4_1:
        put32(q, nibbles(block + 4));
        to.offsets[b] = half(block + 2);
        block += 20;
        break;
      case AIS_BLOCKS_Q5_0:
        put32(q, _mm256_or_si256(nibbles(block + 6), fifth_bits(block + 2)));
        to.offsets[b] = -16 * d;
        block += 22;
        break;
      case AIS_BLOCKS_Q5_1:
        put32(q, _mm256_or_si256(nibbles(block + 8), fifth_bits(block + 4)));
        to.offsets[b] = half(block + 2);
        block += 24;
        break;
      default:
        put32(q, SIGNED_Q8 ? load32(block + 2)
                           : _mm256_xor_si256(load32(block + 2), _mm256_set1_epi8(-128)));
        to.offsets[b] = SIGNED_Q8 ? 0 : -128 * d;
        block += 34;
        break;
    }
  }
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

INLINE float sum_of(__m256 v) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

INLINE void put(float *out, float value, const float *bias, size_t n, int accumulate) {
  if (bias) value += bias[n];
  out[n] = accumulate ? out[n] + value : value;
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
  for (int n = 0; n < outputs; n++) put(out, sum_of(total[n]), bias, (size_t)n, accumulate);
}

// `outputs` widened rows of weights, one after the other, times one row of x.
INLINE void dot_floats(const int outputs, const float *w, size_t inputs, const float *x,
                       const float *bias, float *out, int accumulate) {
  __m256 total[AIS_BLOCK_ROWS];
  for (int n = 0; n < outputs; n++) total[n] = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const __m256 numbers = _mm256_loadu_ps(x + i);
    for (int n = 0; n < outputs; n++)
      total[n] = _mm256_fmadd_ps(_mm256_loadu_ps(w + (size_t)n * inputs + i), numbers, total[n]);
  }
  for (int n = 0; n < outputs; n++) {
    float sum = sum_of(total[n]);
    for (size_t rest = i; rest < inputs; rest++) sum += w[(size_t)n * inputs + rest] * x[rest];
    put(out, sum, bias, (size_t)n, accumulate);
  }
}

INLINE void multiply(const int outputs, ais_block_type type, const void *blocks,
                     const ais_byte_rows *x, const float *bias, float *out, size_t stride,
                     int accumulate, void *scratch) {
  const size_t inputs = x->inputs, row_bytes = ais_blocks_row_bytes(type, inputs);
  if (!ais_blocks_round_input(type)) {
    float *w = scratch;
    for (int n = 0; n < outputs; n++)
      ais_blocks_widen(type, (const char *)blocks + (size_t)n * row_bytes, inputs,
                       w + (size_t)n * inputs);
    for (size_t r = 0; r < x->rows; r++)
      dot_floats(outputs, w, inputs, x->x + r * inputs, bias, out + r * stride, accumulate);
    return;
  }
  const int halves = type == AIS_BLOCKS_Q6_K, is_signed = SIGNED_Q8 && type == AIS_BLOCKS_Q8_0;
  const size_t thirty_twos = padded(inputs / 32), sixteens = padded(inputs / 16);
  strip w[AIS_BLOCK_ROWS];
  float *numbers = scratch, *products = numbers + 2 * AIS_BLOCK_ROWS * sixteens;
  uint8_t *bytes = (uint8_t *)(products + AIS_BLOCK_ROWS * sixteens);
  for (int n = 0; n < outputs; n++) {
    w[n] = (strip){bytes + (size_t)n * inputs, numbers + (size_t)(2 * n) * sixteens,
                   numbers + (size_t)(2 * n + 1) * sixteens};
    const size_t groups = inputs / (halves ? 16 : 32);
    for (size_t g = groups; g < padded(groups); g++) w[n].scales[g] = w[n].offsets[g] = 0;
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
