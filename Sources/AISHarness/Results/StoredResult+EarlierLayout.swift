extension StoredResult {
  /// Turns the contents of a file of the earlier layout into those of this one.
  ///
  /// It kept measured and computed figures together, and a comparison's times as two lists. One
  /// process took them.
  mutating func takeEarlierLayout() {
    facts = summary
    let names = timings.keys.compactMap { name in
      name.hasSuffix("_baseline") ? String(name.dropLast("_baseline".count)) : nil
    }
    var pairs: [TimedPair] = []
    for name in names.sorted() {
      guard let baseline = timings["\(name)_baseline"], let variant = timings["\(name)_variant"],
        baseline.count == variant.count
      else { continue }
      pairs += zip(baseline, variant).enumerated().map { place, times in
        TimedPair(
          name, process: 0, pair: place, baseline: times.0 * 1_000, variant: times.1 * 1_000)
      }
      timings["\(name)_baseline"] = nil
      timings["\(name)_variant"] = nil
    }
    if pairs.isEmpty { return }
    raw = [
      DerivedTable(TimedPair.tableName, title: "", rows: pairs, isShown: false),
      DerivedTable(
        TimingProcess.tableName, title: "",
        rows: [TimingProcess(process: 0, startedUTC: provenance.startedUTC)], isShown: false),
    ]
  }
}
