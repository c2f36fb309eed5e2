/// Decides, step by step, what a forward pass computes.
///
/// A policy is a value that several passes can use at the same time. What it remembers belongs to the pass:
/// see `Pass.memory`. The simplest policy has a `plan` and nothing else; the defaults below follow it.
public protocol DepthPolicy: Sendable {
  /// What every step does, if that is known before a pass; `nil` if it is decided on the way.
  var plan: DepthPlan? { get }

  /// The layers in the order in which a pass comes to them.
  var path: LayerPath { get }

  /// How rows exit before the last layer; `nil` if all rows run all layers.
  var rowExit: RowExit? { get }

  /// Whether a prompt must come in one pass, because its last row decides about all.
  var readsWholePrompt: Bool { get }

  /// Whether a row that skips a block's attention gives its keys and values there all the same, if steps
  /// are decided row by row. Later rows of its sequence may then run the layer.
  var fillsSkippedRows: Bool { get }

  /// A pass begins; its rows are embedded. What the policy wants to remember goes into `pass.memory`.
  func begin(_ pass: Pass) throws

  /// What happens at `step`.
  ///
  /// A policy that reads the pass's states makes the device finish its work first.
  func action(at step: Step, _ pass: Pass) throws -> StepAction

  /// The last step that does anything, as far as that is known: every later one must skip its block.
  ///
  /// It computes only the rows that get logits.
  func lastActiveStep(_ pass: Pass) -> Int

  /// Throws if the policy does not fit a model of this shape, or would change a step before `firstStep`,
  /// which has run. Called before anything else is computed.
  func validate(for config: ModelConfig, from firstStep: Int) throws
}

extension DepthPolicy {
  /// Nothing is known beforehand unless the policy says otherwise.
  public var plan: DepthPlan? { nil }

  /// The plan's path; each layer once without a plan.
  public var path: LayerPath { plan?.path ?? .once }

  /// No row exits unless the policy says otherwise.
  public var rowExit: RowExit? { nil }

  /// A prompt may come in pieces unless the policy says otherwise.
  public var readsWholePrompt: Bool { false }

  /// Rows that skip give their keys and values unless the policy says otherwise.
  public var fillsSkippedRows: Bool { true }

  /// Remembers nothing.
  public func begin(_ pass: Pass) throws {}

  /// The plan's action; without a plan, every block runs.
  public func action(at step: Step, _ pass: Pass) throws -> StepAction {
    .all(plan?[step.layer] ?? .run)
  }

  /// The plan's last active step; the last step without a plan, or if rows exit, since those that stay need it.
  public func lastActiveStep(_ pass: Pass) -> Int {
    guard rowExit == nil, let plan else { return pass.stepCount - 1 }
    return plan.lastActiveStep(of: pass.layerCount)
  }

  /// Checks the plan and the exit rule.
  public func validate(for config: ModelConfig, from firstStep: Int) throws {
    try plan?.validate(for: config, from: firstStep)
    try path.validate(layerCount: config.layerCount)
    try rowExit?.rule.validate(for: config)
  }
}
