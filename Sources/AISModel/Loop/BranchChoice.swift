/// Between which segments a recorded pass branches.
///
/// A branch takes time even if the segments after it run. Without it, they are computed though all rows
/// have exited. Which is cheaper depends on how deep the last passes went. Results don't depend on it.
package struct BranchChoice {
  /// The segments that run or are left out together.
  ///
  /// There is a branch before each unit but the first.
  package private(set) var units: [Range<Int>]
  /// How long each segment takes, in bytes of weights that could be read.
  private let costs: [Double]
  /// The share of passes that needed the first `index + 1` segments alone.
  private var shares: [Double]
  private var passes = 0.0

  /// What a branch takes: about 20 µs on an H200, in which it reads this many bytes.
  private static let branchBytes = 80e6
  /// What the smallest block takes: about 12 µs.
  private static let leastBytes = 48e6
  /// Passes after which those before count half.
  private static let memory = 16.0
  /// Part of a pass's cost that another choice must save.
  private static let gain = 0.01

  /// A branch between all segments, until passes have been seen.
  ///
  /// Shape: blockBytes [segments][blocks]: the weights of each block.
  package init(_ blockBytes: [[Int]]) {
    costs = blockBytes.map { $0.reduce(0) { $0 + max(Double($1), Self.leastBytes) } }
    units = costs.indices.map { $0..<$0 + 1 }
    shares = costs.map { _ in 0 }
  }

  /// Chooses anew, with passes that needed so many first segments.
  package mutating func learn(_ depths: [Int]) {
    guard !depths.isEmpty else { return }
    let weight = Double(depths.count)
    let kept = min(passes, Self.memory * Self.memory / (Self.memory + weight))
    for place in shares.indices {
      let own = Double(depths.count { $0 == place + 1 })
      shares[place] = (shares[place] * kept + own) / (kept + weight)
    }
    passes = kept + weight
    let best = cheapest()
    if cost(units) - cost(best) > Self.gain * costs.reduce(0, +) { units = best }
  }

  /// What some units cost beyond the segments that are needed.
  private func cost(_ units: [Range<Int>]) -> Double {
    units.reduce(0) { $0 + cost($1) }
  }

  /// A unit's branch, and its segments that passes did not need though they needed its first.
  private func cost(_ unit: Range<Int>) -> Double {
    unit.reduce(unit.lowerBound > 0 ? Self.branchBytes : 0) { sum, last in
      sum + shares[last] * costs[(last + 1)..<unit.upperBound].reduce(0, +)
    }
  }

  /// The cheapest units.
  private func cheapest() -> [Range<Int>] {
    // The cheapest units of the first segments, by their number.
    var best: [(cost: Double, units: [Range<Int>])] = [(0, [])]
    for end in 1...costs.count {
      let choices = (0..<end).map { begin in
        (best[begin].cost + cost(begin..<end), best[begin].units + [begin..<end])
      }
      best.append(choices.min { $0.0 < $1.0 } ?? (0, []))
    }
    return best[costs.count].units
  }
}
