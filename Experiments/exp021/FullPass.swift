import AISKit

/// What the full model makes of a prompt, and what routers and readouts say of its states on the way.
struct FullPass {
  /// Shape: [rows, vocabularySize].
  let logits: [Float]
  /// The most probable next tokens.
  ///
  /// Shape: [rows].
  let tops: [Int32]
  /// The layers behind which rows may leave, rising.
  let checkpoints: [Int]
  /// Shape: [checkpoints][rows].
  private let scores: [[Float]]
  /// The most probable tokens of each checkpoint's own readout.
  ///
  /// Shape: [checkpoints][rows].
  private let readouts: [[Int32]]

  /// Runs the prompt through all layers, plainly for the logits and once more with routers that let
  /// nobody leave; readouts cross the exit bridges.
  ///
  /// - Throws: what a forward pass throws.
  init(
    _ tokens: [Int32], _ model: DecoderModel, in context: inout DecoderContext,
    checkpoints: [Int], scoring: TokenExit, bridges: ExitBridges?
  ) throws {
    let batch = PackedTokens(tokens)
    let capture = HiddenStateCapture(layers: checkpoints)
    capture.rows = Array(tokens.indices)
    context.removeAll()
    try model.forward(batch, in: &context, observer: capture, logits: .all)
    let logits = context.withAllLogits { Array($0) }
    let width = model.config.vocabularySize
    self.logits = logits
    tops = Self.tops(logits, width)
    let scores = ScoreCapture()
    context.removeAll()
    try model.forward(batch, in: &context, policy: scoring, observer: scores, logits: .none)
    self.scores = checkpoints.map { scores.scores[$0] ?? [] }
    readouts = try checkpoints.map {
      Self.tops(
        try model.logits(
          ofHiddenStates: capture.captured[$0] ?? [], bridge: bridges?[$0], firstRows: [0]), width)
    }
    self.checkpoints = checkpoints
  }

  /// Where each row would leave by the scores of the full model's states; −1 of one that stays.
  func exits(above threshold: Float) -> [Int] { exits { scores[$0][$1] > threshold } }

  /// Where each row's own readout first has the final token; −1 where only the last layer's has.
  var oracleExits: [Int] { exits { readouts[$0][$1] == tops[$1] } }

  /// Rows whose readout, where they leave, has the final token.
  func agreeing(_ exits: [Int], from first: Int) -> Int {
    exits.indices.dropFirst(first).count { row in
      guard let place = checkpoints.firstIndex(of: exits[row]) else { return true }
      return readouts[place][row] == tops[row]
    }
  }

  private func exits(_ leaves: (_ checkpoint: Int, _ row: Int) -> Bool) -> [Int] {
    tops.indices.map { row in
      checkpoints.indices.first { leaves($0, row) }.map { checkpoints[$0] } ?? -1
    }
  }

  private static func tops(_ logits: [Float], _ width: Int) -> [Int32] {
    logits.withUnsafeBufferPointer { all in
      stride(from: 0, to: all.count, by: width).map {
        Sampler.argmax(UnsafeBufferPointer(rebasing: all[$0..<$0 + width]))
      }
    }
  }
}

/// Keeps what routers say of the rows of a pass in which nobody leaves.
private final class ScoreCapture: ForwardObserver {
  /// By layer.
  ///
  /// Shape: [rows].
  private(set) var scores: [Int: [Float]] = [:]

  func scored(layer: Int, rows: [Int], scores: UnsafeBufferPointer<Float>) {
    self.scores[layer] = Array(scores)
  }
}
