/// A model as its checkpoint's files describe it: family, shape, and where the weights are.
struct ModelDescription {
  let family: ModelFamily
  let config: ModelConfig
  let weights: WeightTable
  /// Fields that describe the model but that the family does not read.
  let unreadFields: [String]

  /// - Throws: `CheckpointError` for absent or mistyped fields, `RequestError` for an architecture or a
  ///   variant that is not supported.
  init(_ checkpoint: Checkpoint) throws {
    let architecture = try checkpoint.architecture
    guard let family = ModelFamily.of(architecture, in: checkpoint) else {
      throw UnknownArchitecture(architecture, in: checkpoint).error
    }
    let log = FieldLog()
    self.family = family
    weights = WeightTable(checkpoint, names: family.names(in: checkpoint))
    config = try Self.config(of: checkpoint, family, weights, log)
    try config.validate(source: checkpoint.configurationPath)
    unreadFields = try checkpoint.modelFields(unreadIn: log)
  }

  /// Reads the fields as a family's, whatever architecture they name.
  static func config(
    of checkpoint: Checkpoint, _ family: ModelFamily, _ weights: WeightTable, _ log: FieldLog
  ) throws -> ModelConfig {
    switch checkpoint {
    case .huggingFace(let folder):
      try HuggingFaceFields(folder.textConfig.logged(by: log), family)
        .config(
          checkpoint.architecture, hasHead: weights.contains(.head),
          embeddingRows: weights.shape(.embedding)?.first)
    case .gguf(let file):
      try GGUFFields(
        file: file, architecture: checkpoint.architecture, family: family, weights: weights,
        log: log
      ).config(family.gguf ?? ModelFamily.GGUF(architectures: []))
    }
  }
}

extension ModelFamily {
  /// The family that describes a checkpoint of this architecture.
  static func of(_ architecture: String, in checkpoint: Checkpoint) -> ModelFamily? {
    all.first { $0.architectures(in: checkpoint).contains(architecture) }
  }

  /// What files of this container call the family.
  func architectures(in checkpoint: Checkpoint) -> [String] {
    switch checkpoint {
    case .huggingFace: huggingFace.types
    case .gguf: gguf?.architectures ?? []
    }
  }

  /// The family's weight names in this container.
  func names(in checkpoint: Checkpoint) -> WeightNames {
    switch checkpoint {
    case .huggingFace: huggingFace.names
    case .gguf: WeightNames.gguf.with(gguf?.names ?? [:])
    }
  }
}

extension Checkpoint {
  /// The architecture's name: `model_type`, or `general.architecture`.
  ///
  /// - Throws: `CheckpointError` where there is none.
  var architecture: String {
    get throws {
      switch self {
      case .huggingFace(let folder):
        return try folder.config.string(architectureKey)
      case .gguf(let file):
        guard let architecture = try file.string(architectureKey) else {
          throw CheckpointError(
            file: file.path, place: .metadata(architectureKey),
            expected: "the architecture's name", found: "nothing")
        }
        return architecture
      }
    }
  }

  /// The field that holds the architecture's name.
  var architectureKey: String {
    switch self {
    case .huggingFace: "model_type"
    case .gguf: "general.architecture"
    }
  }

  /// The file that holds the fields.
  var configurationPath: String {
    switch self {
    case .huggingFace(let folder): folder.config.file
    case .gguf(let file): file.path
    }
  }

  /// The fields that describe the model and were not read.
  func modelFields(unreadIn log: FieldLog) throws -> [String] {
    switch self {
    case .huggingFace(let folder):
      let config = try folder.textConfig
      return config.keys(unreadIn: log).filter { key in
        config[key] != .null && !Self.sideIssues.contains(key)
          && !Self.sideIssueEndings.contains { key.hasSuffix($0) }
      }
    case .gguf(let file):
      return log.unread(file.metadataKeys).filter { key in
        !["general.", "tokenizer.", "split.", "quantize."].contains { key.hasPrefix($0) }
          && !key.hasSuffix(".vocab_size")
      }
    }
  }

  /// Fields of config.json that don't affect what a trained model computes.
  private static let sideIssues: Set<String> = [
    "_name_or_path", "_sliding_window_pattern", "add_cross_attention", "architectures", "auto_map",
    "cache_implementation", "dtype", "gradient_checkpointing", "id2label", "init_device",
    "init_std", "initializer_range", "is_decoder", "is_encoder_decoder", "label2id", "layerdrop",
    "model_type", "output_attentions", "output_hidden_states", "output_router_logits", "prefix",
    "pretraining_tp", "reorder_and_upcast_attn", "return_dict", "router_aux_loss_coef",
    "router_jitter_noise", "summary_activation", "summary_proj_to_labels", "summary_type",
    "summary_use_proj", "task_specific_params", "torch_dtype", "transformers_version", "use_cache",
  ]

  /// How the names of further such fields end.
  private static let sideIssueEndings = ["dropout", "_pdrop", "_token_id", "_token_index"]
}
