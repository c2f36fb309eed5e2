import AISKit
import Foundation

/// UMAP's fuzzy graph: the weight with which each pair of neighbours belongs together, 0 to 1.
///
/// Source: McInnes, Healy and Melville 2018, arXiv 1802.03426, algorithms 2 and 3.
package struct NeighborGraph {
  /// Two points that belong together; each pair is listed once, the lower point first.
  package struct Edge: Equatable {
    package let low: Int
    package let high: Int
    package let weight: Double
  }

  package let edges: [Edge]

  package init(_ neighbors: NeighborLists) {
    var directed: [Edge] = []
    for (point, ids) in neighbors.ids.enumerated() {
      let memberships = Self.memberships(neighbors.distances[point].map { Double($0) })
      for (id, weight) in zip(ids, memberships) where id != point {
        directed.append(Edge(low: min(point, id), high: max(point, id), weight: weight))
      }
    }
    // Sorted also by weight, so that the union of the two directions always has the same bits.
    directed.sort { ($0.low, $0.high, $0.weight) < ($1.low, $1.high, $1.weight) }
    var edges: [Edge] = []
    for edge in directed {
      if let last = edges.last, last.low == edge.low, last.high == edge.high {
        let union = last.weight + edge.weight - last.weight * edge.weight
        edges[edges.count - 1] = Edge(low: edge.low, high: edge.high, weight: union)
      } else {
        edges.append(edge)
      }
    }
    self.edges = edges
  }

  /// exp(−(d − nearest) / scale), with the scale that makes the memberships add up to log₂ k.
  ///
  /// The nearest neighbour at a distance above 0 has membership 1, so that no point is isolated. If no
  /// scale fits, as with equal distances, it is a thousandth of their mean.
  package static func memberships(_ distances: [Double]) -> [Double] {
    let nearest = distances.filter { $0 > 0 }.min() ?? 0
    func sum(_ scale: Double) -> Double {
      distances.reduce(0) { $0 + exp(-max(0, $1 - nearest) / scale) }
    }
    let mean = distances.reduce(0, +) / Double(max(1, distances.count))
    let least = max(mean * 1e-3, 1e-12)
    let target = log2(Double(distances.count))
    var high = max(mean, least)
    // The sum rises with the scale towards k, which is above log₂ k.
    while sum(high) < target { high *= 2 }
    let scale =
      sum(least) >= target
      ? least : Distributions.bisect(from: least, to: high) { sum($0) < target }
    return distances.map { exp(-max(0, $0 - nearest) / scale) }
  }
}
