/// Counts what the loop did in its last pass, as the loop reported it: nothing is inferred.
///
/// Of a pass that is done in parts, every part is traced.
public final class DepthTrace: ForwardObserver {
  /// Blocks computed, whole or in part, for any row; blended ones included.
  public private(set) var executedLayers = 0
  /// Attentions computed.
  public private(set) var executedAttentions = 0
  /// Feed-forward networks computed.
  public private(set) var executedFeedForwards = 0
  /// Rows times blocks, computed whole or in part: of rows that had not left.
  public private(set) var executedRowLayers = 0
  /// Rows times blocks, those of rows that had left and were still computed included.
  public private(set) var computedRowLayers = 0
  /// Rows times layers of which keys and values alone were computed, for rows that had left.
  public private(set) var filledRowLayers = 0
  /// The layer behind which each row of the batch left; −1 of one that ran all.
  ///
  /// Shape: [rows].
  public private(set) var exitLayers: [Int] = []
  /// Rows that each computed block had: those that had not left, and all that it computed.
  public private(set) var rowsOfLayers: [(layer: Int, active: Int, computed: Int)] = []
  private var depths: [Int?] = []

  /// A trace that has seen nothing.
  public init() {}

  /// Counts alone are of interest.
  public var readsHiddenStates: Bool { false }

  /// A pass begins.
  public func embedded(_ hidden: borrowing HiddenStates) {
    (executedLayers, executedAttentions, executedFeedForwards) = (0, 0, 0)
    (executedRowLayers, computedRowLayers, filledRowLayers) = (0, 0, 0)
    exitLayers = Array(repeating: -1, count: hidden.rows)
    depths = Array(repeating: nil, count: hidden.rows)
    rowsOfLayers.removeAll(keepingCapacity: true)
  }

  /// Counts a layer unless it was left out.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) {
    if action.runsAttention { executedAttentions += 1 }
    if action.runsFeedForward { executedFeedForwards += 1 }
    guard !action.leavesOutBlock else { return }
    let active = hidden.rowsBefore - hidden.leftBefore
    executedLayers += 1
    executedRowLayers += active
    computedRowLayers += hidden.rowsBefore
    rowsOfLayers.append((layer, active, hidden.rowsBefore))
  }

  /// Notes where rows left.
  public func left(layer: Int, rows: [Int]) {
    for row in rows where row < exitLayers.count {
      exitLayers[row] = layer
      depths[row] = executedLayers
    }
  }

  /// Counts keys and values computed for rows that had left.
  public func filled(layer: Int, rows: Int) { filledRowLayers += rows }

  /// Blocks that were computed for a row of the batch before it left.
  public func executedLayers(ofRow row: Int) -> Int {
    row < depths.count ? depths[row] ?? executedLayers : executedLayers
  }
}
