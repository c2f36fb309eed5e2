import AISKit
import Foundation
import TestSupport
import Testing

/// The configuration that is read from files.
struct FamilyTests {
  /// A folder with a config and small tensors of the given names.
  private func folder(_ config: String, _ tensors: [String: [Int]]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    var weights = SafetensorsBuilder()
    for (name, shape) in tensors.sorted(by: { $0.key < $1.key }) {
      weights.add(name, shape: shape, floats: Array(repeating: 0, count: shape.reduce(1, *)))
    }
    try folder.write(weights.bytes(), as: "model.safetensors")
    try folder.write(config, as: "config.json")
    return folder
  }

  private static let sizes = """
    "hidden_size": 32, "num_hidden_layers": 6, "num_attention_heads": 4, "vocab_size": 8,
    "intermediate_size": 16
    """

  private func config(
    _ type: String, _ fields: String = "", embedding: String = "model.embed_tokens.weight"
  ) throws -> ModelConfig {
    let folder = try folder(
      "{\"model_type\": \"\(type)\", \(Self.sizes)\(fields.isEmpty ? "" : ", ")\(fields)}",
      [embedding: [8, 32]])
    return try ModelConfig(huggingFace: HuggingFaceFolder(path: folder.url.path))
  }

  // MARK: Hugging Face

  @Test func falconsKindsAreToldApart() throws {
    let embedding = "transformer.word_embeddings.weight"
    func falcon(_ fields: String) throws -> ModelConfig {
      try config("falcon", fields, embedding: embedding)
    }
    let small = try falcon("\"multi_query\": true, \"num_kv_heads\": 4")
    #expect(small.kvHeads == 1)
    #expect(small.residual == .parallel(sharesNorm: true))
    let large = try falcon("\"new_decoder_architecture\": true, \"num_kv_heads\": 2")
    #expect(large.kvHeads == 2)
    #expect(large.residual == .parallel(sharesNorm: false))
    let shared = try falcon(
      "\"new_decoder_architecture\": true, \"num_kv_heads\": 2, \"num_ln_in_parallel_attn\": 1")
    #expect(shared.residual == .parallel(sharesNorm: true))
    let first = try falcon(
      "\"multi_query\": false, \"parallel_attn\": false, \"alibi\": true, \"bias\": true")
    #expect(first.kvHeads == 4)
    #expect(first.residual == .sequential)
    #expect(first.rotaries.isEmpty && first.layers.allSatisfy { $0.rotary == nil })
    // The bias is added before the division by √8.
    let slope = Float(0.25) / Float(8).squareRoot()
    #expect(abs(first.distanceSlopes[0] - slope) < 1e-7)
    #expect(first.biases == [.qkv, .attentionOutput, .feedForward, .norm])
  }

  @Test func gemmasLayersSlideByTheirIndex() throws {
    let second = try config("gemma2", "\"sliding_window\": 5")
    #expect(second.layers.map(\.window) == [5, nil, 5, nil, 5, nil])
    let third = try config("gemma3_text", "\"sliding_window\": 5, \"rope_local_base_freq\": 7.0")
    #expect(third.layers.map(\.window) == [5, 5, 5, 5, 5, nil])
    #expect(third.layers.map(\.rotary) == [1, 1, 1, 1, 1, 0])
    #expect(third.rotaries.map(\.base) == [1e6, 7])
    let scaled = try config(
      "gemma3_text", "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 8.0}")
    #expect(scaled.rotaries.map(\.scaling) == [.linear(factor: 8), .none])
    let period = try config("gemma3_text", "\"sliding_window\": 5, \"sliding_window_pattern\": 2")
    #expect(period.layers.map(\.window) == [5, nil, 5, nil, 5, nil])
  }

