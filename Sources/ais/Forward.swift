import AISHarness
import AISKit
import ArgumentParser
import Foundation
import HDF5

/// `ais forward`: writes logits and hidden states of given inputs to an HDF5 file.
struct Forward: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes logits, and hidden states if asked, of JSON lines into an HDF5 file.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var depth: PlanOptions
  @OptionGroup var foreign: ForeignOptions
  @Flag(help: "Put texts into the model's chat template, as a user's message, first.")
  var chat = false
  @Option(help: "Layers whose output at the last position is written, as 0,10.")
  var hidden: String = ""
  @Flag(help: "Write the logits of every position, a dataset for each input.")
  var allPositions = false
  @Option(help: "Inputs that are computed together.")
  var batch: Int = 1
  @Option(help: "The file to write.")
  var out: String

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch \(batch): expected at least 1") }
  }

  func run() throws {
    // Checked before anything is computed.
    try OutputPlace.check(out)
    let loaded = try LoadedModel(model)
    let (plan, foreignSHA256) = try depth.plan(for: loaded, foreign)
    let layers = try hiddenLayers(loaded.decoder.config)
    let visited = Set(plan.steps(of: loaded.decoder.config.layerCount).map(\.step.layer))
    if let absent = layers.first(where: { !visited.contains($0) }) {
      throw RequestError("--hidden", expected: "layers of the path", found: "\(absent)")
    }
    let inputs = try loaded.inputs(input, chat: chat)
    var provenance = try provenance(loaded)
    let clock = ContinuousClock()
    let begin = clock.now
    try HDF5File.replace(out) { file in
      try write(inputs, loaded.decoder, plan, layers, to: file)
      provenance.wallSeconds = (clock.now - begin) / .seconds(1)
      provenance.isComplete = true
      try ResultFile.writeProvenance(provenance, to: file)
      if let foreignSHA256 { try file.setAttribute("bridge_model_sha256", foreignSHA256) }
    }
    let parts = [
      allPositions ? "logits of every position" : "logits",
      layers.isEmpty ? nil : "hidden states after \(layers.count) layers",
    ].compactMap { $0 }
    OutputPlace.sayWritten(out, "\(parts.joined(separator: ", ")) of \(inputs.count) inputs")
  }

  /// One chunk per row: a larger one would be read and compressed again for every row.
  private static func rowByRow(_ width: Int) -> HDF5Storage {
    HDF5Storage(chunk: [1, width], deflate: 1)
  }

  private func hiddenLayers(_ config: ModelConfig) throws -> [Int] {
    let layers = try hidden.split(separator: ",").map { part in
      guard let layer = Int(part.trimmingCharacters(in: .whitespaces)),
        (0..<config.layerCount).contains(layer)
      else {
        throw RequestError(
          "--hidden", expected: "layers from 0 to \(config.layerCount - 1), as 0,10",
          found: "'\(part)'")
      }
      return layer
    }
    return Set(layers).sorted()
  }

  /// Computes the inputs in groups and writes each group as it is done.
  private func write(
    _ inputs: [[Int32]], _ decoder: DecoderModel, _ plan: DepthPlan, _ layers: [Int],
    to file: borrowing HDF5File
  ) throws {
    let config = decoder.config
    if !allPositions {
      _ = try file.createDataset(
        "/logits", of: .float32, shape: [inputs.count, config.vocabularySize],
        storage: Self.rowByRow(config.vocabularySize))
    }
    for layer in layers {
      _ = try file.createDataset(
        "/hidden/L\(layer)", of: .float32, shape: [inputs.count, config.hiddenSize])
    }
    let capture = HiddenStateCapture(layers: layers)
    let progress = ProgressMeter("inputs", total: inputs.count)
    for first in stride(from: 0, to: inputs.count, by: batch) {
      let group = Array(inputs[first..<min(first + batch, inputs.count)])
      let tokens = PackedTokens(group)
      capture.rows = tokens.starts.dropFirst().map { $0 - 1 }
      var context = try decoder.makeContext(
        sequences: group.count, capacity: group.map(\.count).max() ?? 1, path: plan.path)
      context.expect(lengths: group.map(\.count))
      try decoder.forward(
        tokens, in: &context, policy: plan, observer: capture,
        logits: allPositions ? .all : .lastOfEach)
      for (index, ids) in group.enumerated() {
        let name = String(format: "%05d", first + index)
        try file.write(ids, to: "/tokens/\(name)")
        if allPositions {
          let dataset = try file.createDataset(
            "/logits/\(name)", of: .float32, shape: [ids.count, config.vocabularySize],
            storage: Self.rowByRow(config.vocabularySize))
          for row in ids.indices {
            try context.withLogits(row: tokens.starts[index] + row) {
              try dataset.write($0, firstRow: row)
            }
          }
        } else {
          let dataset = try file.dataset("/logits")
          try context.withLogits(row: index) { try dataset.write($0, firstRow: first + index) }
        }
        progress.advance()
      }
      for layer in layers {
        try file.dataset("/hidden/L\(layer)").write(capture.captured[layer] ?? [], firstRow: first)
      }
    }
  }

  private func provenance(_ loaded: LoadedModel) throws -> Provenance {
    try Provenance.collect(
      experiment: "forward", model: URL(fileURLWithPath: loaded.path), dtype: model.dtype.rawValue,
      threads: model.threadCount, device: loaded.device)
  }
}
