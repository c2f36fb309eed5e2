/// What a neighbour's voice weighs when neighbours decide on a category.
public enum Vote: String, Sendable, Equatable, CaseIterable {
  /// Every voice counts one.
  case majority
  /// A voice counts as much as the cosine of its angle, and nothing below 0.
  case weighted

  /// The weights of neighbours, nearest first.
  func weights(of neighbors: [Neighborhood.Neighbor]) -> [Double] {
    switch self {
    case .majority: neighbors.map { _ in 1 }
    case .weighted: neighbors.map { max(0, Double($0.similarity)) }
    }
  }
}
