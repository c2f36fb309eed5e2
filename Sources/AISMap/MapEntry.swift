/// What a map knows about one of its probes.
public struct MapEntry: Sendable, Equatable {
  /// The index of the category among the map's.
  public var category: Int
  /// The prompt, for people.
  public var text: String
  /// How many look-ups that ended nearest to this entry were told about.
  public var observations: Int
  /// The mean quality that those were told to have; `nil` before the first.
  public var quality: Double?

  /// An entry, by default one that nothing has been observed of.
  public init(category: Int, text: String, observations: Int = 0, quality: Double? = nil) {
    self.category = category
    self.text = text
    self.observations = observations
    self.quality = quality
  }

  /// Takes one more observation into the count and the mean.
  mutating func observe(quality new: Double) {
    observations += 1
    let mean = quality ?? 0
    quality = mean + (new - mean) / Double(observations)
  }

  /// Throws `MapError` where the entry cannot be of a map with `categoryCount` categories.
  func check(row: Int, categoryCount: Int) throws(MapError) {
    guard (0..<categoryCount).contains(category) else {
      throw MapError(
        "entry \(row)", expected: "a category from 0 to \(categoryCount - 1)",
        found: "\(category)")
    }
    guard observations >= 0 else {
      throw MapError(
        "entry \(row)", expected: "0 or more observations", found: "\(observations)")
    }
    guard observations == 0 ? quality == nil : quality?.isFinite == true else {
      throw MapError(
        "entry \(row)", expected: "a finite quality exactly where something was observed",
        found: "\(observations) observations, quality \(quality.map { "\($0)" } ?? "unknown")")
    }
  }
}
