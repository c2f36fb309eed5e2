/// What the claim asks of a variant.
enum SpeedCriterion: String {
  /// Routers cost little where nobody leaves.
  case overhead
  /// Where all leave, the time saved is the depth saved.
  case efficiency
  /// Trained routers make it faster.
  case routed

  /// The criterion about a variant in a phase, by their names in the rows; `nil` where there is none.
  init?(variant: String, phase: String) {
    switch (variant, phase) {
    case (SpeedVariant.overhead.name, _): self = .overhead
    case (SpeedVariant.uniform.name, SpeedPhase.decode.rawValue): self = .efficiency
    case (SpeedVariant.routed.name, SpeedPhase.decode.rawValue): self = .routed
    default: return nil
    }
  }
}
