/// What a map stores for one of its probes.
public struct MapEntry: Sendable, Equatable {
  /// The index of the category among the map's.
  public var category: Int
  /// The prompt's text, for display.
  public var text: String
  /// The number of observations of look-ups in which this entry was the nearest.
  public var observations: Int
  /// The mean quality of those observations; `nil` before the first.
  public var quality: Double?

  /// An entry; by default without observations.
  public init(category: Int, text: String, observations: Int = 0, quality: Double? = nil) {
    self.category = category
    self.text = text
    self.observations = observations
    self.quality = quality
  }

  /// Adds one observation to the count and the mean.
  mutating func observe(quality new: Double) {
    observations += 1
    let mean = quality ?? 0
    quality = mean + (new - mean) / Double(observations)
  }

  /// Throws `RequestError` if the entry does not fit a map with `categoryCount` categories.
  func check(row: Int, categoryCount: Int) throws(RequestError) {
    guard (0..<categoryCount).contains(category) else {
      throw RequestError(
        "map entry \(row)", expected: "a category from 0 to \(categoryCount - 1)",
        found: "\(category)")
    }
    guard observations >= 0 else {
      throw RequestError(
        "map entry \(row)", expected: "0 or more observations", found: "\(observations)")
    }
    guard observations == 0 ? quality == nil : quality?.isFinite == true else {
      throw RequestError(
        "map entry \(row)", expected: "a finite quality exactly where something was observed",
        found: "\(observations) observations, quality \(quality.map { "\($0)" } ?? "unknown")")
    }
  }
}
