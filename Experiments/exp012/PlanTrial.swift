import AISHarness
import AISKit
import Dispatch
import Synchronization

/// Compares each plan with the full one, run alone and at the same time.
final class PlanTrial {
  static let alwaysRun = "always run"
  static let hardFirst = "hard, layer 0"
  static let hardThird = "hard, a third"
  static let softThird = "soft 0.7, a third"

  /// The plan that leaves out the middle third of the layers, rounded down.
  let third: DepthPlan
  private let language: LanguageModel
  private let plans: [(name: String, policy: any DepthPolicy)]
  private var baseline: (prompt: Int, logits: [Float])?

  init(_ language: LanguageModel) throws {
    let layers = language.decoder.config.layerCount
    let middle = layers / 3..<layers / 3 + max(1, layers / 3)
    third = try .skipping(middle)
    self.language = language
    plans = [
      (Self.alwaysRun, AlwaysRun()), (Self.hardFirst, try DepthPlan.skipping([0])),
      (Self.hardThird, third), (Self.softThird, try DepthPlan.blending(middle, alpha: 0.7)),
    ]
  }

  var names: [String] { plans.map(\.name) }

  /// One prompt under one plan, computed alone, then at the same time as the full plan.
  func row(prompt: Int, text: String, plan: Int) throws -> Exp012.Row {
    let (name, policy) = plans[plan]
    let tokens = try language.tokens(ofMessage: text)
    if baseline?.prompt != prompt { baseline = (prompt, try language.logits(of: tokens)) }
    let base = baseline?.logits ?? []
    let trace = DepthTrace()
    let alone = try language.logits(of: tokens, policy: policy, observer: trace)
    let comparison = LogitComparison(base: base, other: alone)
    let together = try sameTime([DepthPlan.full, policy], tokens)
    return Exp012.Row(
      prompt: prompt, plan: name, executedLayers: trace.executedLayers,
      klBaseSkip: comparison.klBaseSkip, topOneAgrees: comparison.topOneAgrees,
      largestDifference: comparison.largestDifference, isIdentical: comparison.isIdentical,
      isUndisturbed: together == [base, alone])
  }

  /// Runs each policy on its own thread, on one model.
  private func sameTime(_ policies: [any DepthPolicy], _ tokens: [Int32]) throws -> [[Float]] {
    let results = Mutex<[Int: Result<[Float], any Error>]>([:])
    let language = language
    DispatchQueue.concurrentPerform(iterations: policies.count) { index in
      let result = Result { try language.logits(of: tokens, policy: policies[index]) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { found in
      try policies.indices.compactMap { try found[$0]?.get() }
    }
  }

  /// The figures of each plan over all prompts.
  func summarize(in lab: Lab<Exp012.Row>) {
    for name in names {
      let rows = lab.rows.filter { $0.plan == name }
      let key = name.filter { $0.isLetter || $0.isNumber || $0 == " " }.replacing(" ", with: "_")
      let divergence = Bootstrap().mean(of: rows.map(\.klBaseSkip))
      let agreement = Proportion(of: rows.map(\.topOneAgrees))
      lab.summarize(
        SummaryValue(
          "kl_\(key)", divergence.value, in: divergence.interval, unit: "nats",
          "\(name): mean KL",
          compare: .absolute(1e-3), show: .decimals(4)))
      lab.summarize(
        SummaryValue(
          "top1_\(key)", agreement.rate, in: agreement.wilson(),
          "\(name): top-1 agreement, n = \(rows.count)",
          show: .percent(1)))
    }
  }
}

/// A policy that runs every layer; its result must equal the full plan's bit for bit.
private struct AlwaysRun: DepthPolicy {
  func action(layer: Int, hidden: borrowing HiddenStates) -> LayerAction { .run }
}
