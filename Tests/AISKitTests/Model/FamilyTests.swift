import AISKit
import Foundation
import TestSupport
import Testing

/// The configuration that is read from folders.
struct FamilyTests {
  @Test func falconsKindsAreToldApart() throws {
    let embedding = "transformer.word_embeddings.weight"
    func falcon(_ fields: String) throws -> ModelConfig {
      try FamilyFiles.config("falcon", fields, embedding: embedding)
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
    let second = try FamilyFiles.config("gemma2", "\"sliding_window\": 5")
    #expect(second.layers.map(\.window) == [5, nil, 5, nil, 5, nil])
    let third = try FamilyFiles.config(
      "gemma3_text", "\"sliding_window\": 5, \"rope_local_base_freq\": 7.0")
    #expect(third.layers.map(\.window) == [5, 5, 5, 5, 5, nil])
    #expect(third.layers.map(\.rotary) == [1, 1, 1, 1, 1, 0])
    #expect(third.rotaries.map(\.base) == [1e6, 7])
    let scaled = try FamilyFiles.config(
      "gemma3_text", "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 8.0}")
    #expect(scaled.rotaries.map(\.scaling) == [.linear(factor: 8), .none])
    let period = try FamilyFiles.config(
      "gemma3_text", "\"sliding_window\": 5, \"sliding_window_pattern\": 2")
    #expect(period.layers.map(\.window) == [5, nil, 5, nil, 5, nil])
  }

  @Test func aModelThatReadsImagesGivesItsTextModel() throws {
    let folder = try FamilyFiles.folder(
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
    #expect(try FamilyFiles.config("qwen2", fields).layers.allSatisfy { $0.window == nil })
    let chosen = try FamilyFiles.config("qwen2", fields + ", \"use_sliding_window\": true")
    #expect(chosen.layers.map(\.window) == [nil, nil, nil, nil, 3, 3])
  }

  @Test func phi3sLongRopeHasItsOlderNames() throws {
    for name in ["longrope", "su", "yarn"] {
      let config = try FamilyFiles.config(
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
      try FamilyFiles.config(
        "phi3",
        """
        "rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1],
          "original_max_position_embeddings": 16}
        """)
    }
  }

  @Test func optsSmallModelNormalizesAfterAndProjects() throws {
    let config = try FamilyFiles.config(
      "opt", "\"do_layer_norm_before\": false, \"word_embed_proj_dim\": 12",
      embedding: "model.decoder.embed_tokens.weight")
    #expect(config.normPlacement == .residual)
    #expect(config.hasFinalNorm == false)
    #expect(config.embeddingWidth == 12)
    #expect(config.learnedPositions?.offset == 2)
  }

  @Test func variantsThatAreNotComputedAreRefused() {
    #expect(throws: RequestError.self) {
      try FamilyFiles.config("llama", "\"hidden_act\": \"mish\"")
    }
    #expect(throws: RequestError.self) {
      try FamilyFiles.config(
        "llama", "\"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2.0}")
    }
    #expect(throws: RequestError.self) {
      try FamilyFiles.config("gemma3_text", "\"use_bidirectional_attention\": true")
    }
    #expect(throws: CheckpointError.self) {
      try FamilyFiles.config("gemma2", "\"layer_types\": [\"full_attention\"]")
    }
    #expect(throws: CheckpointError.self) {
      try FamilyFiles.config("phi", "\"partial_rotary_factor\": 1.5")
    }
    #expect(throws: RequestError.self) {
      try FamilyFiles.config("mixtral", "\"num_experts_per_tok\": 9")
    }
  }

  @Test func nullMeansTheUsualValueAndAbsenceTheFamilys() throws {
    #expect(throws: RequestError.self) { try FamilyFiles.config("qwen2") }
    #expect(try FamilyFiles.config("qwen2", "\"num_key_value_heads\": null").kvHeads == 4)
    #expect(
      try FamilyFiles.config("qwen3", "\"num_key_value_heads\": 2, \"head_dim\": null").headDim == 8
    )
    #expect(try FamilyFiles.config("qwen3", "\"num_key_value_heads\": 2").headDim == 128)
    let gemma = try FamilyFiles.config("gemma2", "\"sliding_window\": 5, \"layer_types\": null")
    #expect(gemma.layers.map(\.window) == [5, nil, 5, nil, 5, nil])
  }

  @Test func sizesThatOverflowAreErrors() throws {
    let most = "9223372036854775807"
    for fields in [
      "\"head_dim\": \(most)", "\"hidden_size\": \(most)", "\"num_attention_heads\": -1",
      "\"num_attention_heads\": \(most)", "\"num_attention_heads\": 5000000000",
    ] {
      for type in ["llama", "falcon", "gpt2", "opt", "gemma3_text", "marble"] {
        let folder = try FamilyFiles.folder(
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
    let vast = try FamilyFiles.folder(
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
      try FamilyFiles.config(
        "llama",
        """
        "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "beta_fast": -1.0,
          "original_max_position_embeddings": 16}
        """)
    }
    #expect(throws: (any Error).self) {
      try FamilyFiles.gguf("gemma2") {
        $0.set("gemma2.final_logit_softcapping", .float32(.infinity))
      }
    }
  }
}
