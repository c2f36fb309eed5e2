/// What a step does to the residual stream instead of running its block: a bridge, a graft, or another.
///
/// A map works on `StateRows`: on the device by its operations, or on the host by `numbers` and `set`.
/// Equal maps do the same, so that equal plans do.
public protocol ResidualMap: Sendable, Hashable {
  /// What it is, in one word, for a plan's summary: "bridge".
  var kind: String { get }

  /// The layers that it replaces. A plan skips all but the first.
  var run: LayerRun { get }

  /// The halves of its layer's block that it runs itself; none unless it says otherwise.
  var parts: BlockParts { get }

  /// Numbers of weights that it reads at each use, those of the block's halves not included.
  var parameterCount: Int { get }

  /// Changes the rows' states.
  ///
  /// - Throws: an error of the device, or of the map's own.
  func apply(to states: StateRows) throws
}

extension ResidualMap {
  /// None of the block runs unless the map says otherwise.
  public var parts: BlockParts { [] }

  /// None unless the map says otherwise.
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
