import AISKit
import TestSupport

/// Decides row by row, by layer, sequence and position.
struct RowPolicy: DepthPolicy {
  typealias Choice = @Sendable (_ layer: Int, _ sequence: Int, _ position: Int) -> LayerAction

  var fillsSkippedRows = true
  var rowExit: RowExit?
  let choose: Choice

  init(fills: Bool = true, rowExit: RowExit? = nil, _ choose: @escaping Choice) {
    (fillsSkippedRows, self.rowExit, self.choose) = (fills, rowExit, choose)
  }

  func action(at step: Step, _ pass: Pass) -> StepAction {
    .rows(
      (0..<pass.rowCount).map { row in
        let (sequence, position) = pass.place(of: row)
        return choose(step.layer, sequence, position)
      })
  }
}

extension DecoderContext {
  /// A copy of the last pass's logits.
  borrowing func allLogits() -> [[Float]] { (0..<logitRows).map { logits(row: $0) } }
}

extension DecoderModel {
  /// The logits of a pass over fresh sequences.
  func logits(
    of texts: [[Int32]], _ policy: some DepthPolicy = DepthPlan.full,
    observer: (any ForwardObserver)? = nil, rows: LogitRows = .all
  ) throws -> [[Float]] {
    var context = try makeContext(
      sequences: texts.count, capacity: texts.map(\.count).max() ?? 1, path: policy.path)
    try forward(
      PackedTokens(texts), in: &context, policy: policy, observer: observer, logits: rows)
    return context.allLogits()
  }

  /// The logits of every position of a text that is computed token by token.
  func logitsTokenByToken(
    of text: [Int32], _ policy: some DepthPolicy = DepthPlan.full
  ) throws -> [[Float]] {
    var context = try makeContext(capacity: text.count, path: policy.path)
    return try text.map { token in
      try forward(PackedTokens([token]), in: &context, policy: policy)
      return context.logits(row: 0)
    }
  }
}
