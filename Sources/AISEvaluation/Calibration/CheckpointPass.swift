/// The full model's predictions on a text, with the routers' scores and the readouts of its states at
/// each checkpoint.
///
/// It says where tokens would exit if decisions were made on the full model's states.
public struct CheckpointPass: Sendable {
  /// Shape: [rows, vocabularySize].
  public let logits: [Float]
  /// The most probable next tokens.
  ///
  /// Shape: [rows].
  public let tops: [Int32]
  /// The layers after which rows may exit, rising.
  public let checkpoints: [Int]
  /// Shape: [checkpoints][rows].
  private let scores: [[Float]]
  /// The most probable tokens of each checkpoint's own readout.
  ///
  /// Shape: [checkpoints][rows].
  private let readouts: [[Int32]]

  /// Runs a text through all layers: once for the logits, and once with routers that let no row exit.
  ///
  /// The first pass knows nothing of routers, because passes with routers are compared with it.
  ///
  /// - Parameters:
  ///   - tokens: the text.
  ///   - model: the full model.
  ///   - context: for as many tokens; it is emptied first.
  ///   - checkpoints: the layers after which rows may exit, rising.
  ///   - scoring: the routers, with a threshold that no score reaches.
  ///   - bridges: what a state passes before its readout; `nil`: nothing.
  /// - Throws: what a forward pass throws.
  public init(
    _ tokens: [Int32], _ model: DecoderModel, in context: inout DecoderContext,
    checkpoints: [Int], scoring: TokenExit, bridges: ExitBridges?
  ) throws {
    let batch = PackedTokens(tokens)
    let capture = HiddenStateCapture(layers: checkpoints)
    capture.rows = Array(tokens.indices)
    context.removeAll()
    try model.forward(batch, in: &context, observer: capture, logits: .all)
    logits = context.withAllLogits { Array($0) }
    var tops: [Int32] = []
    for row in tokens.indices {
      tops.append(context.withLogits(row: row) { Int32($0.firstLargest) })
    }
    self.tops = tops
    let scores = ScoreCapture()
    context.removeAll()
    try model.forward(batch, in: &context, policy: scoring, observer: scores, logits: .none)
    self.scores = checkpoints.map { scores.scores[$0] ?? [] }
    readouts = try checkpoints.map {
      try model.topTokens(
        ofHiddenStates: capture.captured[$0] ?? [], through: bridges?[$0], firstRows: [0])
    }
    self.checkpoints = checkpoints
  }

  /// The layer after which each row would exit by its scores in the full model; −1 for no exit.
  public func exits(above threshold: Float) -> [Int] { exits { scores[$0][$1] > threshold } }

  /// The checkpoint at which each row's own readout first has the final token; −1 for none.
  public var oracleExits: [Int] { exits { readouts[$0][$1] == tops[$1] } }

  /// The number of exited rows whose readout there has the final token.
  public func agreeing(_ exits: [Int], from first: Int) -> Int {
    exits.indices.dropFirst(first).count { row in
      guard let place = checkpoints.firstIndex(of: exits[row]) else { return true }
      return readouts[place][row] == tops[row]
    }
  }

  private func exits(_ exits: (_ checkpoint: Int, _ row: Int) -> Bool) -> [Int] {
    tops.indices.map { row in
      checkpoints.indices.first { exits($0, row) }.map { checkpoints[$0] } ?? -1
    }
  }
}

/// Keeps the routers' scores of the rows of a pass without exits.
private final class ScoreCapture: ForwardObserver {
  /// The scores by layer.
  ///
  /// Shape: [rows].
  private(set) var scores: [Int: [Float]] = [:]

  func scored(layer: Int, rows: [Int], scores: [Float]) {
    self.scores[layer] = Array(scores)
  }
}
