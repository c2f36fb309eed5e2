import AISKit

/// One way to save, to be measured.
struct Point {
  /// How the model is computed.
  enum Way {
    case plan(DepthPlan)
    case exit(TokenExit)
    case format(ComputeType)
  }

  let kind: String
  let setting: String
  let way: Way
  /// Whether its layers are the main set that the search found.
  var isMain = false
  /// Its mean KL on validation prompts in nats, if that chooses among forms.
  var validationKL = Double.nan
  /// The hard skip of the same layers, which it may be timed with.
  var hard: DepthPlan?
  /// Whether it answers questions.
  var answers = false
}
