import AISHarness
import AISKit
import ArgumentParser

/// What decides which layers a variant does not run.
enum SuitePolicy: String, CaseIterable, ExpressibleByArgument {
  /// One plan for all items.
  case plan
  /// The topological map, for each prompt.
  case map
  /// Exit routers, for each token.
  case exit

  /// Refuses options that belong to another policy and would do nothing.
  ///
  /// - Throws: `ValidationError` that names the first of them.
  func refuseOthersOptions(
    _ depth: DepthOptions, _ skip: SkipOptions, _ exit: RouterOptions, _ readout: ReadoutOptions
  ) throws {
    let given: [(option: String, isGiven: Bool, policies: Set<SuitePolicy>)] = [
      ("--k-skip", skip.kSkip != nil, [.map]), ("--groups", skip.groups != nil, [.map]),
      ("--threshold", skip.threshold != nil, [.map]),
      ("--confidence", skip.confidence > 0, [.map]),
      ("--neighbors", try skip.neighbors != SkipOptions.parse([]).neighbors, [.map]),
      ("--budget", skip.budget != nil, [.plan, .map]),
      ("--layers", skip.layers != nil, [.plan, .map]),
      ("--mode", depth.mode != .hard, [.plan, .map]),
      ("--router", exit.router != nil, [.exit]),
      ("--thresholds", exit.thresholds != nil, [.exit]),
      ("--min-layers", exit.minLayers != nil, [.exit]),
      ("--kv-fill", exit.kvFill != nil, [.exit]),
      ("--readout", readout.readout != .head, [.exit]),
    ]
    for option in given where option.isGiven && !option.policies.contains(self) {
      let others = option.policies.map(\.rawValue).sorted().joined(separator: " or ")
      throw ValidationError(
        "\(option.option) means something with --policy \(others) only, not \(rawValue)")
    }
    for (option, count) in [("--budget", skip.budget), ("--k-skip", skip.kSkip)] where count == 0 {
      throw ValidationError("\(option) 0: expected at least 1, so that something is left out")
    }
    if self == .exit, exit.thresholds?.contains(",") == true {
      throw ValidationError("--thresholds: expected one threshold here")
    }
  }
}

/// The policy that is put beside the full model.
enum SuiteVariant {
  /// The same plan for every item.
  case plan(DepthPlan)
  /// The plan that the map finds for a prompt.
  case routed(MapRouter)
  /// Tokens exit above a threshold, after some of the layers.
  case exit(TokenExit, above: Double, after: [Int])

  /// The tokens of a document by which the map chooses its plan.
  private static let routedTokens = 256

  /// In a few words.
  var summary: String {
    switch self {
    case .plan(let plan): plan.summary
    case .routed(let router):
      "by the map: " + Set(router.plans.map(\.summary)).sorted().joined(separator: "; ")
    case .exit(_, let threshold, let layers):
      "tokens exit above \(threshold.shown(.decimals(3))) after layers "
        + layers.map(String.init).joined(separator: ", ")
    }
  }

  /// Compares answers under the full model and under this variant.
  func scorer(_ model: DecoderModel) throws -> ChoiceScorer {
    switch self {
    case .plan(let plan): try ChoiceScorer(model: model, policy: plan)
    case .exit(let exit, _, _): try ChoiceScorer(model: model, policy: exit)
    case .routed(let router):
      try ChoiceScorer(model: model, pivot: router.map.pivot) { try router.route($0).plan }
    }
  }

  /// The policy for texts that the model goes on with.
  var generating: any DepthPolicy {
    switch self {
    case .plan(let plan): plan
    case .exit(let exit, _, _): exit
    case .routed(let router): router
    }
  }

  /// The policy for a whole document.
  ///
  /// The map chooses its plan by the document's beginning.
  func reading(_ document: [Int32], _ model: DecoderModel) throws -> any DepthPolicy {
    guard case .routed(let router) = self else { return generating }
    let beginning = Array(document.prefix(Self.routedTokens))
    var context = try model.makeContext(capacity: beginning.count)
    return try router.forward(beginning, model: model, in: &context, logits: .none).plan
  }
}
