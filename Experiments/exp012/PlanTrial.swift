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
  static let bestThird = "hard, the best third"

  /// The plan that leaves out the middle third of the layers, rounded down.
  let third: DepthPlan
  /// The best plan of as many layers that a search on other prompts found.
  let bestThird: DepthPlan
  private let language: LanguageModel
  private let plans: [(name: String, policy: any DepthPolicy)]
  private var baseline: (prompt: Int, logits: [Float])?

  init(_ language: LanguageModel, _ lab: Workbench) throws {
    third = try Self.middleThird(of: language)
    let middle = third.skippedLayers
    bestThird = try .skipping(lab.bestSkip(of: middle.count, language).layers)
    self.language = language
    plans = [
      (Self.alwaysRun, AlwaysRun()), (Self.hardFirst, try DepthPlan.skipping([0])),
      (Self.hardThird, third), (Self.softThird, try DepthPlan.blending(middle, alpha: 0.7)),
      (Self.bestThird, bestThird),
    ]
  }

  static func middleThird(of language: LanguageModel) throws -> DepthPlan {
    let layers = language.decoder.config.layerCount
    return try .skipping(layers / 3..<layers / 3 + max(1, layers / 3))
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
}

/// A policy that runs every layer; its result must equal the full plan's bit for bit.
private struct AlwaysRun: DepthPolicy {
  func action(layer: Int, hidden: borrowing HiddenStates) -> LayerAction { .run }
}
