extension ModelConfig {
  /// Checks that the sizes describe a model that can be computed and are not absurd, before any
  /// memory is reserved by them.
  ///
  /// - Throws: `ModelError` naming the first size that is wrong.
  func validate(source: String) throws {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard range.contains(value) else {
        throw ModelError(
          "\(source), \(name)", expected: "\(range.lowerBound) to \(range.upperBound)",
          found: "\(value)")
      }
    }
    try check("number of layers", layerCount, 1...10_000)
    try check("hidden size", hiddenSize, 1...1_000_000)
    try check("embedding width", embeddingWidth, 1...1_000_000)
    try check("intermediate size", intermediateSize, 1...4_000_000)
    try check("vocabulary size", vocabularySize, 1...10_000_000)
    try check("attention heads", queryHeads, 1...10_000)
    try check("key-value heads", kvHeads, 1...queryHeads)
    try check("head dimension", headDim, 1...8192)
    try check("context length", contextLength, 1...1_000_000_000)
    guard queryHeads % kvHeads == 0 else {
      throw ModelError(
        "\(source), key-value heads", expected: "a divisor of \(queryHeads) attention heads",
        found: "\(kvHeads)")
    }
    for rotary in rotaries {
      try check("rotary dimension", rotary.dimension, 0...headDim)
      guard rotary.dimension % 2 == 0 else {
        throw ModelError(
          "\(source), rotary dimension", expected: "an even number",
          found: "\(rotary.dimension)")
      }
      guard rotary.base > 0, rotary.base.isFinite else {
        throw ModelError(
          "\(source), rotary base", expected: "a number above 0", found: "\(rotary.base)")
      }
    }
    guard norm.epsilon >= 0, norm.epsilon.isFinite else {
      throw ModelError(
        "\(source), norm epsilon", expected: "a number of at least 0", found: "\(norm.epsilon)")
    }
    if let experts {
      try check("experts", experts.count, 1...4096)
      try check("experts for each token", experts.perToken, 1...experts.count)
    }
    for cap in [attentionSoftCap, logitSoftCap].compactMap({ $0 }) where !(cap > 0) {
      throw ModelError("\(source), soft cap", expected: "a number above 0", found: "\(cap)")
    }
  }
}
