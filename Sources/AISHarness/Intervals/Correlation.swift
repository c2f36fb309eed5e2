/// Correlation coefficients of two quantities, from −1 to 1.
public enum Correlation {
  /// Pearson's coefficient: how near the points are to a straight line.
  ///
  /// NaN if a quantity never changes or there are fewer than two points.
  public static func pearson(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "two quantities of each thing")
    let (meanFirst, meanSecond) = (Bootstrap.mean(first), Bootstrap.mean(second))
    var (together, alone, other) = (0.0, 0.0, 0.0)
    for (a, b) in zip(first, second) {
      together += (a - meanFirst) * (b - meanSecond)
      alone += (a - meanFirst) * (a - meanFirst)
      other += (b - meanSecond) * (b - meanSecond)
    }
    // Rounding may push a perfect correlation beyond 1 or −1.
    let value = together / (alone.squareRoot() * other.squareRoot())
    return value.isNaN ? .nan : max(-1, min(1, value))
  }

  /// Spearman's coefficient: Pearson's of the ranks, so any rising relation gives 1.
  ///
  /// Source: Spearman 1904, American Journal of Psychology 15, 72–101.
  public static func spearman(_ first: [Double], _ second: [Double]) -> Double {
    pearson(ranks(first), ranks(second))
  }

  /// The ranks in rising order from 1; equal values share their mean rank.
  ///
  /// If one value is NaN, all ranks are NaN.
  public static func ranks(_ values: [Double]) -> [Double] {
    if values.contains(where: \.isNaN) {
      return [Double](repeating: .nan, count: values.count)
    }
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var begin = 0
    while begin < order.count {
      var end = begin + 1
      while end < order.count, values[order[end]] == values[order[begin]] { end += 1 }
      for place in begin..<end { ranks[order[place]] = Double(begin + 1 + end) / 2 }
      begin = end
    }
    return ranks
  }
}
