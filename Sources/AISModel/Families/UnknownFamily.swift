import Foundation

/// An architecture that no family describes, and the most similar family.
struct UnknownArchitecture {
  private let architecture: String
  private let checkpoint: Checkpoint

  init(_ architecture: String, in checkpoint: Checkpoint) {
    self.architecture = architecture
    self.checkpoint = checkpoint
  }

  /// One line: the architecture, the known ones, the most similar, and the fields that it does not
  /// know.
  var error: RequestError {
    let known = ModelFamily.all.flatMap { $0.architectures(in: checkpoint) }.sorted()
    var found = "'\(oneLine(architecture, limit: 60))'"
    if let nearest = nearest ?? nearestByName {
      found += ", which is nearest to \(nearest.family.name)"
      if nearest.shared > 0 {
        found += " (\(nearest.shared) of \(nearest.all) kinds of tensors are the same)"
      }
      let fields = unknownFields(nearest.family).map { oneLine($0, limit: 60) }
      if !fields.isEmpty {
        let more = fields.count > 12 ? " and \(fields.count - 12) more" : ""
        found += "; not understood there: \(fields.prefix(12).joined(separator: ", "))\(more)"
      }
    }
    return RequestError(
      "\(checkpoint.configurationPath), \(checkpoint.architectureKey)",
      expected: "one of \(known.joined(separator: ", "))", found: found)
  }

  /// The family that shares the most tensor names with the checkpoint, if any does.
  private var nearest: (family: ModelFamily, shared: Int, all: Int)? {
    let weights = Set(checkpoint.tensorNames.filter(Self.isOfFirstLayer))
    let scored = ModelFamily.all.filter { !$0.architectures(in: checkpoint).isEmpty }.map {
      family in
      let expected = Set(family.expectedTensors(in: checkpoint))
      let present = weights.union(family.normBias(in: checkpoint))
      return (
        family: family, shared: present.intersection(expected).count,
        all: present.union(expected).count
      )
    }
    // Of equals the first wins: Llama before the families that copy it.
    var best: (family: ModelFamily, shared: Int, all: Int)?
    for one in scored where one.shared > 0 {
      guard let other = best else {
        best = one
        continue
      }
      if one.shared * other.all > other.shared * one.all { best = one }
    }
    return best
  }

  /// If no tensor name is shared: the family whose name has the longest common beginning.
  private var nearestByName: (family: ModelFamily, shared: Int, all: Int)? {
    let scored = ModelFamily.all.flatMap { family in
      family.architectures(in: checkpoint).map {
        (family: family, letters: $0.commonPrefix(with: architecture).count)
      }
    }
    let best = scored.max { $0.letters < $1.letters }
    return best.flatMap { $0.letters >= 3 ? ($0.family, 0, 0) : nil }
  }

  /// True for a weight of layer 0 or outside the layers.
  ///
  /// Biases and buffers distinguish families less well.
  private static func isOfFirstLayer(_ name: String) -> Bool {
    let numbers = name.split(separator: ".").compactMap { Int($0) }
    return name.hasSuffix(".weight") && numbers.allSatisfy { $0 == 0 }
  }

  /// Fields that the family does not read, and the one whose value it refuses.
  private func unknownFields(_ family: ModelFamily) -> [String] {
    let log = FieldLog()
    log.note(checkpoint.architectureKey)
    family.noteFields(in: log, architecture: architecture)
    let weights = WeightTable(checkpoint, names: family.names(in: checkpoint))
    var refused: [String] = []
    do {
      _ = try ModelDescription.config(of: checkpoint, family, weights, log)
    } catch let error as RequestError {
      refused = error.subject.components(separatedBy: ", ").suffix(1)
    } catch {
      // A missing or mistyped field of the nearest family is not reported: the family is a guess.
    }
    return refused + ((try? checkpoint.modelFields(unreadIn: log)) ?? [])
  }
}

extension ModelFamily {
  /// Notes the fields that the family reads from a complete file.
  ///
  /// Reading an incomplete file may stop before it reaches all of them.
  fileprivate func noteFields(in log: FieldLog, architecture: String) {
    for key in GGUFFields.commonKeys { log.note("\(architecture).\(key)") }
    let sizes = ["num_hidden_layers", "num_attention_heads", "hidden_size", "vocab_size"]
    let members = sizes.map { "\"\($0)\": 8" }.joined(separator: ", ")
    let bytes = Array("{\"max_position_embeddings\": 8, \(members)}".utf8)
    bytes.withUnsafeBytes { bytes in
      guard let whole = try? JSONSection(parsing: bytes, file: "").logged(by: log) else { return }
      _ = try? HuggingFaceFields(whole, self).config("", hasHead: true, embeddingRows: 8)
    }
  }

  /// The final norm's bias if the checkpoint has one.
  ///
  /// It shows that the norms are LayerNorm.
  fileprivate func normBias(in checkpoint: Checkpoint) -> [String] {
    let weights = WeightTable(checkpoint, names: names(in: checkpoint))
    return weights.contains(.finalNorm, bias: true) ? [weights.name(.finalNorm, bias: true)] : []
  }

  /// The weights that a model of the family has outside its layers and in layer 0.
  fileprivate func expectedTensors(in checkpoint: Checkpoint) -> [String] {
    var config = ModelConfig(
      architecture: "", vocabularySize: 1, hiddenSize: 1, intermediateSize: 1, queryHeads: 1,
      kvHeads: 1, headDim: 1, contextLength: 1, layers: [])
    shape(&config)
    let weights = WeightTable(checkpoint, names: names(in: checkpoint))
    var roles: [WeightRole] = [.embedding, .finalNorm, .attentionOutput]
    roles += weights.contains(.fusedQKV) ? [.fusedQKV] : [.query, .key, .value]
    if config.learnedPositions != nil { roles.append(.positions) }
    if weights.contains(.head) { roles.append(.head) }
    if config.normPlacement != .output {
      roles.append(.attentionNorm)
      if config.residual != .parallel(sharesNorm: true) { roles.append(.feedForwardNorm) }
    }
    if config.normPlacement.contains(.output) {
      roles += [.attentionOutputNorm, .feedForwardOutputNorm]
    }
    if config.queryKeyNorm != nil { roles += [.queryNorm, .keyNorm] }
    if weights.contains(.router) {
      roles += [.router, .expertGate, .expertUp, .expertDown]
    } else if !config.isGated {
      roles += [.up, .down]
    } else if weights.contains(.fusedGateUp), !weights.contains(.gate) {
      roles += [.fusedGateUp, .down]
    } else {
      roles += [.gate, .up, .down]
    }
    let biases = config.norm.kind == .layer ? [weights.name(.finalNorm, bias: true)] : []
    return roles.map { weights.name($0) } + biases
  }
}
