import AISHarness
import AISKit
import ArgumentParser
import Foundation
import HDF5

/// `ais exits`: the routers' scores of every row and where rows would exit, as an HDF5 file.
struct Exits: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Scores every token by its routers, on the full model's states, into an HDF5 file.",
    discussion: "Every layer runs for every token: this is the choice, not the saving.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions
  @Option(help: "A router file.") var router: String
  @OptionGroup var foreign: ForeignOptions
  @Flag(help: "Put texts into the model's chat template, as a user's message, first.")
  var chat = false
  @Option(help: "Thresholds, as 0.85,0.7. (default: the router file's)") var threshold: String?
  @Option(help: "Layers that must have run before a token may exit. (default: the router file's)")
  var minLayers: Int?
  @Option(help: "Inputs that are computed together.") var batch: Int = 8
  @Option(help: "The file to write.") var out: String

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch \(batch): expected at least 1") }
    if let minLayers, minLayers < 0 {
      throw ValidationError("--min-layers \(minLayers): expected at least 0")
    }
    _ = try threshold.map(Self.thresholds)
  }

  /// Thresholds and how the user spelled them.
  private static func thresholds(_ text: String) throws -> [(name: String, value: Double)] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard Set(names).count == names.count else {
      throw ValidationError("--threshold '\(text)': expected each threshold once")
    }
    return try names.map { name in
      guard let value = Double(name), value >= 0, value.isFinite, !name.contains("/") else {
        throw ValidationError("--threshold '\(text)': expected numbers of at least 0, as 0.85,0.7")
      }
      return (name, value)
    }
  }

  func run() throws {
    // Checked before anything is computed.
    try OutputPlace.check(out)
    let routers = try TokenRouters(path: router)
    let loaded = try LoadedModel(model)
    let foreignSHA256 = try loaded.check(ModelArtefact(kind: "routers", path: router), foreign)
    try routers.validate(for: loaded.decoder.config)
    let inputs = try loaded.inputs(input, chat: chat)
    let own = routers.configuration
    let thresholds =
      try threshold.map(Self.thresholds) ?? [("\(own.exitThreshold)", own.exitThreshold)]
    var provenance = try Provenance.collect(
      experiment: "exits", model: URL(fileURLWithPath: loaded.path), dtype: model.dtype.rawValue,
      threads: model.threadCount, device: loaded.device)
    let clock = ContinuousClock()
    let begin = clock.now
    try HDF5File.replace(out) { file in
      try write(
        inputs, loaded.decoder, routers, thresholds, minLayers ?? own.minLayers, to: file)
      provenance.wallSeconds = (clock.now - begin) / .seconds(1)
      provenance.isComplete = true
      try ResultFile.writeProvenance(provenance, to: file)
      try file.setAttribute("router_sha256", FileDigest.sha256(of: URL(fileURLWithPath: router)))
      if let foreignSHA256 { try file.setAttribute("router_model_sha256", foreignSHA256) }
      try file.setAttribute("min_layers", minLayers ?? own.minLayers)
      try file.setAttribute("router_layers", routers.layers)
    }
    OutputPlace.sayWritten(
      out,
      "scores of \(routers.layers.count) routers and exits at \(thresholds.count) thresholds for "
        + "\(inputs.count) inputs")
  }

  private func write(
    _ inputs: [[Int32]], _ decoder: DecoderModel, _ routers: TokenRouters,
    _ thresholds: [(name: String, value: Double)], _ minLayers: Int, to file: borrowing HDF5File
  ) throws {
    let scorer = try ExitScorer(model: decoder, routers: routers)
    let progress = ProgressMeter("inputs", total: inputs.count)
    for first in stride(from: 0, to: inputs.count, by: batch) {
      let group = Array(inputs[first..<min(first + batch, inputs.count)])
      let tokens = PackedTokens(group)
      var context = try decoder.makeContext(
        sequences: group.count, capacity: group.map(\.count).max() ?? 1)
      context.expect(lengths: group.map(\.count))
      try decoder.forward(tokens, in: &context, observer: scorer, logits: .none)
      for (index, ids) in group.enumerated() {
        let name = String(format: "%05d", first + index)
        let scores = scorer.scores.rows(tokens.starts[index]..<tokens.starts[index + 1])
        try file.write(ids, to: "/tokens/\(name)")
        for (layer, values) in zip(scores.layers, scores.values) {
          try file.write(values, to: "/scores/\(name)/L\(layer)")
        }
        for threshold in thresholds {
          try file.write(
            scores.exitLayers(threshold: threshold.value, minLayers: minLayers),
            to: "/exit_layer/\(name)/t\(threshold.name)")
        }
        progress.advance()
      }
    }
  }
}
