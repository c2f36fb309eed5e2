/// A language model for text: weights, tokenizer and chat template of one checkpoint.
///
/// ```swift
/// let model = try LanguageModel(path: "SmolLM2-135M-Instruct.Q4_1.gguf")
/// let prompt = try model.prompts.encode("The capital of France is")
/// let baseline = try model.logits(of: prompt)
/// let halved = try model.logits(of: prompt, policy: DepthPlan.skipping(15..<30))
/// ```
public final class LanguageModel: Sendable {
  /// The weights and the forward loop.
  public let decoder: DecoderModel
  /// Converts text to tokens and back.
  public let prompts: PromptEncoder

  /// Loads a GGUF file or a Hugging Face folder.
  ///
  /// It computes on `device`, and matrix products in `type`. The tokenizer is read while the weights
  /// are loaded.
  ///
  /// - Throws: `CheckpointError`, `TokenizerError`, `RequestError`, `EngineError`; those of the
  ///   tokenizer come first.
  public convenience init(
    path: String, type: ComputeType = .f32, device: ComputeDevice = .processor
  ) throws {
    try self.init(Checkpoint.open(path: path), type: type, device: device)
  }

  /// Loads an open checkpoint that has a tokenizer.
  ///
  /// - Throws: as `init(path:type:device:)`.
  package convenience init(
    _ checkpoint: Checkpoint, type: ComputeType, device: ComputeDevice
  ) throws {
    let tokenizer = Background { try PromptEncoder(checkpoint) }
    let weights = Result { try DecoderModel.load(checkpoint, type: type, device: device) }
    let prompts = try tokenizer.value
    self.init(decoder: try weights.get(), prompts: prompts)
  }

  /// A model from its parts.
  public init(decoder: DecoderModel, prompts: PromptEncoder) {
    self.decoder = decoder
    self.prompts = prompts
  }

  /// The tokens of a user's message in the model's chat template, or of the text alone if the model
  /// has no template.
  ///
  /// - Throws: `ChatTemplateError`.
  public func tokens(ofMessage text: String) throws -> [Int32] {
    prompts.hasChatTemplate
      ? try prompts.encode(chat: [ChatMessage(role: "user", content: text)])
      : try prompts.encode(text)
  }

  /// The tokens with which every conversation begins: the chat template's opening.
  ///
  /// It is found by comparing two different messages.
  ///
  /// - Throws: `ChatTemplateError`.
  public var messageOpening: [Int32] {
    get throws {
      let (first, second) = (try tokens(ofMessage: "A"), try tokens(ofMessage: "7 b"))
      return Array(first[..<zip(first, second).prefix { $0 == $1 }.count])
    }
  }

  /// The logits of the token after a prompt.
  ///
  /// Shape: [vocabularySize].
  ///
  /// - Throws: what a forward pass throws.
  public func logits(
    of prompt: [Int32], policy: some DepthPolicy = DepthPlan.full,
    observer: (any ForwardObserver)? = nil
  ) throws -> [Float] {
    guard !prompt.isEmpty else {
      throw RequestError("prompt", expected: "at least one token", found: "none")
    }
    var context = try decoder.makeContext(capacity: prompt.count, path: policy.path)
    try decoder.forward(PackedTokens(prompt), in: &context, policy: policy, observer: observer)
    return context.logits(row: 0)
  }
}
