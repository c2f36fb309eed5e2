/// The line under a picture that names the models and the sample size.
enum FigureFootnote {
  /// The line for results: `model, f32, n = 1,000 prompts`.
  ///
  /// Values that differ between the results are listed; sample sizes become a range. `sample` replaces
  /// them for a figure that does not rest on the results' rows.
  static func text(of results: [StoredResult], _ sample: String? = nil) -> String {
    var parts = [
      distinct(results.map(\.provenance.modelName)), distinct(results.map(\.provenance.dtype)),
    ]
    if let sample { return (parts + ["n = " + sample]).joined(separator: ", ") }
    let samples = results.compactMap(Sample.init)
    for things in distinctThings(samples) {
      let counts = samples.filter { $0.things == things }.flatMap { [$0.fewest, $0.most] }
      guard let fewest = counts.min(), let most = counts.max() else { continue }
      let range = fewest == most ? number(most) : "\(number(fewest)) to \(number(most))"
      parts.append("n = \(range) \(things)")
    }
    return parts.joined(separator: ", ")
  }

  /// Texts, each once, in a sentence's order.
  static func distinct(_ texts: [String]) -> String {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }.joined(separator: " and ")
  }

  private static func distinctThings(_ samples: [Sample]) -> [String] {
    var seen: Set<String> = []
    return samples.map(\.things).filter { seen.insert($0).inserted }
  }

  private static func number(_ count: Int) -> String {
    NumberFormat.text(.integer(count), .automatic)
  }

  /// A result's sample size, from its columns and times.
  private struct Sample {
    let fewest: Int
    let most: Int
    let things: String

    /// Columns that number the measured items, and what the items are.
    private static let keys = [("prompt", "prompts"), ("row", "questions")]

    init?(_ result: StoredResult) {
      func values(_ name: String) -> [ColumnValue]? {
        result.columns.firstIndex { $0.name == name }.map { place in
          result.rows.map { $0[place] }
        }
      }
      for (name, things) in Self.keys {
        guard let values = values(name) else { continue }
        let count = Set(values).count
        self.init(fewest: count, most: count, things: things)
        return
      }
      let counts = (values("prompts") ?? []).compactMap(\.number).filter { $0 > 0 }
      if let fewest = counts.min(), let most = counts.max() {
        self.init(fewest: Int(fewest), most: Int(most), things: "prompts")
        return
      }
      let times = result.timings.values.map(\.count)
      guard let fewest = times.min(), let most = times.max() else { return nil }
      self.init(fewest: fewest, most: most, things: "timed runs")
    }

    private init(fewest: Int, most: Int, things: String) {
      self.fewest = fewest
      self.most = most
      self.things = things
    }
  }
}
