import Foundation

extension ModelConfig {
  /// Reads a folder's config.json.
  ///
  /// - Throws: `CheckpointError` for absent or mistyped fields, `RequestError` for an architecture or a
  ///   variant that is not supported.
  public init(huggingFace folder: HuggingFaceFolder) throws {
    self = try ModelDescription(.huggingFace(folder)).config
  }

  /// Reads a GGUF file's metadata.
  ///
  /// - Throws: `CheckpointError` for absent or mistyped keys, `RequestError` for an architecture or a
  ///   variant that is not supported.
  public init(gguf file: GGUFFile) throws {
    self = try ModelDescription(.gguf(file)).config
  }

  /// Makes every layer use the first of `rotaries`.
  mutating func rotate(by rotaries: [RotaryEmbedding]) {
    self.rotaries = rotaries
    for layer in layers.indices { layers[layer].rotary = 0 }
  }

  /// Removes the rotary embeddings from all layers.
  mutating func removeRotaries() {
    rotaries = []
    for layer in layers.indices { layers[layer].rotary = nil }
  }

  /// Removes the window from every `period`-th layer.
  mutating func slide(fullEvery period: Int) {
    for layer in layers.indices where (layer + 1) % max(period, 1) == 0 {
      layers[layer].window = nil
    }
  }

  /// The slopes of ALiBi for n heads: a geometric series that begins with 2^(−8/n).
  ///
  /// If n is no power of two: the series of the next lower power, then every other slope of the
  /// next higher one.
  ///
  /// Source: Press et al., 2022.
  package static func alibiSlopes(heads: Int) -> [Float] {
    var whole = 1
    while whole * 2 <= heads { whole *= 2 }
    func slope(_ place: Int, of count: Int) -> Float {
      Float(exp2(-8 * Double(place) / Double(count)))
    }
    return (0..<heads).map { head in
      head < whole ? slope(head + 1, of: whole) : slope(2 * (head - whole) + 1, of: 2 * whole)
    }
  }
}

extension RotaryEmbedding {
  /// LongRoPE's attention factor for a context stretched by `factor`.
  static func longRopeMagnitude(factor: Double, originalContext: Int) -> Double {
    factor > 1 && originalContext > 1
      ? (1 + log(factor) / log(Double(originalContext))).squareRoot() : 1
  }
}

extension RotaryEmbedding.YaRN {
  /// YaRN's attention factor: the factor for `scale` divided by the factor for `other`.
  ///
  /// An absent argument counts as 1.
  func magnitude(_ scale: Double? = nil, over other: Double? = nil) -> Double {
    func magnitude(_ scale: Double) -> Double {
      factor > 1 ? 0.1 * scale * log(factor) + 1 : 1
    }
    guard let scale, let other, scale != 0, other != 0 else { return magnitude(1) }
    return magnitude(scale) / magnitude(other)
  }
}
