/// Changes the residual stream in a step that does not simply run its block: a bridge, a graft or
/// another map.
///
/// A map works on `StateRows`: on the device by their operations, or on the host by `numbers` and
/// `set`. Equal maps must do the same, because plans with equal maps count as equal.
public protocol ResidualMap: Sendable, Hashable {
  /// The map's kind in one word, for a plan's summary: "bridge".
  var kind: String { get }

  /// The layers that it replaces. The map is the action of the first layer. The plan skips the
  /// others.
  var run: LayerRun { get }

  /// The halves of its layer's block that it runs itself; none by default.
  var parts: BlockParts { get }

  /// Weights that it reads at each use, without the weights of the block's halves.
  var parameterCount: Int { get }

  /// Changes the rows' states.
  ///
  /// - Throws: an error of the device, or of the map's own.
  func apply(to states: StateRows) throws
}

extension ResidualMap {
  /// By default no half of the block runs.
  public var parts: BlockParts { [] }

  /// By default 0.
  public var parameterCount: Int { 0 }

  /// Whether another map, of whatever type, is equal.
  func isEqual(to other: any ResidualMap) -> Bool { (other as? Self) == self }
}

/// The halves of a block.
public struct BlockParts: OptionSet, Sendable, Hashable {
  /// The attention half.
  public static let attention = BlockParts(rawValue: 1)
  /// The feed-forward half.
  public static let feedForward = BlockParts(rawValue: 2)
  /// Both halves.
  public static let both: BlockParts = [.attention, .feedForward]

  /// The halves as bits.
  public let rawValue: Int

  /// Halves from bits.
  public init(rawValue: Int) { self.rawValue = rawValue }
}
