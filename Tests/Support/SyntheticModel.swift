import AISKit

/// A small model with random weights, as the bytes of a GGUF file.
///
/// It has enough to exercise the loop (grouped heads, odd widths, biases, several layers), and is
/// small enough for plain loops.
public struct SyntheticModel: Sendable {
  /// GGUF architecture: `llama`, `qwen2` or `qwen3`.
  public var architecture = "llama"
  /// Tokens in the vocabulary.
  public var vocabulary = 77
  /// Width of the residual stream.
  public var hidden = 40
  /// Width of the feed-forward network.
  public var intermediate = 52
  /// Blocks.
  public var layers = 5
  /// Query heads.
  public var heads = 6
  /// Key-value heads.
  public var kvHeads = 2
  /// Width of a head; deliberately not a multiple of a vector's width.
  public var headDim = 20
  /// How many positions back a row sees, or 0 for all.
  public var window = 0
  /// Whether the LM head has its own weights.
  public var untied = true
  /// Blocks from this one on add nothing to the residual stream.
  public var silentFrom = Int.max
  /// The seed of the weights.
  public var seed: UInt64 = 1

  /// The default shape.
  public init() {}

  /// The default shape with changes.
  public init(_ change: (inout SyntheticModel) -> Void) { change(&self) }

  /// The file's bytes.
  public func bytes() -> [UInt8] {
    var random = SplitMix64(seed: seed)
    func floats(_ count: Int, around center: Float = 0, spread: Float) -> [Float] {
      (0..<count).map { _ in
        // The sum of four uniform numbers is bell-shaped enough.
        let sum = random.unit() + random.unit() + random.unit() + random.unit() - 2
        return center + Float(sum) * spread
      }
    }
    var file = GGUFBuilder()
    let prefix = architecture
    file.set("general.architecture", .string(architecture))
    file.set("\(prefix).block_count", .uint32(UInt32(layers)))
    file.set("\(prefix).context_length", .uint32(256))
    file.set("\(prefix).embedding_length", .uint32(UInt32(hidden)))
    file.set("\(prefix).feed_forward_length", .uint32(UInt32(intermediate)))
    file.set("\(prefix).attention.head_count", .uint32(UInt32(heads)))
    file.set("\(prefix).attention.head_count_kv", .uint32(UInt32(kvHeads)))
    file.set("\(prefix).attention.key_length", .uint32(UInt32(headDim)))
    file.set("\(prefix).attention.layer_norm_rms_epsilon", .float32(1e-5))
    file.set("\(prefix).rope.freq_base", .float32(10_000))
    if window > 0 {
      file.set("\(prefix).attention.sliding_window", .uint32(UInt32(window)))
    }
    file.add(
      "token_embd.weight", shape: [vocabulary, hidden],
      floats: floats(vocabulary * hidden, spread: 1))
    file.add("output_norm.weight", shape: [hidden], floats: floats(hidden, around: 1, spread: 0.2))
    if untied {
      file.add(
        "output.weight", shape: [vocabulary, hidden],
        floats: floats(vocabulary * hidden, spread: 0.3))
    }
    for layer in 0..<layers {
      func add(_ name: String, _ outputs: Int, _ inputs: Int) {
        let isSilent = layer >= silentFrom && ["attn_output", "ffn_down"].contains(name)
        file.add(
          "blk.\(layer).\(name).weight", shape: [outputs, inputs],
          floats: floats(outputs * inputs, spread: isSilent ? 0 : 0.25))
      }
      func add(_ name: String, _ count: Int, around center: Float, bias: Bool = false) {
        file.add(
          "blk.\(layer).\(name)." + (bias ? "bias" : "weight"), shape: [count],
          floats: floats(count, around: center, spread: 0.2))
      }
      add("attn_norm", hidden, around: 1)
      add("ffn_norm", hidden, around: 1)
      add("attn_q", heads * headDim, hidden)
      add("attn_k", kvHeads * headDim, hidden)
      add("attn_v", kvHeads * headDim, hidden)
      if architecture == "qwen2" {
        add("attn_q", heads * headDim, around: 0, bias: true)
        add("attn_k", kvHeads * headDim, around: 0, bias: true)
        add("attn_v", kvHeads * headDim, around: 0, bias: true)
      }
      if architecture == "qwen3" {
        add("attn_q_norm", headDim, around: 1)
        add("attn_k_norm", headDim, around: 1)
      }
      add("attn_output", hidden, heads * headDim)
      add("ffn_gate", intermediate, hidden)
      add("ffn_up", intermediate, hidden)
      add("ffn_down", hidden, intermediate)
    }
    return file.bytes()
  }

  /// Writes the file and loads it.
  ///
  /// Throws: what loading throws.
  public func load(type: ComputeType = .f32) throws -> DecoderModel {
    let folder = try TemporaryFolder()
    return try TestDevice.current.load(
      Checkpoint.open(path: folder.write(bytes(), as: "model.gguf")), type: type)
  }

  /// Writes the file and loads it for the plain loops of the reference.
  ///
  /// Throws: what loading throws.
  public func loadReference() throws -> DecoderModel {
    let folder = try TemporaryFolder()
    return try DecoderModel.loadReference(
      Checkpoint.open(path: folder.write(bytes(), as: "model.gguf")))
  }

  /// Random token ids of this vocabulary.
  public func tokens(_ count: Int, seed: UInt64 = 7) -> [Int32] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int32(random.index(below: vocabulary)) }
  }
}
