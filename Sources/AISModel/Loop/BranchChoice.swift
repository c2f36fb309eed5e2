/// Between which stretches of steps a recorded pass branches.
///
/// A branch takes time even if the steps after it run. Without it, they are computed though all rows
/// have exited. Which is cheaper depends on how deep the last passes went. Results don't depend on it.
package struct BranchChoice {
  /// The stretches that run or are left out together.
  ///
  /// There is a branch before each segment but the first.
  package private(set) var segments: [Range<Int>]
  /// How long each stretch takes, in bytes of weights that could be read.
  private let costs: [Double]
  /// The share of passes that needed the first `index + 1` stretches alone.
  private var shares: [Double]
  private var passes = 0.0

  /// What a branch takes: an estimate of 20 µs on an H200, in which it reads this many bytes.
  private static let branchBytes = 80e6
  /// What the smallest block takes: about 12 µs.
  private static let leastBytes = 48e6
  /// About as many of the last passes count.
  private static let memory = 16.0
  /// Part of a pass's cost that another choice must save.
  private static let gain = 0.01

  /// A branch between all stretches, until passes have been seen.
  ///
  /// Shape: blockBytes [stretches][blocks]: the weights of each block.
  package init(_ blockBytes: [[Int]]) {
    costs = blockBytes.map { $0.reduce(0) { $0 + max(Double($1), Self.leastBytes) } }
    segments = costs.indices.map { $0..<$0 + 1 }
    shares = costs.map { _ in 0 }
  }

  /// Chooses anew, with passes that needed so many first stretches.
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
    if cost(segments) - cost(best) > Self.gain * costs.reduce(0, +) { segments = best }
  }

  /// What some segments cost beyond the stretches that are needed.
  private func cost(_ segments: [Range<Int>]) -> Double {
    segments.reduce(0) { $0 + cost($1) }
  }

  /// A segment's branch, and its stretches that passes did not need though they needed its first.
  private func cost(_ segment: Range<Int>) -> Double {
    segment.reduce(segment.lowerBound > 0 ? Self.branchBytes : 0) { sum, last in
      sum + shares[last] * costs[(last + 1)..<segment.upperBound].reduce(0, +)
    }
  }

  /// The cheapest segments.
  private func cheapest() -> [Range<Int>] {
    // The cheapest segments of the first stretches, by their number.
    var best: [(cost: Double, segments: [Range<Int>])] = [(0, [])]
    for end in 1...costs.count {
      let choices = (0..<end).map { begin in
        (best[begin].cost + cost(begin..<end), best[begin].segments + [begin..<end])
      }
      best.append(choices.min { $0.0 < $1.0 } ?? (0, []))
    }
    return best[costs.count].segments
  }
}
