// Blocks of 256 numbers, for stored_avx2.c: eight parts of 32, each with one or two integer scales.
//
// That scale is multiplied in integers, when pairs of sums are added up, so that floats only need one scale of the
// block and one of x.

// The data of each part: an integer scale in both halves of 32 bits, and the number added to each weight. q6_K has two
// of each for a part.
typedef struct {
  __m256i scales[16];
  __m256 offsets[16];
} k_parts;

// Byte i of each row's four, in both halves of 32 bits.
INLINE __m256i signed_pair(__m256i four, const int i) {
  const __m256i places = _mm256_broadcastsi128_si256(
      _mm_set_epi32(0x0c800c80, 0x08800880, 0x04800480, 0x00800080));
  const __m256i upper = _mm256_add_epi8(places, _mm256_set1_epi16((short)(i << 8)));
  return _mm256_srai_epi16(_mm256_shuffle_epi8(four, upper), 8);
}

INLINE __m256i unsigned_pair(__m256i four, const int i) {
  const __m256i places = _mm256_broadcastsi128_si256(
      _mm_set_epi32((int)0x800c800c, (int)0x80088008, (int)0x80048004, (int)0x80008000));
  return _mm256_shuffle_epi8(four, _mm256_add_epi8(places, _mm256_set1_epi16((short)i)));
}

// Byte i of each row's four.
INLINE __m256 unsigned_float(__m256i four, const int i) {
  return _mm256_cvtepi32_ps(
      _mm256_and_si256(_mm256_srli_epi32(four, 8 * i), _mm256_set1_epi32(255)));
}

// The first four 6-bit scales and minima lie in the low bits of bytes 0–3 and 4–7, the last four in the
// halves of bytes 8–11 and the top bits.
INLINE void unpack_parts(const ais_block_type type, const uint8_t *entry, __m256 d, k_parts *parts) {
  const uint8_t *packed = entry + stored_k_scales(type) * WIDTH;
  if (type == AIS_BLOCKS_Q6_K) {
    const __m256 zero = _mm256_mul_ps(d, _mm256_set1_ps(-32));
    UNROLLED for (int i = 0; i < 16; i++) {
      const __m256i pair = signed_pair(load32(packed + 4 * WIDTH * (i / 4)), i % 4);
      parts->scales[i] = pair;
      parts->offsets[i] = _mm256_mul_ps(zero, _mm256_cvtepi32_ps(_mm256_srai_epi32(pair, 16)));
    }
    return;
  }
  const __m256i words[3] = {load32(packed), load32(packed + 4 * WIDTH), load32(packed + 8 * WIDTH)};
  const __m256i low = _mm256_set1_epi8(0x0f), six = _mm256_set1_epi8(0x3f);
  const __m256i top = _mm256_set1_epi8(0x30);
  const __m256i last = _mm256_and_si256(_mm256_srli_epi16(words[2], 4), low);
  const __m256i scales[2] = {
      _mm256_and_si256(words[0], six),
      _mm256_or_si256(_mm256_and_si256(words[2], low),
                      _mm256_and_si256(_mm256_srli_epi16(words[0], 2), top))};
  const __m256i minima[2] = {
      _mm256_and_si256(words[1], six),
      _mm256_or_si256(last, _mm256_and_si256(_mm256_srli_epi16(words[1], 2), top))};
  const __m256 m = _mm256_mul_ps(halves(entry + 2 * WIDTH), _mm256_set1_ps(-1));
  UNROLLED for (int i = 0; i < 8; i++) {
    parts->scales[i] = unsigned_pair(scales[i / 4], i % 4);
    parts->offsets[i] = _mm256_mul_ps(m, unsigned_float(minima[i / 4], i % 4));
  }
}

// The four numbers of a part from 4 · g on.
INLINE __m256i k_group(const ais_block_type type, const uint8_t *entry, const int part, const int g) {
  const uint8_t *lows = entry + stored_k_lows(type) * WIDTH;
  const uint8_t *highs = entry + stored_k_highs(type) * WIDTH;
  const __m256i low = _mm256_set1_epi8(0x0f);
  if (type == AIS_BLOCKS_Q6_K) {
    const int half = part / 4, quarter = part % 4;
    const __m256i both = load32(lows + 4 * WIDTH * (16 * half + 8 * (quarter % 2) + g));
    const __m256i q = _mm256_and_si256(quarter < 2 ? both : _mm256_srli_epi16(both, 4), low);
    const __m256i four = load32(highs + 4 * WIDTH * (8 * half + g));
    const __m256i high = quarter < 2 ? _mm256_slli_epi16(four, 4 - 2 * quarter)
                                     : _mm256_srli_epi16(four, 2 * quarter - 4);
    return _mm256_or_si256(q, _mm256_and_si256(high, _mm256_set1_epi8(0x30)));
  }
  const __m256i both = load32(lows + 4 * WIDTH * (8 * (part / 2) + g));
  const __m256i q = _mm256_and_si256(part % 2 ? _mm256_srli_epi16(both, 4) : both, low);
  if (type == AIS_BLOCKS_Q4_K) return q;
  const __m256i bits = load32(highs + 4 * WIDTH * g);
  const __m256i bit = part < 4 ? _mm256_slli_epi16(bits, 4 - part) : _mm256_srli_epi16(bits, part - 4);
  return _mm256_or_si256(q, _mm256_and_si256(bit, _mm256_set1_epi8(16)));
}

