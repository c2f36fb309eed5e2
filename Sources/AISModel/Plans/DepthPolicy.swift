/// Decides, step by step, what a forward pass computes.
///
/// A policy is a value that several passes can use at the same time. What it remembers is stored in
/// the pass (`Pass.memory`). The simplest policy has only a `plan`. The defaults below follow that
/// plan.
public protocol DepthPolicy: Sendable {
  /// What every step does, if that is known before the pass; `nil` if it is decided during the
  /// pass.
  var plan: DepthPlan? { get }

  /// The layers in the order in which a pass reaches them.
  var path: LayerPath { get }

  /// How rows exit before the last layer; `nil` if no row exits.
  var rowExit: RowExit? { get }

  /// Whether a prompt must be computed in one pass, because its last row decides for all its rows.
  var readsWholePrompt: Bool { get }

  /// Whether a row that skips a block's attention still stores keys and values there. It applies to
  /// steps that are decided row by row. Later rows of the sequence may then run the layer.
  var fillsSkippedRows: Bool { get }

  /// Called when a pass begins, after its rows are embedded. The policy may store what it remembers
  /// in `pass.memory`.
  func begin(_ pass: Pass) throws

  /// The action of `step`.
  ///
  /// If the policy reads the pass's states, it waits for the device.
  func action(at step: Step, _ pass: Pass) throws -> StepAction

  /// The last step that may do anything, as far as that is known. Every later step must skip its
  /// block.
  ///
  /// This step computes only the rows that get logits.
  func lastActiveStep(_ pass: Pass) -> Int

  /// Throws if the policy does not fit a model of this shape, or would change a step before
  /// `firstStep`, which has already run. Called before anything is computed.
  func validate(for config: ModelConfig, from firstStep: Int) throws
}

extension DepthPolicy {
  /// By default no plan is known before the pass.
  public var plan: DepthPlan? { nil }

  /// The plan's path; without a plan, each layer once.
  public var path: LayerPath { plan?.path ?? .once }

  /// By default no row exits.
  public var rowExit: RowExit? { nil }

  /// By default a prompt may be computed in several passes.
  public var readsWholePrompt: Bool { false }

  /// By default rows that skip the attention store keys and values.
  public var fillsSkippedRows: Bool { true }

  /// By default nothing is remembered.
  public func begin(_ pass: Pass) throws {}

  /// The plan's action; without a plan, every block runs.
  public func action(at step: Step, _ pass: Pass) throws -> StepAction {
    .all(plan?[step.layer] ?? .run)
  }

  /// The plan's last active step.
  ///
  /// Without a plan it is the last step. With row exit it is the last step too, because the
  /// remaining rows need it.
  public func lastActiveStep(_ pass: Pass) -> Int {
    guard rowExit == nil, let plan else { return pass.stepCount - 1 }
    return plan.lastActiveStep(of: pass.layerCount)
  }

  /// Checks the plan and the exit rule.
  public func validate(for config: ModelConfig, from firstStep: Int) throws {
    try plan?.validate(for: config, from: firstStep)
    try path.validate(layerCount: config.layerCount)
    try rowExit?.validate(for: config)
  }
}
