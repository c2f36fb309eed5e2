/// Log-probabilities (natural logarithms of the softmax of logits), in float64.
public enum LogProbabilities {
  /// log Σ e^logit of each row: a token's log-probability is its logit minus this.
  ///
  /// NaN for a row that is not a distribution.
  ///
  /// Shape: rows [any, width]; the result has an element for each row. Units: nats.
  public static func normalizers(
    _ rows: UnsafeBufferPointer<Float>, width: Int
  ) -> [Double] {
    rows.isEmpty ? [] : HostMath.logSumExp(rows, width: width)
  }
}
