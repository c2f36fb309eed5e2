import AISHarness
import AISKit

/// Runs a prompt whose rows really exit, and compares it with the full model.
final class ExitTrial {
  private let model: DecoderModel
  private let routers: TokenRouters
  private let options: RouterOptions
  private let bridges: ExitBridges?
  private let opening: Int
  private let checkpoints: [Int]
  private let scoring: TokenExit
  private var policies: [String: TokenExit] = [:]
  private var full: (prompt: Int, pass: CheckpointPass)?
  private let trace = DepthTrace()

  /// A trial of prompts that all begin with `opening` tokens, which do not count.
  ///
  /// - Throws: `RequestError` if routers or settings do not fit the model, `EngineError`.
  init(
    _ model: DecoderModel, _ routers: TokenRouters, _ options: RouterOptions,
    _ bridges: ExitBridges?, opening: Int
  ) throws {
    self.model = model
    self.routers = routers
    self.options = options
    self.bridges = bridges
    self.opening = opening
    // With a threshold above 1 no row exits.
    let configuration = options.configuration(2, routers)
    scoring = try TokenExit(routers: routers, model: model, configuration: configuration)
    checkpoints = routers.layers.filter {
      $0 + 1 >= configuration.minLayers && $0 + 1 < model.config.layerCount
    }
    guard !checkpoints.isEmpty else {
      throw RequestError(
        "min_layers", expected: "one with which some router is in use",
        found: "\(configuration.minLayers), with routers after layers \(routers.layers)")
    }
  }

  /// Runs the prompt of a row with exits.
  func fill(_ row: inout Exp021.Row, _ tokens: [Int32], _ setting: ExitSetting) throws {
    var context = try model.makeContext(capacity: tokens.count)
    let full = try fullPass(row.prompt, tokens, in: &context)
    let scored = setting.threshold.map { full.exits(above: Float($0)) } ?? full.oracleExits
    let policy = try setting.threshold.map { try self.policy($0, setting.label) } ?? oracle(scored)
    context.removeAll()
    try model.forward(
      PackedTokens(tokens), in: &context, policy: policy, observer: trace, logits: .all)
    fill(&row, compare(context, to: full.logits))
    row.scoredExits = ExitCounts(scored[opening...]).text
    row.scoredExited = scored[opening...].count { $0 >= 0 }
    row.scoredExecutedLayers = scored[opening...].reduce(0) {
      $0 + ($1 < 0 ? model.config.layerCount : $1 + 1)
    }
    row.scoredAgreeing = full.agreeing(scored, from: opening)
  }

  /// Runs the prompt of a row through a placebo: the full model in another number format.
  func fill(_ row: inout Exp021.Row, _ tokens: [Int32], _ other: DecoderModel) throws {
    fill(&row, try TextBaseline(model, tokens).compare(with: other, observer: trace))
    row.scoredExecutedLayers = row.executedLayers
    row.scoredAgreeing = row.agreeing
  }

  private func compare(_ context: borrowing DecoderContext, to base: [Float]) -> [LogitComparison] {
    context.withAllLogits { other in
      base.withUnsafeBufferPointer {
        LogitComparison.rows(base: $0, other: other, width: model.config.vocabularySize)
      }
    }
  }

  /// Fills in the loop's counts and the comparison of the logits.
  private func fill(_ row: inout Exp021.Row, _ comparisons: [LogitComparison]) {
    let counted = opening..<comparisons.count
    let exited = counted.filter { trace.exitLayers[$0] >= 0 }
    row.tokens = counted.count
    row.exits = ExitCounts(trace.exitLayers[counted]).text
    row.exited = exited.count
    row.executedLayers = counted.reduce(0) { $0 + trace.executedLayers(ofRow: $1) }
    row.passRows = comparisons.count
    row.executedRowLayers = trace.executedRowLayers
    row.computedRowLayers = trace.computedRowLayers
    row.filledRowLayers = trace.filledRowLayers
    row.agreeing = counted.count { comparisons[$0].topOneAgrees }
    row.exitedAgreeing = exited.count { comparisons[$0].topOneAgrees }
    row.kl = Bootstrap.mean(counted.map { comparisons[$0].klBaseSkip })
    row.lastAgrees = comparisons.last?.topOneAgrees ?? false
    row.isIdentical = comparisons.allSatisfy(\.isIdentical)
  }

  private func fullPass(
    _ prompt: Int, _ tokens: [Int32], in context: inout DecoderContext
  ) throws -> CheckpointPass {
    if let full, full.prompt == prompt { return full.pass }
    let pass = try CheckpointPass(
      tokens, model, in: &context, checkpoints: checkpoints, scoring: scoring, bridges: bridges)
    full = (prompt, pass)
    return pass
  }

  private func policy(_ threshold: Double, _ label: String) throws -> TokenExit {
    if let known = policies[label] { return known }
    let made = try options.exit(above: threshold, routers, bridges, model)
    policies[label] = made
    return made
  }

  /// The policy with which rows exit after given layers.
  private func oracle(_ exits: [Int]) throws -> TokenExit {
    var exit = try TokenExit(
      schedule: { layer, _, position in exits[position] == layer },
      configuration: options.configuration(2, routers))
    exit.exitBridges = bridges
    return exit
  }
}
