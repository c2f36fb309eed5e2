extension ModelConfig {
  /// More layers than this mean a damaged file.
  static let mostLayers = 10_000
  /// More parameters than this mean a damaged file: a hundred times the largest known model.
  static let mostParameters = 1e15

  /// Checks that the sizes describe a model that can be computed and are not absurd.
  ///
  /// Called before any memory is reserved.
  ///
  /// - Throws: `RequestError` naming the first size that is wrong.
  func validate(source: String) throws {
    try validateSizes(source: source)
    try check("key-value heads", kvHeads, 1...queryHeads, source)
    guard queryHeads % kvHeads == 0 else {
      throw RequestError(
        "\(source), key-value heads", expected: "a divisor of \(queryHeads) attention heads",
        found: "\(kvHeads)")
    }
    for rotary in rotaries { try validate(rotary, source) }
    let parameters = Double(layerCount) * approximateBlockParameters
    guard parameters <= Self.mostParameters else {
      throw RequestError(
        "\(source), parameters", expected: "at most \(Self.mostParameters)",
        found: "\(parameters)")
    }
    guard norm.epsilon >= 0, norm.epsilon.isFinite else {
      throw RequestError(
        "\(source), norm epsilon", expected: "a number of at least 0", found: "\(norm.epsilon)")
    }
    if let experts {
      try check("experts", experts.count, 1...4096, source)
      try check("experts for each token", experts.perToken, 1...experts.count, source)
    }
    for cap in [attentionSoftCap, logitSoftCap].compactMap({ $0 })
    where !(cap > 0 && cap.isFinite) {
      throw RequestError("\(source), soft cap", expected: "a number above 0", found: "\(cap)")
    }
  }

  /// Checks the sizes alone.
  ///
  /// A reader calls this before it computes with them.
  func validateSizes(source: String) throws {
    try check("number of layers", layerCount, 1...Self.mostLayers, source)
    try check("hidden size", hiddenSize, 1...1_000_000, source)
    try check("embedding width", embeddingWidth, 1...1_000_000, source)
    try check("intermediate size", intermediateSize, 1...4_000_000, source)
    try check("vocabulary size", vocabularySize, 1...10_000_000, source)
    try check("attention heads", queryHeads, 1...10_000, source)
    try check("head dimension", headDim, 1...8192, source)
    try check("context length", contextLength, 1...1_000_000_000, source)
  }

  private func validate(_ rotary: RotaryEmbedding, _ source: String) throws {
    try check("rotary dimension", rotary.dimension, 0...headDim, source)
    guard rotary.dimension % 2 == 0 else {
      throw RequestError(
        "\(source), rotary dimension", expected: "an even number", found: "\(rotary.dimension)")
    }
    guard rotary.base > 0, rotary.base.isFinite else {
      throw RequestError(
        "\(source), rotary base", expected: "a number above 0", found: "\(rotary.base)")
    }
    guard rotary.magnitude.isFinite, rotary.inverseFrequencies().allSatisfy(\.isFinite) else {
      throw RequestError(
        "\(source), rotary scaling", expected: "finite frequencies", found: "\(rotary.scaling)")
    }
  }

  /// In floating point, because the product of unchecked sizes may overflow an integer.
  private var approximateBlockParameters: Double {
    let width = Double(queryHeads + kvHeads) * 2 * Double(headDim)
    let networks = Double(experts?.count ?? 1) * 3 * Double(intermediateSize)
    return Double(hiddenSize) * (width + networks)
  }

  private func check(
    _ name: String, _ value: Int, _ range: ClosedRange<Int>, _ source: String
  ) throws {
    guard range.contains(value) else {
      throw RequestError(
        "\(source), \(name)", expected: "\(range.lowerBound) to \(range.upperBound)",
        found: "\(value)")
    }
  }
}
