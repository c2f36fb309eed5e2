/// Positions of texts, each labelled at some layers by whether the row has settled there.
public final class LabelledRows {
  /// The labelled layers, ascending.
  public let layers: [Int]
  /// The index of each row's text.
  ///
  /// Shape: [rows].
  public internal(set) var texts: [Int] = []
  /// The position of each row in its text.
  ///
  /// Shape: [rows].
  public internal(set) var positions: [Int] = []
  /// The full model's most probable next token; −1 if the logits are not finite.
  ///
  /// Shape: [rows].
  public internal(set) var finalTokens: [Int32] = []
  /// Whether the top token of the layer's own readout is the full model's.
  ///
  /// Shape: [layers][rows].
  public internal(set) var agrees: [[Bool]]
  /// The cosine of the layer's output and the last layer's output, neither of them normalized.
  ///
  /// Shape: [layers][rows].
  public internal(set) var cosines: [[Float]]
  /// The cosine of the layer's output and the last layer's output *after the final norm*.
  ///
  /// The two states are not comparable. An experiment shows the effect of labels by such a
  /// comparison. Empty unless requested.
  ///
  /// Shape: [layers][rows].
  public internal(set) var cosinesToNormed: [[Float]]
  /// The layer's output after the model's final norm; empty unless requested.
  ///
  /// Shape: [layers], each of [rows, hiddenSize].
  let activations: [ActivationFile]

  init(layers: [Int], activations: [ActivationFile]) {
    self.layers = layers
    self.activations = activations
    agrees = layers.map { _ in [] }
    cosines = layers.map { _ in [] }
    cosinesToNormed = layers.map { _ in [] }
  }

  /// The number of rows.
  public var count: Int { texts.count }

  /// The routers' scores of rows.
  ///
  /// - Parameters:
  ///   - routers: routers of layers whose activations were kept.
  ///   - rows: the rows' indices.
  /// - Returns: the scores, in the order of the rows.
  /// - Throws: `CheckpointError` if activations cannot be read, `RequestError` for a layer whose
  ///   activations were not kept.
  public func scores(of routers: TokenRouters, rows: Range<Int>) throws -> ExitScores {
    let values = try routers.routers.map { router in
      guard let place = layers.firstIndex(of: router.layer), place < activations.count,
        activations[place].width == router.width
      else {
        throw RequestError(
          "router of layer \(router.layer)", expected: "a layer whose states were kept",
          found: "layers \(layers) without it")
      }
      return try activations[place].withRows {
        router.scores(
          ofNormed: $0.extracting(rows.lowerBound * router.width..<rows.upperBound * router.width))
      }
    }
    return ExitScores(layers: routers.layers, values: values)
  }

  /// `agrees` for the routers' layers and some rows, laid out as their scores.
  public func agreement(of routers: TokenRouters, rows: Range<Int>) -> [[Bool]] {
    routers.layers.map { layer in
      layers.firstIndex(of: layer).map { Array(agrees[$0][rows]) } ?? []
    }
  }
}
