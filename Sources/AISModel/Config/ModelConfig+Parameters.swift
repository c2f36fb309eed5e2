extension ModelConfig {
  /// Weights of one attention half, without biases and norms.
  public var attentionParameters: Int { qkvParameters + attentionOutputParameters }

  /// Weights of a block's product for queries, keys and values.
  public var qkvParameters: Int { hiddenSize * qkvWidth }

  /// Weights of the attention's output projection.
  public var attentionOutputParameters: Int { hiddenSize * attentionWidth }

  /// Weights of one feed-forward network, or of one expert, without biases.
  public var networkParameters: Int { hiddenSize * (feedForwardInputWidth + intermediateSize) }

  /// Weights of a layer's feed-forward half: the network, or the router and all experts.
  public var feedForwardParameters: Int {
    guard let experts else { return networkParameters }
    return experts.count * (networkParameters + hiddenSize)
  }

  /// Feed-forward weights of one layer that one token is multiplied by.
  public var activeFeedForwardParameters: Int {
    guard let experts else { return networkParameters }
    return experts.perToken * networkParameters + experts.count * hiddenSize
  }

  /// Feed-forward weights of one layer that `rows` tokens read at most.
  ///
  /// Experts that no token chose are not read.
  public func feedForwardParameters(readBy rows: Int) -> Int {
    guard let experts else { return networkParameters }
    return min(experts.count, rows * experts.perToken) * networkParameters
      + experts.count * hiddenSize
  }

  /// Weights of one block, without biases and norms.
  public var blockParameters: Int { attentionParameters + feedForwardParameters }

  /// Weights of the LM head, and of the projection before it if there is one.
  public var headParameters: Int {
    embeddingWidth * vocabularySize + embeddingProjectionParameters
  }

  /// Weights of the projection between embeddings and residual stream; 0 if there is none.
  public var embeddingProjectionParameters: Int {
    embeddingWidth == hiddenSize ? 0 : embeddingWidth * hiddenSize
  }
}
