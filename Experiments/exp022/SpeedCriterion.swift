/// The criteria of the claim, each about one variant.
enum SpeedCriterion: String {
  /// If no row exits, routers cost little.
  case overhead
  /// If all rows exit, the time saved is proportional to the depth saved.
  case efficiency
  /// Trained routers make the model faster.
  case routed

  /// The criterion about a variant in a phase, by their names in the rows; `nil` if there is none.
  init?(variant: String, phase: String) {
    switch (variant, phase) {
    case (SpeedVariant.overhead.name, _): self = .overhead
    case (SpeedVariant.uniform.name, SpeedPhase.decode.rawValue): self = .efficiency
    case (SpeedVariant.routed.name, SpeedPhase.decode.rawValue): self = .routed
    default: return nil
    }
  }
}
