/// Parts of a whole that are as equal as the room for them allows.
package enum EvenShares {
  /// How much of `total` each place takes.
  ///
  /// All take the same, but none more than its capacity; what a full place leaves goes to the
  /// others, evenly. Where it does not come out even, places listed earlier take one more. Sums to
  /// `total`, or to all capacities where those are less.
  package static func of(_ total: Int, capacities: [Int]) -> [Int] {
    var shares = capacities.map { _ in 0 }
    var left = total
    while left > 0 {
      let open = capacities.indices.filter { shares[$0] < capacities[$0] }
      if open.isEmpty { break }
      if left < open.count {
        for index in open.prefix(left) { shares[index] += 1 }
        break
      }
      let each = left / open.count
      for index in open {
        let taken = min(each, capacities[index] - shares[index])
        shares[index] += taken
        left -= taken
      }
    }
    return shares
  }
}
