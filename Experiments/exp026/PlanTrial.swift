import AISHarness
import AISKit

/// Runs prompts under every plan.
///
/// The layers up to the pivot are computed once; the prompt routers use their output.
final class PlanTrial {
  private let model: DecoderModel
  private let candidates: CandidatePlans
  private let routers: PromptRouters
  private let opening: Int
  private let capture: HiddenStateCapture
  private var context: DecoderContext

  /// A trial of prompts of up to `capacity` tokens, of which the first `opening` do not count.
  ///
  /// - Throws: what a context throws.
  init(
    _ model: DecoderModel, _ candidates: CandidatePlans, _ routers: PromptRouters, capacity: Int,
    opening: Int
  ) throws {
    (self.model, self.candidates, self.routers) = (model, candidates, routers)
    self.opening = opening
    capture = HiddenStateCapture(layers: [routers.map.pivot])
    context = try model.makeContext(capacity: capacity)
  }

  /// Makes the rows of a split's prompts, one for each plan.
  ///
  /// - Throws: what a forward pass, a look-up and keeping rows throw.
  func run(
    _ split: Split, _ draw: PromptDraw, choosing direct: PlanClassifier? = nil,
    in lab: Lab<Exp026.Row>
  ) throws {
    try lab.measureEach(
      Array(draw.prompts.indices), of: candidates.all.count,
      "\(split.rawValue): prompts × plans",
      by: { "\(split.rawValue) \($0) \(candidates.all[$1].plan.summary)" },
      rowKey: { "\($0.split) \($0.prompt) \($0.plan)" },
      { prompt in
        var row = Exp026.Row()
        (row.split, row.prompt) = (split.rawValue, prompt)
        row.category = draw.prompts[prompt].category
        return try rows(row, draw.tokens[prompt], direct)
      })
  }

  /// A prompt's rows, from a template row that identifies the prompt.
  private func rows(
    _ prompt: Exp026.Row, _ tokens: [Int32], _ direct: PlanClassifier?
  ) throws -> [Exp026.Row] {
    let pivot = routers.map.pivot
    context.removeAll()
    capture.rows = [tokens.count - 1]
    try model.begin(PackedTokens(tokens), in: &context, through: pivot, observer: capture)
    let fork = context.snapshot()
    let routed = try route(prompt, capture.captured[pivot] ?? [], direct)
    try model.finish(in: &context, logits: .all)
    let skipped = opening * model.config.vocabularySize
    let base = context.withAllLogits { Array($0[skipped...]) }
    return try candidates.all.map { candidate in
      context.restore(fork)
      // A trace restarts only with a whole pass, and this is the end of one.
      let trace = DepthTrace()
      try model.finish(in: &context, policy: candidate.plan, observer: trace, logits: .all)
      var row = routed
      row.plan = candidate.plan.summary
      row.executedLayers = pivot + 1 + trace.executedLayers
      fill(&row, context.withAllLogits { compare(base, with: $0[skipped...]) })
      return row
    }
  }

  private func route(
    _ prompt: Exp026.Row, _ probe: [Float], _ direct: PlanClassifier?
  ) throws -> Exp026.Row {
    var row = prompt
    (row.neighborCategory, row.confidence) = try routers.neighbors(probe)
    row.classifierCategory = try routers.classifier(probe)
    row.ablationPlan =
      candidates.made[row.category].map { candidates.all[$0].plan.summary } ?? ""
    row.directPlan = try direct?.plan(of: probe) ?? ""
    return row
  }

  private func compare(
    _ base: [Float], with other: Slice<UnsafeBufferPointer<Float>>
  ) -> [LogitComparison] {
    base.withUnsafeBufferPointer {
      LogitComparison.rows(
        base: $0, other: UnsafeBufferPointer(rebasing: other), width: model.config.vocabularySize)
    }
  }

  private func fill(_ row: inout Exp026.Row, _ comparisons: [LogitComparison]) {
    row.tokens = comparisons.count
    row.agreeing = comparisons.count(where: \.topOneAgrees)
    row.kl = Bootstrap.mean(comparisons.map(\.klBaseSkip))
    row.lastAgrees = comparisons.last?.topOneAgrees ?? false
    row.lastKL = comparisons.last?.klBaseSkip ?? .nan
  }
}
