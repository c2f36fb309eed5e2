import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais bridge`: fits linear maps that stand for layers, on a file of texts.
struct BridgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bridge",
    abstract: "Fits linear maps that stand for layers, in closed form, on JSON lines.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions
  @Option(help: "The layers to stand for, a bridge for each run, as 8-15,20-21.")
  var runs: String
  @Option(help: "The bridge file to write.") var out: String
  @Flag(help: "Put texts into the model's chat template, as a user's message, first.")
  var chat = false
  @Option(help: "What stands for the layers: map, merged, graft, both.")
  var form: BridgeForm = .both
  @Option(
    help: "The most rank that a map may have, for two thin products in its place. (default: any)")
  var rank: Int?
  @Flag(help: "Fit each bridge to the full model's states, not behind the earlier bridges.")
  var independent = false
  @Option(help: "Longer texts are cut to so many tokens.") var maxTokensPerText = 512
  @Option(help: "Tokens that are read at most; 0: all.") var maxTokens = 200_000
  @Option(help: "Decides which texts are read, where there are more.") var seed: UInt64 = 0

  func validate() throws {
    if maxTokensPerText < 2 {
      throw ValidationError("--max-tokens-per-text \(maxTokensPerText): expected at least 2")
    }
    if let rank, rank < 1 { throw ValidationError("--rank \(rank): expected at least 1") }
    if rank != nil, !form.hasMap {
      throw ValidationError("--rank means something with --form map and both only")
    }
    if maxTokens < 0 { throw ValidationError("--max-tokens \(maxTokens): expected at least 0") }
    if model.dtype != .f32 {
      throw ValidationError(
        "--dtype \(model.dtype.rawValue): bridges are fitted in f32, and crossed in any format")
    }
  }

  func run() throws {
    // Before anything is computed for it.
    try OutputPlace.check(out)
    let runs = try LayerRun.list(runs)
    let loaded = try LoadedModel(model)
    let draw = CalibrationDraw(
      try loaded.texts(input, chat: chat), opening: 0, texts: .max,
      tokensPerText: min(maxTokensPerText, loaded.decoder.config.contextLength),
      tokens: maxTokens == 0 ? .max : maxTokens, seed: seed)
    try StandardStreams.writeOutput(draw.summary + "\n")
    let texts = Bridges.Texts(splitting: draw.texts.map(\.tokens))
    let meter = ProgressMeter(
      "bridge: tokens", total: texts.tokenCount * (independent ? 1 : runs.count))
    let clock = ContinuousClock()
    let begin = clock.now
    let (bridges, reports) = try Bridges.fit(
      runs, form, loaded.decoder, texts, rank: rank, corrects: !independent,
      notes: try notes(loaded)
    ) { meter.advance(by: $0) }
    try bridges.write(to: out)
    for (bridge, report) in zip(bridges.bridges, reports) {
      try StandardStreams.writeOutput(Self.line(bridge, report) + "\n")
    }
    let seconds = (clock.now - begin) / .seconds(1)
    try StandardStreams.writeOutput(
      String(format: "written to %@, fitted in %.0f s\n", out, seconds))
  }

  private static func line(_ bridge: Bridge, _ report: BridgeFitter.Report) -> String {
    let error = String(
      format: "error %.3f of what the layers add (%.3f where it was fitted), ridge %g",
      report.choiceError ?? report.fitError, report.fitError, report.ridge)
    return "layers \(bridge.run.text)  \(error)"
  }

  private func notes(_ loaded: LoadedModel) throws -> [String: String] {
    let place = URL(fileURLWithPath: loaded.path)
    var notes = [
      "model_name": place.lastPathComponent,
      "model_sha256": try FileDigest.sha256(ofModel: place), "dtype": model.dtype.rawValue,
      "max_tokens_per_text": "\(maxTokensPerText)", "chat": "\(chat)", "seed": "\(seed)",
    ]
    if input.input != "-" {
      let data = URL(fileURLWithPath: input.input)
      notes["data_name"] = data.lastPathComponent
      notes["data_sha256"] = try FileDigest.sha256(ofData: data)
    }
    return notes
  }
}
