/// What a neighbour's voice weighs when neighbours decide on a category.
public enum Vote: String, Sendable, Equatable, CaseIterable {
  /// Every voice counts one.
  case majority
  /// A voice counts by how much nearer it is than the farthest neighbour, which only sets the
  /// scale; where all are equally near, every voice counts one.
  ///
  /// Not the cosine itself: hidden states share most of their direction, so the ten nearest of a
  /// probe all lie near 0.995, and weighing by that is a majority vote under another name. Measured
  /// on 359 prompts of eight categories (SmolLM2-135M, layer 10, k from 5 to 20, one prompt left
  /// out): the confidence tells right from wrong better than that of either other vote at every k
  /// (area under the curve 0.73 to 0.75, against 0.67 to 0.73 and 0.65 to 0.70). The share of right
  /// categories hardly differs: 0.54 to 0.56 against 0.51 to 0.56.
  ///
  /// Source: Dudani 1976, "The distance-weighted k-nearest-neighbor rule", equation 1.
  case weighted

  /// The weights of neighbours, nearest first.
  func weights(of neighbors: [Neighborhood.Neighbor]) -> [Double] {
    guard self == .weighted, let nearest = neighbors.first, let farthest = neighbors.last,
      nearest.similarity > farthest.similarity
    else { return neighbors.map { _ in 1 } }
    let scale = Double(nearest.similarity) - Double(farthest.similarity)
    return neighbors.map { (Double($0.similarity) - Double(farthest.similarity)) / scale }
  }
}
