/// What happens to the residual stream at one layer.
public enum LayerAction: Sendable {
  /// The block runs.
  case run
  /// The block is skipped: the residual stream passes unchanged.
  case skip
  /// The block's attention is skipped; its feed-forward network runs.
  case skipAttention
  /// The block's feed-forward network is skipped; its attention runs.
  case skipFeedForward
  /// The block runs and is blended with its input: h ← α·block(h) + (1 − α)·h, 0 < α < 1.
  case blend(alpha: Float)
  /// A map replaces the block, or a run of blocks that begins here.
  case replace(any ResidualMap)

  /// The halves of the block that are computed.
  public var parts: BlockParts {
    switch self {
    case .run, .blend: .both
    case .skip: []
    case .skipAttention: .feedForward
    case .skipFeedForward: .attention
    case .replace(let map): map.parts
    }
  }

  /// True if nothing of the block is computed.
  public var leavesOutBlock: Bool { parts.isEmpty }

  /// True if the attention is computed, and so keys and values are kept.
  public var runsAttention: Bool { parts.contains(.attention) }
}

extension LayerAction: Hashable {
  /// True for actions that do the same.
  public static func == (left: LayerAction, right: LayerAction) -> Bool {
    switch (left, right) {
    case (.run, .run), (.skip, .skip), (.skipAttention, .skipAttention),
      (.skipFeedForward, .skipFeedForward):
      true
    case (.blend(let first), .blend(let second)): first == second
    case (.replace(let first), .replace(let second)): first.isEqual(to: second)
    default: false
    }
  }

  /// Hashes the kind of action and its values.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .run: hasher.combine(0)
    case .skip: hasher.combine(1)
    case .skipAttention: hasher.combine(2)
    case .skipFeedForward: hasher.combine(3)
    case .blend(let alpha):
      hasher.combine(4)
      hasher.combine(alpha)
    case .replace(let map):
      hasher.combine(5)
      hasher.combine(map)
    }
  }
}

/// What a step does: the same to all rows, or an action for each row.
public enum StepAction: Sendable, Equatable {
  /// The same for every row.
  case all(LayerAction)
  /// An action for each computed row, in the order of the pass's rows. Actions of exited rows are
  /// ignored.
  case rows([LayerAction])

  /// The halves of the block that are computed for any row.
  public var parts: BlockParts {
    switch self {
    case .all(let action): action.parts
    case .rows(let actions): actions.reduce(into: []) { $0.formUnion($1.parts) }
    }
  }

  /// The rows that have each action, in the order in which the actions first appear.
  ///
  /// Exited rows are not included.
  static func groups(
    _ actions: [LayerAction], hasExited: [Bool]
  ) -> [(action: LayerAction, rows: [Int])] {
    var groups: [(action: LayerAction, rows: [Int])] = []
    for (row, action) in actions.enumerated() where !hasExited[row] {
      if let place = groups.firstIndex(where: { $0.action == action }) {
        groups[place].rows.append(row)
      } else {
        groups.append((action, [row]))
      }
    }
    return groups
  }
}
