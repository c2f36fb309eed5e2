import AISKit

/// A picture of vectors in the plane that keeps neighbours together (UMAP).
///
/// It uses one thread and one seeded generator, so the same input gives the same bits. Only nearness
/// has a meaning; the distances between groups, their sizes and empty space have none.
///
/// Source: McInnes, Healy and Melville 2018, arXiv 1802.03426. Unlike there, points start from the
/// principal components instead of the graph's spectrum.
public struct NeighborEmbedding: Sendable, Equatable {
  /// How a picture is made.
  public struct Settings: Sendable, Equatable {
    /// How near points may come, in units of the picture.
    public var minimumDistance = 0.1
    /// How often the strongest edges pull.
    public var epochs = 200
    /// How many random points push for each pull.
    public var negativeSamples = 5
    /// The seed of the random draws.
    public var seed: UInt64 = 0

    /// The paper's usual settings.
    public init() {}
  }

  /// The points, x and y.
  ///
  /// Shape: [count, 2], row-major.
  public let points: [Float]

  /// A picture of vectors, from their neighbours among each other.
  ///
  /// - Parameters:
  ///   - neighbors: about 15 neighbours of each vector, without the vector itself.
  ///   - start: where the points start, such as their first two principal components; scaled to
  ///     −10…10. Shape: [count, 2].
  ///   - settings: how the picture is made.
  public init(neighbors: NeighborLists, start: [Float], settings: Settings = Settings()) {
    let count = neighbors.ids.count
    precondition(start.count == 2 * count, "two numbers for each point")
    precondition(settings.epochs > 0 && settings.negativeSamples >= 0, "epochs are counted")
    var generator = SplitMix64(seed: settings.seed)
    let layout = Layout(
      edges: NeighborGraph(neighbors).edges,
      curve: EmbeddingCurve(minimumDistance: settings.minimumDistance), settings: settings)
    var places = Self.scaled(start, &generator)
    places.withUnsafeMutableBufferPointer { layout.run(on: $0, count: count, &generator) }
    points = places.map { Float($0) }
  }

  /// The start scaled to −10…10, with a little noise that separates equal points.
  private static func scaled(_ start: [Float], _ generator: inout SplitMix64) -> [Double] {
    let largest = start.reduce(0) { max($0, abs(Double($1))) }
    let scale = largest > 0 ? 10 / largest : 0
    return start.map { Double($0) * scale + (generator.unit() - 0.5) * 1e-3 }
  }
}

/// Stochastic gradient descent over the edges, each as often as its weight says.
private struct Layout {
  let edges: [NeighborGraph.Edge]
  let curve: EmbeddingCurve
  let settings: NeighborEmbedding.Settings

  /// Source: algorithm 5 of the paper.
  func run(
    on places: UnsafeMutableBufferPointer<Double>, count: Int, _ generator: inout SplitMix64
  ) {
    let strongest = edges.reduce(0) { max($0, $1.weight) }
    // An edge pulls whenever its weight, added up over the epochs, reaches the next integer.
    var due = [Double](repeating: 0, count: edges.count)
    for epoch in 0..<settings.epochs {
      let rate = 1 - Double(epoch) / Double(settings.epochs)
      for (index, edge) in edges.enumerated() {
        due[index] += edge.weight / strongest
        if due[index] < 1 { continue }
        due[index] -= 1
        pull(edge.low, edge.high, rate, places)
        // An undirected edge is one edge in each direction, so both ends are pushed.
        for point in [edge.low, edge.high] {
          for _ in 0..<settings.negativeSamples {
            push(point, generator.index(below: count), rate, places)
          }
        }
      }
    }
  }

  /// Both points towards each other: once for each direction of the edge.
  private func pull(
    _ first: Int, _ second: Int, _ rate: Double, _ places: UnsafeMutableBufferPointer<Double>
  ) {
    for _ in 0..<2 {
      let (x, y) = way(from: second, to: first, places)
      let factor = curve.attraction(squaredDistance: x * x + y * y)
      let (dx, dy) = (rate * clipped(factor * x), rate * clipped(factor * y))
      places[2 * first] += dx
      places[2 * first + 1] += dy
      places[2 * second] -= dx
      places[2 * second + 1] -= dy
    }
  }

  private func push(
    _ point: Int, _ other: Int, _ rate: Double, _ places: UnsafeMutableBufferPointer<Double>
  ) {
    if other == point { return }
    let (x, y) = way(from: other, to: point, places)
    let factor = curve.repulsion(squaredDistance: x * x + y * y)
    places[2 * point] += rate * clipped(factor * x)
    places[2 * point + 1] += rate * clipped(factor * y)
  }

  private func way(
    from second: Int, to first: Int, _ places: UnsafeMutableBufferPointer<Double>
  ) -> (x: Double, y: Double) {
    (places[2 * first] - places[2 * second], places[2 * first + 1] - places[2 * second + 1])
  }

  /// No step is longer than 4 either way.
  private func clipped(_ step: Double) -> Double { max(-4, min(4, step)) }
}
