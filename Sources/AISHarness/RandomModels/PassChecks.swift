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
    try checks.compareBatches()
    for fill in KVFill.allCases { try checks.compareExits(fill) }
    return checks.checks
  }

  private mutating func require(_ name: String, _ holds: Bool) {
    checks.append(DeviceCheck(name: name, error: holds ? 0 : 1, tolerance: 0))
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
    let largest = expected.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
    let error = zip(found, expected).reduce(0.0) { worst, pair in
      let difference = Double(abs(pair.0 - pair.1) / largest)
      return difference.isNaN ? .infinity : max(worst, difference)
    }
    checks.append(
      DeviceCheck(name: "logits of whole passes", error: error, tolerance: tolerance))
  }

  // MARK: Bits

  /// Single passes, which the host asks for one by one.
  private func steps(
    _ first: [Int32], count: Int, in context: inout DecoderContext,
    _ policy: some DepthPolicy = DepthPlan.full
  ) throws -> [DecodedPass] {
    var passes: [DecodedPass] = []
    for _ in 0..<count {
      passes += try model.decode(
        passes.last?.tokens ?? first, count: 1, in: &context, policy: HostDecides(policy))
    }
    return passes
  }

  /// A policy whose plan is not known beforehand, so that its passes cannot be recorded.
  private struct HostDecides<Policy: DepthPolicy>: DepthPolicy {
    let policy: Policy
    init(_ policy: Policy) { self.policy = policy }
    var rowExit: RowExit? { policy.rowExit }
    func action(at step: Step, _ pass: Pass) throws -> StepAction {
      .all(policy.plan?[step.layer] ?? .run)
    }
  }

  /// A sequence alone, among 32, and decoded ahead.
  private mutating func compareBatches() throws {
    var one = try model.makeContext(capacity: 200)
    try model.forward(PackedTokens(tokens(30, 1)), in: &one)
    var ahead = try model.makeContext(capacity: 200)
    try ahead.adoptPrefix(of: one, positions: 30)
    var many = try model.makeContext(sequences: 32, capacity: 200)
    try many.adoptPrefix(of: one, positions: 30)
    let others = tokens(32, 2)
    let alone = try steps([others[7]], count: 140, in: &one)
    let together = try steps(others, count: 140, in: &many)
    let recorded = try model.decode([others[7]], count: 140, in: &ahead)
    require(
      "140 tokens of a sequence among 32",
      zip(alone, together).allSatisfy { $0.tokens[0] == $1.tokens[7] })
    require("140 tokens without the host", recorded == alone)
    // Equal tokens may hide unequal numbers; logits after them do not.
    let next: Int32 = 11
    try model.forward(PackedTokens([next]), in: &one)
    try model.forward(PackedTokens([next]), in: &ahead)
    try model.forward(
      PackedTokens(decoding: [Int32](repeating: next, count: 32)), in: &many)
    require("the bits of its logits among 32", one.logits(row: 0) == many.logits(row: 7))
    require("the bits of its logits without the host", one.logits(row: 0) == ahead.logits(row: 0))
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
      let expected = try steps(first, count: 24, in: &host, policy)
      let found = try model.decode(first, count: 24, in: &device, policy: policy)
      require("\(name) exits of 24 tokens, \(fill.rawValue)", found == expected)
      // All layers read what exited rows left.
      try model.forward(PackedTokens(decoding: first), in: &host)
      try model.forward(PackedTokens(decoding: first), in: &device)
      require(
        "the bits of logits after \(name) exits, \(fill.rawValue)",
        (0..<5).allSatisfy { host.logits(row: $0) == device.logits(row: $0) })
    }
  }
}
