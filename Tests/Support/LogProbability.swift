import AISKit

/// The log-probability of a token after a row of logits.
///
/// Shape: logits [vocabularySize]. Units: nats.
package func logProbability(of token: Int32, _ logits: [Float]) -> Double {
  Double(logits[Int(token)]) - logSumExp(logits)
}

/// The logarithm of the sum of a row's exponentials.
///
/// Shape: logits [vocabularySize].
package func logSumExp(_ logits: [Float]) -> Double {
  logits.withUnsafeBufferPointer { LogProbabilities.normalizers($0, width: logits.count) }[0]
}
