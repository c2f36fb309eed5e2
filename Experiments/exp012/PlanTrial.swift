import AISHarness
import AISKit

/// Compares each plan with the full one, alone and beside the others.
final class PlanTrial {
  static let alwaysRun = "always run"
  static let hardFirst = "hard, layer 0"
  static let hardThird = "hard, a third"
  static let softThird = "soft 0.7, a third"

  /// The middle third of the layers left out: real thirds, rounded down.
  let third: DepthPlan
  private let language: LanguageModel
  private let plans: [(name: String, policy: any DepthPolicy)]
  private var baselines: [Int: [Float]] = [:]

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
  func row(prompt: Int, text: String, plan name: String) throws -> Exp012.Row {
    guard let policy = plans.first(where: { $0.name == name })?.policy else { return .init() }
    let tokens = try language.promptTokens(text)
    let base = try baselines[prompt] ?? language.logits(of: tokens)
    baselines = [prompt: base]
    let (alone, executed) = try run(tokens, policy)
    let comparison = LogitComparison(base: base, other: alone)
    let together = Pair { [self] in
      $0 == 0 ? try? language.logits(of: tokens) : try? run(tokens, policy).logits
    }
    return Exp012.Row(
      prompt: prompt, plan: name, executedLayers: executed, klBaseSkip: comparison.klBaseSkip,
      topOneAgrees: comparison.topOneAgrees, largestDifference: comparison.largestDifference,
      isIdentical: comparison.isIdentical,
      isUndisturbed: together.first == base && together.second == alone)
  }
}