  @Test func aModelThatReadsImagesGivesItsTextModel() throws {
    let folder = try folder(
      """
      {"model_type": "gemma3", "vision_config": {"hidden_size": 9},
       "text_config": {"hidden_size": 32, "num_hidden_layers": 6, "intermediate_size": 16}}
      """, ["language_model.model.embed_tokens.weight": [8, 32]])
    let config = try ModelConfig(huggingFace: HuggingFaceFolder(path: folder.url.path))
    #expect(config.vocabularySize == 8)
    #expect(config.queryHeads == 8 && config.kvHeads == 4 && config.headDim == 256)
  }

  @Test func qwensWindowsAreChosenAndNotAssumed() throws {
    let fields = "\"num_key_value_heads\": 4, \"sliding_window\": 3, \"max_window_layers\": 4"
    #expect(try config("qwen2", fields).layers.allSatisfy { $0.window == nil })
    let chosen = try config("qwen2", fields + ", \"use_sliding_window\": true")
    #expect(chosen.layers.map(\.window) == [nil, nil, nil, nil, 3, 3])
  }

  @Test func phi3sLongRopeHasItsOlderNames() throws {
    for name in ["longrope", "su", "yarn"] {
      let config = try config(
        "phi3",
        """
        "max_position_embeddings": 64, "original_max_position_embeddings": 16,
        "rope_scaling": {"type": "\(name)", "short_factor": [1, 1, 1, 2],
          "long_factor": [1, 2, 3, 4]}
        """)
      #expect(
        config.rotaries[0].scaling
          == .longRope(short: [1, 1, 1, 2], long: [1, 2, 3, 4], originalContext: 16))
      // √(1 + ln 4 / ln 16)
      #expect(abs(config.rotaries[0].magnitude - 1.224_744_9) < 1e-6)
    }
    #expect(throws: CheckpointError.self) {
      try config(
        "phi3",
        """
        "rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1],
          "original_max_position_embeddings": 16}
        """)
    }
  }

  @Test func optsSmallModelNormalizesAfterAndProjects() throws {
    let config = try config(
      "opt", "\"do_layer_norm_before\": false, \"word_embed_proj_dim\": 12",
      embedding: "model.decoder.embed_tokens.weight")
    #expect(config.normPlacement == .residual)
    #expect(config.hasFinalNorm == false)
    #expect(config.embeddingWidth == 12)
    #expect(config.learnedPositions?.offset == 2)
  }

  @Test func variantsThatAreNotComputedAreRefused() {
    #expect(throws: RequestError.self) { try config("llama", "\"hidden_act\": \"mish\"") }
    #expect(throws: RequestError.self) {
      try config("llama", "\"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2.0}")
    }
    #expect(throws: RequestError.self) {
      try config("gemma3_text", "\"use_bidirectional_attention\": true")
    }
    #expect(throws: CheckpointError.self) {
      try config("gemma2", "\"layer_types\": [\"full_attention\"]")
    }
    #expect(throws: CheckpointError.self) {
      try config("phi", "\"partial_rotary_factor\": 1.5")
    }
    #expect(throws: RequestError.self) { try config("mixtral", "\"num_experts_per_tok\": 9") }
  }

  @Test func nullMeansTheUsualValueAndAbsenceTheFamilys() throws {
    #expect(throws: RequestError.self) { try config("qwen2") }
    #expect(try config("qwen2", "\"num_key_value_heads\": null").kvHeads == 4)
    #expect(
      try config("qwen3", "\"num_key_value_heads\": 2, \"head_dim\": null").headDim == 8)
    #expect(try config("qwen3", "\"num_key_value_heads\": 2").headDim == 128)
    let gemma = try config("gemma2", "\"sliding_window\": 5, \"layer_types\": null")
    #expect(gemma.layers.map(\.window) == [5, nil, 5, nil, 5, nil])
  }

  @Test func sizesThatOverflowAreErrors() throws {
    let most = "9223372036854775807"
    for fields in [
      "\"head_dim\": \(most)", "\"hidden_size\": \(most)", "\"num_attention_heads\": -1",
      "\"num_attention_heads\": \(most)", "\"num_attention_heads\": 5000000000",
    ] {
      for type in ["llama", "falcon", "gpt2", "opt", "gemma3_text", "marble"] {
        let folder = try folder(
          """
          {"model_type": "\(type)", "num_hidden_layers": 2, "vocab_size": 8, "alibi": true,
           "multi_query": false, "num_key_value_heads": 1,
           \(fields.contains("hidden_size") ? "" : "\"hidden_size\": 32,")
           \(fields.contains("heads") ? "" : "\"num_attention_heads\": 4,") \(fields)}
          """, ["transformer.h.0.self_attention.query_key_value.weight": [1]])
        let checkpoint = try Checkpoint.open(path: folder.url.path)
        #expect(throws: (any Error).self) { try DecoderModel.load(checkpoint) }
        #expect(ModelInspection(checkpoint).problem != nil)
      }
    }
    let vast = try folder(
      """
      {"model_type": "mixtral", "num_hidden_layers": 10000, "hidden_size": 1000000,
       "num_attention_heads": 10000, "head_dim": 8192, "intermediate_size": 4000000,
       "num_local_experts": 4096, "vocab_size": 8}
      """, ["model.embed_tokens.weight": [1]])
    #expect(throws: RequestError.self) {
      try ModelConfig(huggingFace: HuggingFaceFolder(path: vast.url.path))
    }
  }

  @Test func numbersThatAreNotFiniteAreErrors() {
    #expect(throws: RequestError.self) {
      try config(
        "llama",
        """
        "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "beta_fast": -1.0,
          "original_max_position_embeddings": 16}
        """)
    }
    #expect(throws: (any Error).self) {
      try gguf("gemma2") { $0.set("gemma2.final_logit_softcapping", .float32(.infinity)) }
    }
  }

  // MARK: GGUF

  private func gguf(
    _ architecture: String, _ change: (inout GGUFBuilder) -> Void = { _ in }
  ) throws -> ModelConfig {
    var file = GGUFBuilder()
    file.set("general.architecture", .string(architecture))
    for (key, value) in [
      ("block_count", 3), ("context_length", 64), ("embedding_length", 32),
      ("feed_forward_length", 16), ("attention.head_count", 4),
    ] {
      file.set("\(architecture).\(key)", .uint32(UInt32(value)))
    }
    file.add("token_embd.weight", shape: [8, 32], floats: Array(repeating: 0, count: 256))
    change(&file)
    let folder = try TemporaryFolder()
    return try ModelConfig(
      gguf: GGUFFile(path: folder.write(file.bytes(), as: "model.gguf")))
  }

  @Test func ggufSaysWhichLayersSlide() throws {
    let window = "gemma3.attention.sliding_window"
    let pattern = window + "_pattern"
    let byDefault = try gguf("gemma3") { $0.set(window, .uint32(9)) }
    #expect(byDefault.layers.map(\.window) == [9, 9, 9])
    let byPeriod = try gguf("gemma3") {
      $0.set(window, .uint32(9))
      $0.set(pattern, .uint32(2))
    }
    #expect(byPeriod.layers.map(\.window) == [9, nil, 9])
    let byLayer = try gguf("gemma3") {
      $0.set(window, .uint32(9))
      $0.set(pattern, .bools([false, true, true]))
    }
    #expect(byLayer.layers.map(\.window) == [nil, 9, 9])
    #expect(byLayer.layers.map(\.rotary) == [0, 1, 1])
    #expect(throws: CheckpointError.self) {
      try gguf("gemma3") { $0.set(pattern, .bools([true])) }
    }
  }

  @Test func ggufsGemma2HasItsDefaults() throws {
    let bare = try gguf("gemma2")
    #expect(bare.layers.map(\.window) == [4096, nil, 4096])
    #expect(bare.attentionSoftCap == 50 && bare.logitSoftCap == 30)
    let uncapped = try gguf("gemma2") {
      $0.set("gemma2.attn_logit_softcapping", .float32(0))
      $0.set("gemma2.final_logit_softcapping", .float32(7))
    }
    #expect(uncapped.attentionSoftCap == nil && uncapped.logitSoftCap == 7)
  }

  @Test func ggufsRotaryScalingsAreRead() throws {
    let yarn = try gguf("qwen2") {
      $0.set("qwen2.rope.scaling.type", .string("yarn"))
      $0.set("qwen2.rope.scaling.factor", .float32(4))
      $0.set("qwen2.rope.scaling.original_context_length", .uint32(16))
    }
    #expect(
      yarn.rotaries[0].scaling == .yarn(RotaryEmbedding.YaRN(factor: 4, originalContext: 16)))
    // 0.1 · ln 4 + 1
    #expect(abs(yarn.rotaries[0].magnitude - 1.138_629_4) < 1e-6)
    let long = try gguf("phi3") {
      $0.set("phi3.rope.scaling.original_context_length", .uint32(16))
      $0.set("phi3.rope.scaling.attn_factor", .float32(1.25))
      $0.add("rope_factors_short.weight", shape: [4], floats: [1, 1, 1, 2])
      $0.add("rope_factors_long.weight", shape: [4], floats: [1, 2, 3, 4])
    }
    #expect(
      long.rotaries[0].scaling
        == .longRope(short: [1, 1, 1, 2], long: [1, 2, 3, 4], originalContext: 16))
    #expect(long.rotaries[0].magnitude == 1.25)
  }

  @Test func ggufsFalconHasItsAttentionNormSecond() throws {
    func norm(_ name: String) -> (inout GGUFBuilder) -> Void {
      { $0.add("blk.0.\(name).weight", shape: [32], floats: Array(repeating: 1, count: 32)) }
    }
    let one = try gguf("falcon", norm("attn_norm"))
    #expect(one.residual == .parallel(sharesNorm: true))
    let two = try gguf("falcon") {
      norm("attn_norm")(&$0)
      norm("attn_norm_2")(&$0)
    }
    #expect(two.residual == .parallel(sharesNorm: false))
  }

  @Test func valuesAsWideAsKeysAreNeeded() {
    #expect(throws: CheckpointError.self) {
      try gguf("llama") { $0.set("llama.attention.value_length", .uint32(4)) }
    }
  }

  // MARK: Unknown architectures

  private static let llamaTensors: [String: [Int]] = {
    var tensors = ["model.embed_tokens.weight": [8, 32], "model.norm.weight": [32]]
    for layer in 0..<2 {
      for part in ["q_proj", "k_proj", "v_proj", "o_proj"] {
        tensors["model.layers.\(layer).self_attn.\(part).weight"] = [32, 32]
      }
      for part in ["gate_proj", "up_proj"] {
        tensors["model.layers.\(layer).mlp.\(part).weight"] = [16, 32]
      }
      tensors["model.layers.\(layer).mlp.down_proj.weight"] = [32, 16]
      for part in ["input_layernorm", "post_attention_layernorm"] {
        tensors["model.layers.\(layer).\(part).weight"] = [32]
      }
    }
    return tensors
  }()

  private func refusal(_ config: String, _ tensors: [String: [Int]]) throws -> String {
    let folder = try folder(config, tensors)
    let error = #expect(throws: RequestError.self) {
      try DecoderModel.load(Checkpoint.open(path: folder.url.path))
    }
    return error?.description ?? ""
  }

  @Test func theErrorNamesTheNearestAndWhatItWouldNotUnderstand() throws {
    let error = try refusal(
      """
      {"model_type": "marble", \(Self.sizes), "logits_scaling": 8.0, "residual_multiplier": 0.2,
       "attention_dropout": 0.1, "torch_dtype": "bfloat16"}
      """, Self.llamaTensors)
    #expect(error.contains("found 'marble', which is nearest to Llama (11 of 11 kinds"))
    #expect(error.hasSuffix("not understood there: logits_scaling, residual_multiplier"))
    #expect(error.contains("config.json, model_type: expected one of "))
    #expect(!error.contains("\n"))
  }

  @Test func theErrorNamesARefusedValueAndNothingThatIsUnderstood() throws {
    let error = try refusal(
      """
      {"model_type": "marble", \(Self.sizes), "hidden_act": "relu2", "rope_theta": 1e6,
       "tie_word_embeddings": false, "attn_output_gate": true}
      """, Self.llamaTensors)
    #expect(error.hasSuffix("not understood there: hidden_act, attn_output_gate"))
    let partial = try refusal(
      "{\"model_type\": \"marble\", \"hidden_size\": 8, \"rms_norm_eps\": 1e-5, \"odd\": 1}",
      Self.llamaTensors)
    #expect(partial.hasSuffix("not understood there: odd"))
  }

  @Test func theNearestIsToldByTensors() throws {
    var tensors = Self.llamaTensors
    tensors["model.layers.0.self_attn.q_norm.weight"] = [8]
    tensors["model.layers.0.self_attn.k_norm.weight"] = [8]
    #expect(try refusal("{\"model_type\": \"x\", \(Self.sizes)}", tensors).contains("to Qwen 3 ("))
    let gpt = ["wte", "wpe", "ln_f", "h.0.ln_1", "h.0.attn.c_attn", "h.0.mlp.c_fc"]
    let names = Dictionary(uniqueKeysWithValues: gpt.map { ("transformer.\($0).weight", [1]) })
    #expect(try refusal("{\"model_type\": \"x\", \(Self.sizes)}", names).contains("to GPT-2 ("))
  }

  @Test func withoutTensorsInCommonTheNameDecides() throws {
    let named = try refusal("{\"model_type\": \"qwen9\", \"odd\": 1}", ["a.weight": [1]])
    #expect(named.contains("'qwen9', which is nearest to Qwen"))
    #expect(named.contains("odd"))
    let strange = try refusal("{\"model_type\": \"zzz\"}", ["a.weight": [1]])
    #expect(strange.hasSuffix("found 'zzz'"))
  }

  @Test func anUnknownGGUFIsToldTheSameWay() {
    let error = #expect(throws: RequestError.self) {
      try gguf("marble") {
        $0.set("marble.residual_scale", .float32(0.2))
        for name in ["attn_norm", "attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_norm"] {
          $0.add("blk.0.\(name).weight", shape: [1], floats: [0])
        }
      }
    }
    let text = error?.description ?? ""
    #expect(text.contains("general.architecture: expected one of"))
    #expect(text.contains("found 'marble', which is nearest to Llama"))
    #expect(text.hasSuffix("not understood there: marble.residual_scale"))
  }

  // MARK: Inspection

  @Test func inspectionTellsFamilyShapeTensorsAndMemory() throws {
    let shape = SyntheticModel { $0.window = 7 }
    let folder = try TemporaryFolder()
    let path = try folder.write(shape.bytes(), as: "model.gguf")
    let inspection = ModelInspection(try Checkpoint.open(path: path))
    #expect(inspection.problem == nil)
    func fact(_ name: String) -> String? { inspection.facts.first { $0.name == name }?.text }
    #expect(fact("Family") == "Llama (general.architecture 'llama')")
    #expect(fact("Layers") == "5, each sees 7 positions")
    #expect(fact("Attention")?.hasPrefix("6 query heads, 2 key-value heads, 20 wide") == true)
    #expect(fact("Not read") == nil)
    let queries = inspection.tensors.first { $0.name == "blk.#.attn_q.weight" }
    #expect(queries?.shape == [120, 40] && queries?.count == 5 && queries?.elementType == "F32")
    // Five layers of 40 × (200 + 120 + 3 · 52) weights, and the head.
    #expect(
      inspection.memory.prefix(4).map(\.name)
        == ComputeType.allCases.map {
          "Packed weights, \($0.rawValue)"
        })
    #expect(inspection.memory[0].text == "393.12 kB")
    #expect(inspection.memory[1].text == "196.56 kB")
    // int8 takes a byte for each weight, and a scale and a sum for each of 5 × (200 + 40 + 104 +
    // 40) + 77 outputs. Native is float32, as in the file.
    #expect(inspection.memory[2].text == "114.26 kB")
    #expect(inspection.memory[3].text == "393.12 kB")
    #expect(fact("Name") == "model")
  }

  @Test(arguments: [
    (#""_name_or_path": "owner/marble-1b", "#, "owner/marble-1b"),
    (#""_name_or_path": "/fsx/runs/17", "#, nil), (#""_name_or_path": "", "#, nil),
    (#""_name_or_path": 7, "#, nil), ("", nil),
    (#""_name_or_path": "a\u001b[2Jb", "#, #"a\u{1B}[2Jb"#),
  ])
  func inspectionTellsTheModelsOwnName(field: String, name: String?) throws {
    let folder = try folder(
      "{\(field)\"model_type\": \"llama\", \(Self.sizes)}", ["model.embed_tokens.weight": [8, 32]])
    let inspection = ModelInspection(try Checkpoint.open(path: folder.url.path))
    #expect(inspection.facts.first?.name == "Name")
    #expect(inspection.facts.first?.text == name ?? folder.url.lastPathComponent)
  }

  @Test func aGGUFFilesOwnNameComesFirst() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", .string("x"))
    file.set("general.name", .string("Marble 1B"))
    file.add("a", shape: [1], floats: [0])
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes(), as: "other.gguf")
    #expect(ModelInspection(try Checkpoint.open(path: path)).facts.first?.text == "Marble 1B")
  }

  @Test func aMissingTensorIsFoundByInspection() throws {
    let folder = try folder(
      "{\"model_type\": \"llama\", \(Self.sizes)}", ["model.embed_tokens.weight": [8, 32]])
    let inspection = ModelInspection(try Checkpoint.open(path: folder.url.path))
    #expect(inspection.facts.contains { $0.name == "Attention" })
    #expect("\(try #require(inspection.problem))".contains("model.norm.weight"))
  }

  @Test func namesThatWouldMoveTheCursorAreEscaped() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", .string("x"))
    file.add("a\u{1B}[2Jb\n", shape: [1], floats: [0])
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes(), as: "model.gguf")
    let inspection = ModelInspection(try Checkpoint.open(path: path))
    #expect(inspection.tensors.map(\.name) == ["a\\u{1B}[2Jb\\n"])
  }

  @Test func whatCannotBeLoadedIsStillListed() throws {
    let folder = try folder("{\"model_type\": \"marble\"}", Self.llamaTensors)
    let inspection = ModelInspection(try Checkpoint.open(path: folder.url.path))
    #expect(inspection.problem is RequestError)
    #expect(inspection.memory.isEmpty)
    #expect(inspection.tensors.contains { $0.name == "model.layers.#.mlp.up_proj.weight" })
  }

  // MARK: Mixtures

  @Test func expertsAreTheBestAndTheirWeightsAddUp() {
    let logits: [Float] = [1, 3, 2, 3, -1, 0, 5, 0]
    let choices = logits.withUnsafeBufferPointer {
      ExpertChoice.all($0, rows: 2, perToken: 2)
    }
    #expect(choices.map(\.row) == [0, 0, 1, 1])
    // Of equals the lower comes first.
    #expect(choices.map(\.expert) == [1, 3, 2, 1])
    #expect(choices[0].weight == 0.5 && choices[1].weight == 0.5)
    // e⁵ against e⁰
    #expect(abs(choices[2].weight - 0.993_307_1) < 1e-6)
  }
}