// Integer sums of a part for some rows of x, times the part's scales.
INLINE void dot_part(const ais_block_type type, const int rows, const uint8_t *entry, const int part,
                     const k_parts *parts, const int8_t *x, size_t inputs, __m256i *dots) {
  // This many sums of pairs stay below 2^15: eight of 15 · 127 · 2, four of 31 · 127 · 2, two of 63 · 127 · 2.
  const int together = type == AIS_BLOCKS_Q4_K ? 8 : type == AIS_BLOCKS_Q5_K ? 4 : 2;
  __m256i pairs[TILE];
  UNROLLED for (int g = 0; g < 8; g++) {
    const __m256i q = k_group(type, entry, part, g);
    const __m256i scale = parts->scales[type == AIS_BLOCKS_Q6_K ? 2 * part + g / 4 : part];
    UNROLLED for (int r = 0; r < rows; r++) {
      const __m256i sum = _mm256_maddubs_epi16(q, four_of(x + (size_t)r * inputs + 4 * g));
      pairs[r] = g % together == 0 ? sum : _mm256_add_epi16(pairs[r], sum);
      if (g % together != together - 1) continue;
      const __m256i scaled = _mm256_madd_epi16(pairs[r], scale);
      dots[r] = g < together ? scaled : _mm256_add_epi32(dots[r], scaled);
    }
  }
}

INLINE void tile_k(const ais_block_type type, const int rows, const uint8_t *panel, const int8_t *x,
                   size_t inputs, const float *scales, const float *sums, const float *bias,
                   float *out, size_t stride, size_t count, int accumulate) {
  const size_t entry_bytes = stored_block_bytes(type) * WIDTH;
  const size_t lines = (entry_bytes + 63) / 64, row_scales = padded(inputs / 32);
  const size_t row_sums = type == AIS_BLOCKS_Q6_K ? padded(inputs / 16) : row_scales;
  __m256 totals[TILE];
  UNROLLED for (int r = 0; r < rows; r++) totals[r] = _mm256_setzero_ps();
  for (size_t b = 0; b < inputs / 256; b++, panel += entry_bytes, x += 256) {
    const __m256 d = halves(panel);
    k_parts parts;
    unpack_parts(type, panel, d, &parts);
    UNROLLED for (int part = 0; part < 8; part++) {
      // Each part prefetches its share of the next data.
      for (size_t i = (size_t)part * lines / 8; i < (size_t)(part + 1) * lines / 8; i++)
        _mm_prefetch((const char *)panel + AHEAD + 64 * i, _MM_HINT_T0);
      __m256i dots[TILE];
      dot_part(type, rows, panel, part, &parts, x + 32 * part, inputs, dots);
      UNROLLED for (int r = 0; r < rows; r++) {
        const float *scale = scales + (size_t)r * row_scales + 8 * b + part;
        totals[r] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[r]),
                                    _mm256_mul_ps(d, _mm256_set1_ps(*scale)), totals[r]);
        const float *sum = sums + (size_t)r * row_sums;
        if (type == AIS_BLOCKS_Q6_K) {
          sum += 16 * b + 2 * part;
          totals[r] = _mm256_fmadd_ps(parts.offsets[2 * part], _mm256_set1_ps(sum[0]), totals[r]);
          totals[r] = _mm256_fmadd_ps(parts.offsets[2 * part + 1], _mm256_set1_ps(sum[1]), totals[r]);
        } else {
          sum += 8 * b + part;
          totals[r] = _mm256_fmadd_ps(parts.offsets[part], _mm256_set1_ps(sum[0]), totals[r]);
        }
      }
    }
  }
  UNROLLED for (int r = 0; r < rows; r++)
    put(totals[r], bias, out + (size_t)r * stride, count, accumulate);
}
