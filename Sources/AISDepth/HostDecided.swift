/// A policy that does what another does, but says no plan beforehand.
///
/// So the host decides step by step, and no pass is recorded: the reference for passes that a device
/// runs by itself.
package struct HostDecided<Policy: DepthPolicy>: DepthPolicy {
  private let policy: Policy

  package init(_ policy: Policy) { self.policy = policy }

  package var rowExit: RowExit? { policy.rowExit }

  package func action(at step: Step, _ pass: Pass) throws -> StepAction {
    .all(policy.plan?[step.layer] ?? .run)
  }
}

extension DecoderModel {
  /// As `decode`, with the host between all passes.
  package func decodeSingly(
    _ tokens: [Int32], count: Int, given: [[Int32]] = [], in context: inout DecoderContext,
    policy: some DepthPolicy = DepthPlan.full
  ) throws -> [DecodedPass] {
    try decode(
      tokens, count: count, given: given, in: &context, policy: HostDecided(policy))
  }
}
