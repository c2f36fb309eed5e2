import AISKit

/// The layers that a plan changes, read from its summary, such as `soft 12-14=0.7,26=0.7`.
enum LeftOut {
  /// The layers in rising order; none of the full plan.
  static func layers(_ summary: String) -> [Int] {
    let words = summary.split(separator: " ").map(String.init)
    let lists = words.indices.filter { $0 % 2 == 1 }.map { words[$0] }
    return lists.flatMap { list in
      (try? DepthPlan(hard: list.replacing(/=[0-9.e-]+/, with: "")))?.skippedLayers ?? []
    }.sorted()
  }

  /// How many layers most of the plans leave out, the fewer of two that are as frequent; `nil` if
  /// none leaves any out.
  static func commonSize(of plans: [DepthPlan]) -> Int? {
    var counts: [Int: Int] = [:]
    for plan in plans where plan != .full { counts[plan.skippedLayers.count, default: 0] += 1 }
    return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
  }
}
