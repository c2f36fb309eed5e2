import CAISKernels

/// Natural logarithms of the softmax of logits, in float64.
public enum LogProbabilities {
  /// The log-probability of each token.
  ///
  /// Shape: logits and result [vocabularySize]. Units: nats.
  public static func of(_ logits: [Float]) -> [Double] {
    let normalizer = logits.withUnsafeBufferPointer { normalizers($0, width: logits.count) }
    return logits.map { Double($0) - (normalizer.first ?? 0) }
  }

  /// What to take from a row's logits to have log-probabilities: log Σ e^logit.
  ///
  /// NaN for a row that is no distribution. Where only a few tokens of each row matter, this and
  /// those logits are all it takes.
  ///
  /// Shape: rows [any, width]; the result has an element for each row. Units: nats.
  public static func normalizers(
    _ rows: UnsafeBufferPointer<Float>, width: Int
  ) -> [Double] {
    if rows.isEmpty { return [] }
    precondition(width > 0 && rows.count.isMultiple(of: width), "whole rows")
    let count = rows.count / width
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      ais_log_sum_exp_f32(rows.baseAddress, buffer.baseAddress, count, width)
      initialized = count
    }
  }
}
