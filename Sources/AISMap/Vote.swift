/// How neighbours are weighted when they vote on a category.
public enum Vote: String, Sendable, Equatable, CaseIterable {
  /// Every neighbour weighs 1.
  case majority
  /// A neighbour's weight falls linearly with its distance: 1 for the nearest, 0 for the farthest.
  ///
  /// If all are equally near, every neighbour weighs 1. The weight is not the cosine itself: hidden
  /// states share most of their direction, so the cosines of the ten nearest are all near 0.995,
  /// and weights by cosine would be almost a majority vote. Measured on 359 prompts of eight
  /// categories (SmolLM2-135M, layer 10, k from 5 to 20, leave-one-out): the confidence
  /// distinguishes right from wrong categories better at every k (area under the ROC curve 0.73 to
  /// 0.75) than with a majority vote or weights by cosine (0.67 to 0.73 and 0.65 to 0.70). The
  /// share of right categories is about the same: 0.54 to 0.56 against 0.51 to 0.56.
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
