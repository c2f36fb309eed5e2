/// The scores of token-exit routers for rows that ran through all layers.
public struct ExitScores: Sendable, Equatable {
  /// The layers that a router follows, in rising order.
  public let layers: [Int]
  /// Each router's score for each row, in [0, 1].
  ///
  /// Shape: [layers][rows].
  public let values: [[Float]]

  /// Scores of the routers after `layers`.
  ///
  /// Shape: `values` is [layers][rows].
  public init(layers: [Int], values: [[Float]]) {
    precondition(
      layers.count == values.count && Set(values.map(\.count)).count <= 1, "rows that fit")
    precondition(zip(layers, layers.dropFirst()).allSatisfy(<), "rising layers")
    self.layers = layers
    self.values = values
  }

  /// Rows scored.
  public var rows: Int { values.first?.count ?? 0 }

  /// The scores of some rows.
  public func rows(_ range: Range<Int>) -> ExitScores {
    ExitScores(layers: layers, values: values.map { Array($0[range]) })
  }

  /// For each row, the index in `layers` of the layer after which it exits; `nil` if it does not exit.
  ///
  /// A row exits after the first layer whose router's score is above the threshold, once `minLayers`
  /// layers have run.
  public func exits(threshold: Double, minLayers: Int) -> [Int?] {
    var exits = [Int?](repeating: nil, count: rows)
    for place in layers.indices.reversed() where layers[place] + 1 >= minLayers {
      values[place].withUnsafeBufferPointer { scores in
        for row in scores.indices where scores[row] > Float(threshold) { exits[row] = place }
      }
    }
    return exits
  }

  /// For each row, the layer after which it exits; −1 if it runs through all layers.
  public func exitLayers(threshold: Double, minLayers: Int) -> [Int32] {
    exits(threshold: threshold, minLayers: minLayers).map { $0.map { Int32(layers[$0]) } ?? -1 }
  }
}
