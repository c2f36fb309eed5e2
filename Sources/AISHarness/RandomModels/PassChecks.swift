import AISKit

/// Whole passes of a small random model on a device, compared with the reference and with each other.
///
/// Within one range of rows (`Backend.productRanges`) bits must be equal, whatever is computed beside
/// a row and whoever decides about exits.
package struct PassChecks {
  private let model: DecoderModel
  private let reference: DecoderModel
  private var checks: [DeviceCheck] = []

  /// Loads the model for the device and for the reference.
  ///
  /// - Throws: an error of the device, or of the cache's folder.
  private init(_ backend: any Backend) throws {
    var shape = try ModelShape.named("135m")
    (shape.hidden, shape.intermediate, shape.vocabulary, shape.layers) = (256, 512, 640, 6)
    let folder = try RandomModel(shape, suffix: "-small", seed: 0).folder()
    model = try .load(Checkpoint.open(path: folder.path), backend: backend)
    reference = try .load(Checkpoint.open(path: folder.path), backend: CPUBackend.reference)
  }

  /// Compares prompts, decoding and exits.
  ///
  /// - Throws: an error of the device, or of the cache's folder.
  package static func run(_ backend: any Backend) throws -> [DeviceCheck] {
    var checks = try PassChecks(backend)
    try checks.compareLogits()
    guard promisesBits(backend) else { return checks.checks }
    try checks.compareBatches()
    try checks.compareDrafts()
    for fill in KVFill.allCases { try checks.compareExits(fill) }
    return checks.checks
  }

  /// Whether rows have the same bits in all batches that are compared.
  ///
  /// Engines that promise it for single rows alone are compared with the reference only.
  package static func promisesBits(_ backend: any Backend) -> Bool {
    backend.productRanges.first?.contains(batch) == true
  }

  private mutating func require(_ name: String, _ holds: Bool) {
    checks.append(DeviceCheck(name: name, error: holds ? 0 : 1, tolerance: 0))
  }

  /// Notes how far numbers are apart that must be equal.
  private mutating func requireEqual(_ name: String, _ found: [Float], _ expected: [Float]) {
    checks.append(
      DeviceCheck(name: name, error: Self.difference(found, expected), tolerance: 0))
  }

  /// The largest difference, of the largest expected number.
  private static func difference(_ found: [Float], _ expected: [Float]) -> Double {
    let largest = expected.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
    return zip(found, expected).reduce(found.count == expected.count ? 0 : .infinity) {
      worst, pair in
      let difference = Double(abs(pair.0 - pair.1) / largest)
      // A difference that is no number must not pass.
      return difference.isNaN ? .infinity : max(worst, difference)
    }
  }

  private func tokens(_ count: Int, _ seed: Int) -> [Int32] {
    PassWorkload.prompt(seed, count: count, vocabulary: model.config.vocabularySize)
  }

  // MARK: Logits

  /// What 16-bit numbers or less may change in logits, of the largest one.
  private var tolerance: Double {
    switch model.backend.computeType {
    case .f32: 1e-4
    case .f16: 1e-2
    case .bf16, .native: 5e-2
    case .int8: 0.1
    }
  }

  /// Prompts of different lengths together, and tokens after them.
  private mutating func compareLogits() throws {
    let prompts = [5, 40, 17].map { tokens($0, $0) }
    func logits(_ model: DecoderModel) throws -> [[Float]] {
      var context = try model.makeContext(sequences: 3, capacity: 60)
      try model.forward(PackedTokens(prompts), in: &context, logits: .all)
      var all = (0..<62).map { context.logits(row: $0) }
      for step in 0..<4 {
        try model.forward(PackedTokens(decoding: tokens(3, step)), in: &context)
        all += (0..<3).map { context.logits(row: $0) }
      }
      return all
    }
    let (found, expected) = (
      try logits(model).flatMap { $0 }, try logits(reference).flatMap { $0 }
    )
    checks.append(
      DeviceCheck(
        name: "logits of whole passes", error: Self.difference(found, expected),
        tolerance: tolerance))
  }

  // MARK: Bits

  /// A sequence alone, among 32, and decoded ahead.
  private mutating func compareBatches() throws {
    var prompt = try model.makeContext(capacity: 200)
    try model.forward(PackedTokens(tokens(30, 1)), in: &prompt)
    var one = try model.makeContext(capacity: 200)
    try one.adoptPrefix(of: prompt, positions: 30)
    var ahead = try model.makeContext(capacity: 200)
    try ahead.adoptPrefix(of: prompt, positions: 30)
    var many = try model.makeContext(sequences: 32, capacity: 200)
    try many.adoptPrefix(of: prompt, positions: 30)
    let others = tokens(32, 2)
    let own = try model.decodeSingly([others[7]], count: 140, in: &prompt)
    let alone = try model.decodeSingly([others[7]], count: 140, in: &one)
    let together = try model.decodeSingly(others, count: 140, in: &many)
    let recorded = try model.decode([others[7]], count: 140, in: &ahead)
    require(
      "140 tokens of a sequence among 32",
      zip(alone, together).allSatisfy { $0.tokens[0] == $1.tokens[7] })
    require("140 tokens without the host", recorded == alone)
    require("140 tokens after an adopted prompt", own == alone)
    // Equal tokens may hide unequal numbers; logits after them do not.
    let next: Int32 = 11
    try model.forward(PackedTokens([next]), in: &one)
    try model.forward(PackedTokens([next]), in: &ahead)
    try model.forward(PackedTokens([next]), in: &prompt)
    try model.forward(
      PackedTokens(decoding: [Int32](repeating: next, count: 32)), in: &many)
    requireEqual("its logits among 32", many.logits(row: 7), one.logits(row: 0))
    requireEqual("its logits after decoding ahead", ahead.logits(row: 0), one.logits(row: 0))
    requireEqual("its logits after its own prompt", prompt.logits(row: 0), one.logits(row: 0))
  }

  /// Tokens one by one, and together as a draft is checked.
  private mutating func compareDrafts() throws {
    var one = try model.makeContext(capacity: 60)
    try model.forward(PackedTokens(tokens(30, 1)), in: &one)
    var other = try model.makeContext(capacity: 60)
    try other.adoptPrefix(of: one, positions: 30)
    let draft = tokens(9, 4)
    let alone = try draft.flatMap { token in
      try model.forward(PackedTokens([token]), in: &one)
      return one.logits(row: 0)
    }
    try model.forward(PackedTokens(draft), in: &other, logits: .all)
    requireEqual(
      "logits of a draft of 9 tokens", draft.indices.flatMap { other.logits(row: $0) }, alone)
  }

  /// Exits that the device decides, and the same exits decided by the host.
  private mutating func compareExits(_ fill: KVFill) throws {
    var configuration = TokenExitConfiguration()
    configuration.kvCacheStrategy = fill
    configuration.minLayers = 1
    configuration.exitThreshold = 0.5
    let scheduled = try TokenExit(
      after: [1, 3],
      schedule: { layer, sequence, position in
        layer == 1 ? position % 6 < 3 : (position + sequence) % 2 == 0
      }, configuration: configuration)
    var random = SplitMix64(seed: 5)
    let width = model.config.hiddenSize
    let routers = try TokenRouters(
      [0, 2, 3].map { layer in
        TokenRouter(
          layer: layer, width: width,
          down: (0..<64 * width).map { _ in Float(random.unit() - 0.5) },
          up: (0..<64).map { _ in Float(random.unit() - 0.5) })
      })
    let routed = try TokenExit(routers: routers, model: model, configuration: configuration)
    for (name, policy) in [("scheduled", scheduled), ("routers'", routed)] {
      var host = try model.makeContext(sequences: 5, capacity: 80)
      var device = try model.makeContext(sequences: 5, capacity: 80)
      let prompts = PackedTokens((0..<5).map { tokens(3 + $0, $0) })
      try model.forward(prompts, in: &host)
      try model.forward(prompts, in: &device)
      let first = tokens(5, 3)
      let expected = try model.decodeSingly(first, count: 24, in: &host, policy: policy)
      let found = try model.decode(first, count: 24, in: &device, policy: policy)
      require("\(name) exits of 24 tokens, \(fill.rawValue)", found == expected)
      // All layers read what exited rows left.
      try model.forward(PackedTokens(decoding: first), in: &host)
      try model.forward(PackedTokens(decoding: first), in: &device)
      requireEqual(
        "logits after \(name) exits, \(fill.rawValue)",
        (0..<5).flatMap { device.logits(row: $0) }, (0..<5).flatMap { host.logits(row: $0) })
    }
  }
}

