extension ModelConfig {
  /// Weights of one attention, biases and norms left out.
  public var attentionParameters: Int { qkvParameters + attentionOutputParameters }

  /// Weights of a block's product for queries, keys and values.
  public var qkvParameters: Int { hiddenSize * qkvWidth }

  /// Weights of the product behind a block's attention.
  public var attentionOutputParameters: Int { hiddenSize * attentionWidth }

  /// Weights of one feed-forward network, or of one expert; biases left out.
  public var networkParameters: Int { hiddenSize * (feedForwardInputWidth + intermediateSize) }

  /// Weights of a layer's feed-forward half: the network, or the router and all experts.
  public var feedForwardParameters: Int {
    guard let experts else { return networkParameters }
    return experts.count * (networkParameters + hiddenSize)
  }

  /// Weights of it that one token's pass multiplies by.
  public var activeFeedForwardParameters: Int {
    guard let experts else { return networkParameters }
    return experts.perToken * networkParameters + experts.count * hiddenSize
  }

  /// Weights of it that `rows` tokens read at most: experts that none of them chose stay unread.
  public func feedForwardParameters(readBy rows: Int) -> Int {
    guard let experts else { return networkParameters }
    return min(experts.count, rows * experts.perToken) * networkParameters
      + experts.count * hiddenSize
  }

  /// Weights in one block, biases and norms left out.
  public var blockParameters: Int { attentionParameters + feedForwardParameters }

  /// Weights of the LM head, and of the product before it where there is one.
  public var headParameters: Int {
    embeddingWidth * vocabularySize + embeddingProjectionParameters
  }

  /// Weights of the product between embeddings and residual stream; 0 where there is none.
  public var embeddingProjectionParameters: Int {
    embeddingWidth == hiddenSize ? 0 : embeddingWidth * hiddenSize
  }
}
