/// Counts what the loop did in the last pass, from the loop's own reports.
///
/// If a pass is done in parts, all parts are counted.
public final class DepthTrace: ForwardObserver {
  /// Blocks computed, whole or in part, for any row.
  ///
  /// Blended blocks are included.
  public private(set) var executedLayers = 0
  /// Attentions computed.
  public private(set) var executedAttentions = 0
  /// Feed-forward networks computed.
  public private(set) var executedFeedForwards = 0
  /// Block computations of rows that had not exited: for each block, whole or in part, its rows.
  public private(set) var executedRowLayers = 0
  /// Block computations of all computed rows, also of rows that had exited and were still computed.
  public private(set) var computedRowLayers = 0
  /// Keys and values computed for rows that do not run a layer's attention: for each layer, its
  /// filled rows.
  public private(set) var filledRowLayers = 0
  /// The layer after which each row of the batch exited; −1 for rows that did not exit.
  ///
  /// Shape: [rows].
  public private(set) var exitLayers: [Int] = []
  /// Row counts of each computed block: rows that had not exited, and all computed rows.
  public private(set) var rowsOfLayers: [(layer: Int, active: Int, computed: Int)] = []
  /// What each step computed.
  public private(set) var work: [StepWork] = []
  /// Blocks computed before each row exited.
  private var depths: [Int?] = []
  /// Computed blocks that each row skipped before it exited.
  private var skipped: [Int] = []

  /// An empty trace.
  public init() {}

  /// A trace reads no hidden states.
  public var readsHiddenStates: Bool { false }

  /// Starts the counts anew.
  public func embedded(_ hidden: borrowing HiddenStates) {
    (executedLayers, executedAttentions, executedFeedForwards) = (0, 0, 0)
    (executedRowLayers, computedRowLayers, filledRowLayers) = (0, 0, 0)
    exitLayers = Array(repeating: -1, count: hidden.rows)
    depths = Array(repeating: nil, count: hidden.rows)
    skipped = Array(repeating: 0, count: hidden.rows)
    rowsOfLayers.removeAll(keepingCapacity: true)
    work.removeAll(keepingCapacity: true)
  }

  /// Counts a step unless its block was skipped.
  public func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) {
    let parts = action.parts
    if parts.contains(.attention) { executedAttentions += 1 }
    if parts.contains(.feedForward) { executedFeedForwards += 1 }
    let active = activeRows(action, hidden)
    var computed = hidden.rowsBefore
    switch action {
    case .all(let own):
      work.append(
        StepWork(
          step, own, rows: active, outputRows: hidden.rows - hidden.exitedRows))
    case .rows(let actions):
      computed = active
      for (own, rows) in StepAction.groups(actions, hasExited: hidden.hasExited)
      where own != .skip {
        work.append(StepWork(step, own, rows: rows.count, outputRows: rows.count))
      }
    }
    guard !parts.isEmpty else { return }
    if case .rows(let actions) = action {
      for (row, own) in actions.enumerated()
      where own.leavesOutBlock && hidden.batchRows[row] < skipped.count {
        skipped[hidden.batchRows[row]] += 1
      }
    }
    executedLayers += 1
    executedRowLayers += active
    computedRowLayers += computed
    rowsOfLayers.append((step.layer, active, computed))
  }

  /// Rows that a step computed, without rows that had exited.
  private func activeRows(_ action: StepAction, _ hidden: borrowing HiddenStates) -> Int {
    guard case .rows(let actions) = action else { return hidden.rowsBefore - hidden.exitedBefore }
    return actions.indices.count { !actions[$0].leavesOutBlock && !hidden.hasExited[$0] }
  }

  /// Notes where rows exited.
  public func exited(layer: Int, rows: [Int]) {
    for row in rows where row < exitLayers.count {
      exitLayers[row] = layer
      depths[row] = executedLayers - skipped[row]
    }
  }

  /// Counts keys and values computed for rows that do not run the attention.
  public func filled(layer: Int, rows: Int) {
    filledRowLayers += rows
    work.append(
      StepWork(layer: layer, parts: .attention, mapParameters: 0, rows: rows, outputRows: 0))
  }

  /// Blocks that were computed for a row of the batch before it exited.
  public func executedLayers(ofRow row: Int) -> Int {
    guard row < depths.count else { return executedLayers }
    return depths[row] ?? executedLayers - skipped[row]
  }
}
