/// Finds rows whose readout cannot have a given top token, without computing all their logits.
///
/// The top token of a state that has not settled is mostly one of few tokens, the candidates. Only
/// their logits and the given token's are computed. If a candidate's logit is larger by more than
/// the rounding error, the given token is not on top, and the whole readout is not needed. A
/// shortlist only rules rows out. The caller computes whole readouts of the others, so the result
/// is exact.
final class TokenShortlist {
  private static let candidateCount = 2_048
  /// The candidates are chosen again after this many batches.
  private static let lifetime = 8

  private let model: DecoderModel
  private let stream: any ComputeStream
  private var counts: [UInt32]
  private var candidates: [Int32] = []
  private var age = 0
  private var storage: [(any DeviceBuffer)?] = [nil, nil, nil]

  /// A shortlist for a model's LM head; `nil` if a projection precedes the head, as in few models.
  init?(_ model: DecoderModel) {
    guard model.readout.weights.projection == nil else { return nil }
    self.model = model
    stream = model.backend.makeStream()
    counts = [UInt32](repeating: 0, count: model.config.vocabularySize)
  }

  /// Counts top tokens.
  ///
  /// The most frequent become candidates.
  func note(_ tokens: some Sequence<Int32>) {
    for token in tokens where token >= 0 { counts[Int(token)] += 1 }
  }

  /// The rows that may have the wanted token as top token.
  ///
  /// - Parameters:
  ///   - hidden: hidden states, before the final norm. Shape: [rows, hiddenSize].
  ///   - norms: the length of each row after the final norm, in float32. Shape: [rows].
  ///   - wanted: the token for each row; −1: none, so that the row is ruled out.
  /// - Returns: the rows, ascending.
  /// - Throws: `EngineError`.
  func possible(_ hidden: [Float], norms: [Float], wanted: [Int32]) throws -> [Int] {
    let (rows, width) = (wanted.count, model.config.hiddenSize)
    let tokens = tokens(wanted)
    let (matrix, longest) = try pack(tokens)
    let states = buffer(0, byteCount: rows * width * 4)
    let input = buffer(1, byteCount: rows * width * model.backend.activationBytes)
    let logits = buffer(2, byteCount: rows * tokens.count * 4)
    stream.upload(hidden, into: states)
    model.readout.normalize(states, rows: rows, into: input, as: .compute, stream)
    try stream.multiply(input, rows: rows, by: matrix, into: logits, accumulate: false)
    if let cap = model.config.logitSoftCap {
      stream.softCap(logits, cap: cap, count: rows * tokens.count)
    }
    return try stream.download(logits, byteCount: rows * tokens.count * 4).withFloats {
      judge($0, tokens, norms: norms, longest: longest, wanted: wanted)
    }
  }

  /// A buffer that grows to the largest requested size.
  private func buffer(_ place: Int, byteCount: Int) -> any DeviceBuffer {
    if let known = storage[place], known.byteCount >= byteCount { return known }
    let made = model.backend.makeBuffer(byteCount: byteCount + byteCount / 8)
    storage[place] = made
    return made
  }

  private func judge(
    _ logits: UnsafeBufferPointer<Float>, _ tokens: [Int32], norms: [Float], longest: Float,
    wanted: [Int32]
  ) -> [Int] {
    // The wanted tokens come first. A wanted token may also be a candidate.
    let places = Dictionary(
      zip(tokens, tokens.indices), uniquingKeysWith: { first, _ in first })
    var possible: [Int] = []
    for (row, token) in wanted.enumerated() where token >= 0 {
      let numbers = UnsafeBufferPointer(
        rebasing: logits[row * tokens.count..<(row + 1) * tokens.count])
      guard let place = places[token] else {
        possible.append(row)
        continue
      }
      let goal = numbers[place]
      // The error bound of two logits, each computed here and in the whole readout. Each is a sum
      // of `hiddenSize` products with an error of at most 2⁻²⁴ of the terms' size for every term.
      // The second summand bounds the error of a soft cap.
      let margin =
        Float(model.config.hiddenSize + 2) * 0x1p-22 * norms[row] * longest + abs(goal) * 0x1p-20
        + (model.config.logitSoftCap ?? 0) * 1e-4
      var (best, winner) = (-Float.infinity, Int32(-1))
      for index in tokens.indices where numbers[index] > best && tokens[index] != token {
        (best, winner) = (numbers[index], tokens[index])
      }
      // A comparison with NaN is false, so the row is not ruled out.
      if best > goal + margin {
        note([winner])
      } else {
        possible.append(row)
      }
    }
    return possible
  }

  /// The wanted tokens, then the candidates.
  ///
  /// The count changes seldom, because a kernel is compiled for each count.
  private func tokens(_ wanted: [Int32]) -> [Int32] {
    if age % Self.lifetime == 0 {
      candidates = counts.indices.filter { counts[$0] > 0 }
        .sorted { (counts[$1], $0) < (counts[$0], $1) }
        .prefix(Self.candidateCount).map { Int32($0) }
    }
    age += 1
    var tokens = Array(Set(wanted.filter { $0 >= 0 })).sorted()
    while tokens.count % 128 != 0 || tokens.isEmpty { tokens.append(tokens.last ?? 0) }
    return tokens + candidates
  }

  /// A matrix of the LM head's rows of some tokens, and the length of the longest row.
  private func pack(_ tokens: [Int32]) throws -> (WeightMatrix, longest: Float) {
    let width = model.config.hiddenSize
    let rows = model.readout.weights.headRows.numbers(of: tokens.map { Int($0) })
    var longest: Float = 0
    for place in tokens.indices {
      longest = max(longest, Self.length(rows[place * width..<(place + 1) * width]))
    }
    let bias = model.readout.weights.head.bias.map { bias in tokens.map { bias[Int($0)] } }
    let source = WeightSource(rows, outputs: tokens.count, inputs: width, bias: bias)
    return (try model.backend.pack(source), longest)
  }

  /// An upper bound of the Euclidean length of a row.
  static func length(_ row: ArraySlice<Float>) -> Float {
    var sum: Float = 0
    row.withUnsafeBufferPointer { numbers in
      for number in numbers { sum += number * number }
    }
    // One percent covers the rounding of the sum and of the weights to the compute type.
    return sum.squareRoot() * 1.01
  }
}