extension PassChecks {
  private static let batch = 32
  private static let (given, chosen) = (24, 16)

  /// Compares decodes of many prompts, each alone and among others, bit for bit.
  ///
  /// Prompts are fed token by token, so that all passes have at most 32 rows; then tokens are chosen.
  ///
  /// - Parameters:
  ///   - prompts: how many.
  ///   - model: any model.
  ///   - progress: called after each batch with how many prompts it had.
  /// - Returns: a check that fails if tokens or the last logits of any prompt differ.
  /// - Throws: `RequestError` if the device does not promise that, and its errors.
  package static func decodes(
    of prompts: Int, _ model: DecoderModel, progress: (Int) -> Void = { _ in }
  ) throws -> DeviceCheck {
    guard promisesBits(model.backend) else {
      throw RequestError(
        "--prompts", expected: "products whose rows have the same bits among \(batch) as alone",
        found: model.summary)
    }
    var random = SplitMix64(seed: 11)
    let capacity = given + chosen + 1
    var one = try model.makeContext(capacity: capacity)
    var many = try model.makeContext(sequences: batch, capacity: capacity)
    var (done, different) = (0, 0)
    while done < prompts {
      // Shape: [given][batch].
      let texts = (0..<given).map { _ in
        (0..<batch).map { _ in Int32(random.index(below: model.config.vocabularySize)) }
      }
      let together = try decode(texts, model, in: &many)
      let count = min(batch, prompts - done)
      for row in 0..<count {
        let alone = try decode(texts.map { [$0[row]] }, model, in: &one)
        if alone.map({ $0[0] }) != together.map({ $0[row] })
          || one.logits(row: 0) != many.logits(row: row)
        {
          different += 1
        }
      }
      done += count
      progress(count)
    }
    return DeviceCheck(
      name: "decodes of \(prompts) prompts, alone and among \(batch): how many differ",
      error: Double(different), tolerance: 0)
  }

  /// The tokens that passes chose after a text; the logits of a last pass are in the context.
  private static func decode(
    _ text: [[Int32]], _ model: DecoderModel, in context: inout DecoderContext
  ) throws -> [[Int32]] {
    context.removeAll()
    try model.forward(PackedTokens(decoding: text[0]), in: &context)
    let passes = try model.decode(
      text[1], count: given - 1 + chosen, given: Array(text[2...]), in: &context)
    let tokens = passes.map(\.tokens)
    let last = tokens[tokens.count - 1].map { max($0, 0) }
    try model.forward(PackedTokens(decoding: last), in: &context)
    return tokens
  }
}
