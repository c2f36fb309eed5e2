import AISHarness
import AISKit

/// Measures the quality of the plans, to judge their speed fairly.
struct QualityTrial {
  /// Longer prompts are left out.
  static let longestPrompt = 256

  let language: LanguageModel
  let plans: [Exp018.NamedPlan]

  func run(in lab: Lab<Exp018.Row>, count: Int) throws {
    let sample = try lab.prompts(count, atMost: Self.longestPrompt, language)
    var base: (prompt: Int, logits: [Float])?
    let items = sample.prompts.indices.flatMap { prompt in plans.map { (prompt, $0) } }
    try lab.measureEach(
      items, "quality: prompts × plans", by: { "\($0.0) \($0.1.name)" },
      rowKey: { "\($0.prompt) \($0.plan)" },
      { prompt, plan in
        let tokens = sample.tokens[prompt]
        if base?.prompt != prompt { base = (prompt, try language.logits(of: tokens)) }
        let comparison = LogitComparison(
          base: base?.logits ?? [], other: try language.logits(of: tokens, policy: plan.plan))
        return Exp018.Row(
          plan: plan.name, prompt: prompt, category: sample.prompts[prompt].category,
          kl: comparison.klBaseSkip, topOneAgrees: comparison.topOneAgrees)
      })
  }
}
