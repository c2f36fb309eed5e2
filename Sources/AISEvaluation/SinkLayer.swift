/// Finds the layer that makes the attention sink.
///
/// In many models one early layer blows the first position's state up by orders of magnitude; later
/// layers' heads attend to it when they have nothing to say. A plan that leaves this layer out breaks
/// all of them at once.
///
/// Source: Xiao, Tian, Chen, Han and Lewis 2024, "Efficient Streaming Language Models with Attention
/// Sinks"; Sun, Chen, Kolter and Liu 2024, "Massive Activations in Large Language Models".
public enum SinkLayer {
  /// The first position's state must grow by more than this factor.
  public static let growth = 10.0

  /// The layer after which the first position's state has grown most.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - token: the text's first token.
  /// - Returns: the layer; `nil` if none makes the state grow tenfold.
  /// - Throws: what a forward pass throws.
  public static func find(in model: DecoderModel, token: Int32) throws -> Int? {
    let layers = Array(0..<model.config.layerCount)
    let capture = HiddenStateCapture(layers: layers)
    capture.rows = [0]
    var context = try model.makeContext(capacity: 1)
    try model.forward(
      PackedTokens([token]), in: &context, observer: capture, logits: .none)
    let norms = layers.map { layer in
      (capture.captured[layer] ?? []).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    // The embedding's norm is far below any layer's, so the first layer does not count.
    let ratios = zip(norms.dropFirst(), norms).map { $0 / max($1, 1e-30) }
    guard let largest = ratios.max(), largest > growth, let place = ratios.firstIndex(of: largest)
    else { return nil }
    return place + 1
  }
}
