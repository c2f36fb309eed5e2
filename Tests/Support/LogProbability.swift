import AISKit

/// The log-probability of a token after a row of logits.
///
/// Shape: logits [vocabularySize]. Units: nats.
package func logProbability(of token: Int32, _ logits: [Float]) -> Double {
  let normalizers = logits.withUnsafeBufferPointer {
    LogProbabilities.normalizers($0, width: logits.count)
  }
  return Double(logits[Int(token)]) - normalizers[0]
}
