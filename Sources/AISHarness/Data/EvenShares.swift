/// Divides a total into parts as equal as their capacities allow.
package enum EvenShares {
  /// How much of `total` each place takes.
  ///
  /// Each place takes the same, but none takes more than its capacity; the rest is divided evenly
  /// among the others. If the division leaves a remainder, places listed earlier take one more. The
  /// shares sum to `total`, or to all capacities if those are less.
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
