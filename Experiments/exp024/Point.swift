import AISKit

/// One way to save, as it is to be measured.
struct Point {
  /// What computes it.
  enum Way {
    case plan(DepthPlan)
    case exit(TokenExit)
    case format(ComputeType)
  }

  let kind: String
  let setting: String
  let way: Way
  /// Whether its layers are those that the search found.
  var isMain = false
  /// Its mean KL on validation prompts, where that chooses among forms.
  var validationKL = Double.nan
  /// The same layers left out with nothing in their place, which it may be timed beside.
  var hard: DepthPlan?
  /// Whether it is asked questions.
  var answers = false
}
