/// Holm's correction, which bounds the chance of even one false alarm among several tests.
///
/// It is valid for any dependence between the tests.
///
/// Source: Holm 1979, Scandinavian Journal of Statistics 6, 65–70.
public enum Holm {
  /// The p-values to compare with the significance level, in the order of those given.
  ///
  /// The smallest is multiplied by the number of tests, the next by one less, and so on. Each is at
  /// least the one before it, and at most 1. A NaN stays NaN and counts as a test.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    var result = pValues
    var largest = 0.0
    let order = pValues.indices.filter { !pValues[$0].isNaN }
      .sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    for (place, index) in order.enumerated() {
      largest = max(largest, min(1, pValues[index] * Double(pValues.count - place)))
      result[index] = largest
    }
    return result
  }
}
