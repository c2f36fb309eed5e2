/// What the engine must reach in bf16 at one piece of work, on one kind of GPU.
package struct DeviceTarget: Sendable {
  /// What is asked for.
  package enum Quantity: String, Sendable {
    /// Tokens of all sequences in a second.
    case tokenRate = "tokens/s"
    /// Prompts in a second.
    case requestRate = "requests/s"
    /// The share of the device's rate of reading.
    case readingShare = "of reading"
  }

  /// The model, as results name it.
  package let model: String
  /// What is timed.
  package let phase: PassWorkload.Phase
  /// Sequences in the batch.
  package let sequences: Int
  /// Tokens of each; in a decode, those before the timed ones.
  package let tokens: Int
  /// What is asked for.
  package let quantity: Quantity
  /// The least that reaches the target.
  package let least: Double

  private init(
    _ model: String, _ phase: PassWorkload.Phase, _ sequences: Int, _ tokens: Int, _ least: Double,
    _ quantity: Quantity = .tokenRate
  ) {
    (self.model, self.phase, self.sequences, self.tokens) = (model, phase, sequences, tokens)
    (self.least, self.quantity) = (least, quantity)
  }

  /// The GPU that the targets are for, as its driver names it.
  package static let gpu = "NVIDIA H200"

  /// Every target.
  package static let table: [DeviceTarget] = [
    DeviceTarget("random:3b", .decode, 1, 84, 600),
    DeviceTarget("random:3b", .decode, 4, 84, 2_340),
    DeviceTarget("random:3b", .decode, 8, 84, 4_650),
    DeviceTarget("random:3b", .decode, 16, 84, 7_500),
    DeviceTarget("random:3b", .decode, 32, 84, 12_500),
    DeviceTarget("random:3b", .decode, 1, 2_032, 0.8, .readingShare),
    DeviceTarget("random:3b", .prefill, 1, 40, 450, .requestRate),
    DeviceTarget("random:3b", .prefill, 8, 40, 2_300, .requestRate),
    DeviceTarget("random:3b", .prefill, 32, 40, 2_800, .requestRate),
    DeviceTarget("random:3b", .prefill, 1, 512, 115_000),
    DeviceTarget("random:3b", .prefill, 1, 2_048, 110_000),
    DeviceTarget("random:8b", .decode, 1, 84, 255),
    DeviceTarget("random:1.5b", .decode, 1, 84, 1_100),
    DeviceTarget("random:135m", .decode, 1, 84, 3_500),
  ]

  /// The targets of a model on a GPU; none on another kind.
  package static func all(of model: String, on gpu: String) -> [DeviceTarget] {
    gpu == Self.gpu ? table.filter { $0.model == model } : []
  }

  /// The work and the quantity, for the name of a finding.
  package var name: String {
    "\(phase.rawValue) \(sequences) × \(tokens), \(quantity.rawValue)"
  }

  /// What an engine's figures say about the target; open if the work was not timed.
  package func finding(in figures: [PeerFigures], of engine: String) -> Finding {
    let own = figures.first {
      $0.engine == engine && $0.format == "bf16" && $0.cell.phase == phase
        && $0.cell.sequences == sequences && $0.cell.tokens == tokens
    }
    let measured =
      switch quantity {
      case .tokenRate: own?.tokenRate
      case .requestRate: own?.requestRate
      case .readingShare: own?.readingShare
      }
    guard let measured else { return .open("nothing was timed") }
    return .timed(
      measured, atLeast: least, show: quantity == .readingShare ? .percent(1) : .decimals(0))
  }
}
