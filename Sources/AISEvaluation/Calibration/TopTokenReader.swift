/// The most probable token that hidden states would give if every later layer were left out, through
/// the model's own norm and head.
final class TopTokenReader {
  /// Rows read out together: enough to be bound by arithmetic, while their logits take little memory.
  private static let packedRows = 256

  private let model: DecoderModel
  private let workspace: Workspace

  init(_ model: DecoderModel) {
    self.model = model
    workspace = Workspace(
      config: model.config, stream: model.backend.makeStream(),
      inputBytes: model.backend.inputBytes)
  }

  /// The top token of some rows, −1 where the logits have none: its logit is no finite number.
  ///
  /// Shape: hidden [any, hiddenSize], float32; a token for each of `rows`.
  func topTokens(_ hidden: UnsafePointer<Float>, rows: [Int]) throws -> [Int32] {
    let config = model.config
    var tokens = [Int32](repeating: -1, count: rows.count)
    for first in stride(from: 0, to: rows.count, by: Self.packedRows) {
      let chunk = rows[first..<min(first + Self.packedRows, rows.count)]
      workspace.prepare(rows: chunk.count)
      _ = workspace.prepareLogits(rows: chunk.count)
      for (place, row) in chunk.enumerated() {
        (workspace.hidden.floats + place * config.hiddenSize).update(
          from: hidden + row * config.hiddenSize, count: config.hiddenSize)
      }
      try model.exit.readOut(workspace.hidden, rows: chunk.count, workspace)
      workspace.stream.synchronize()
      let logits = UncheckedPointer(workspace.logits.floats)
      tokens.withUnsafeMutableBufferPointer { tokens in
        let target = UncheckedTokens(tokens: tokens, first: first)
        Threads.ranges(chunk.count, grain: 1) { range in
          for row in range {
            target.set(row, Self.top(logits.pointer + row * config.vocabularySize, config))
          }
        }
      }
    }
    return tokens
  }

  private static func top(_ logits: UnsafePointer<Float>, _ config: ModelConfig) -> Int32 {
    let row = UnsafeBufferPointer(start: logits, count: config.vocabularySize)
    let best = Sampler.argmax(row)
    return row[Int(best)].isFinite ? best : -1
  }
}

/// Carries the tokens into closures that write to disjoint rows of them.
private struct UncheckedTokens: @unchecked Sendable {
  let tokens: UnsafeMutableBufferPointer<Int32>
  let first: Int

  func set(_ row: Int, _ token: Int32) { tokens[first + row] = token }
}
