import AISHarness

/// Plans of one kind on some prompts, and the map's on the same.
struct ComparedPlans {
  let name: String
  /// The plans' summaries.
  var layers: [String] = []
  /// Whether the plan keeps each prompt's most probable token, and its KL.
  let own: [(agrees: Bool, kl: Double)]
  /// The same under the map's plans; `nil` if these are the map's.
  var maps: [(agrees: Bool, kl: Double)]?

  var agreement: Estimate { Proportion(of: own.map(\.agrees)).estimate }

  var kl: Estimate { Bootstrap().mean(of: own.map(\.kl)) }

  /// The agreement less that of the map's plans.
  var difference: Estimate? {
    maps.map {
      Paired(baseline: $0.map(\.agrees), variant: own.map(\.agrees)).differenceEstimate
    }
  }

  /// The KL less that of the map's plans.
  var klDifference: Estimate? {
    maps.map { PairedDifferences(baseline: $0.map(\.kl), variant: own.map(\.kl)).estimate() }
  }
}
