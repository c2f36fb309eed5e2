import AISKit

/// Runs a prompt under three plans that share the layers up to the pivot: full, routed, gold.
final class ValidationTrial {
  private let model: DecoderModel
  private let router: MapRouter
  private let capture: HiddenStateCapture

  init(_ model: DecoderModel, _ router: MapRouter) {
    self.model = model
    self.router = router
    capture = HiddenStateCapture(layers: [router.map.pivot])
  }

  func row(_ prompt: Int, _ category: String, _ tokens: [Int32]) throws -> Exp016.Row {
    var context = try model.makeContext(capacity: tokens.count)
    capture.rows = [tokens.count - 1]
    try model.begin(
      PackedTokens(tokens), in: &context, through: router.map.pivot, observer: capture)
    let route = try router.route(capture.captured[router.map.pivot] ?? [])
    let fork = context.snapshot()
    try model.finish(in: &context)
    let base = context.logits(row: 0)

    let trace = DepthTrace()
    func compare(_ plan: DepthPlan) throws -> LogitComparison {
      context.restore(fork)
      try model.finish(in: &context, policy: plan, observer: trace)
      return LogitComparison(base: base, other: context.logits(row: 0))
    }
    let gold =
      router.map.categories.firstIndex(of: category).map { router.plans[$0] } ?? route.plan
    let routed = try compare(route.plan)
    let executed = router.map.pivot + 1 + trace.executedLayers
    let asGold = gold == route.plan ? routed : try compare(gold)
    return Exp016.Row(
      prompt: prompt, category: category,
      routed: router.map.categories[route.neighborhood.category],
      confidence: route.neighborhood.confidence, isFallback: route.isFallback,
      plan: route.plan.summary, executedLayers: executed, kl: routed.klBaseSkip,
      topOneAgrees: routed.topOneAgrees, topFiveOverlap: Double(routed.topFiveOverlap) / 5,
      goldPlan: gold.summary, goldKL: asGold.klBaseSkip, goldTopOneAgrees: asGold.topOneAgrees)
  }
}
