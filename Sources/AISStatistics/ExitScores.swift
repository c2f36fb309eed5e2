/// What routers say of rows, all of which ran the whole model.
public struct ExitScores: Sendable, Equatable {
  /// The layers behind which routers stand, rising.
  public let layers: [Int]
  /// Each router's score of each row, in [0, 1].
  ///
  /// Shape: [layers][rows].
  public let values: [[Float]]

  /// Scores by layer.
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

  /// Of each row, the place in `layers` of the router behind which it would leave; `nil`: behind none.
  ///
  /// It leaves behind the first layer whose router's score is above the threshold and by which
  /// `minLayers` layers have run.
  public func exits(threshold: Double, minLayers: Int) -> [Int?] {
    var exits = [Int?](repeating: nil, count: rows)
    for place in layers.indices.reversed() where layers[place] + 1 >= minLayers {
      values[place].withUnsafeBufferPointer { scores in
        for row in scores.indices where scores[row] > Float(threshold) { exits[row] = place }
      }
    }
    return exits
  }

  /// Of each row, the layer behind which it would leave; −1: it would run all.
  public func exitLayers(threshold: Double, minLayers: Int) -> [Int32] {
    exits(threshold: threshold, minLayers: minLayers).map { $0.map { Int32(layers[$0]) } ?? -1 }
  }
}
