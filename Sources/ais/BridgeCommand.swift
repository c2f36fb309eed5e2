import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais bridge`: fits linear maps that replace layers, on a file of texts.
struct BridgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bridge",
    abstract: "Fits linear maps that replace layers, in closed form, on JSON lines.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions
  @Option(help: "The layers to replace, a bridge for each run, as 8-15,20-21.")
  var runs: String?
  @Option(
    help: ArgumentHelp(
      "Exit bridges instead: from each of these layers to the end, as 3,7,11. Texts on which "
        + "`ais calibrate` chooses a threshold are left out.", valueName: "layers"))
  var exits: String?
  @Option(help: "The bridge file to write.") var out: String
  @Flag(help: "Put texts into the model's chat template, as a user's message, first.")
  var chat = false
  @Option(
    help: ArgumentHelp(
      "What replaces the layers: map, merged, graft, both. All but map suppose that texts begin with "
        + "the same token, as they do with --chat. (default: both; map with --exits)"))
  var form: BridgeForm?
  @Option(
    help: "The most rank that a map may have, for two thin products in its place. (default: any)")
  var rank: Int?
  @Flag(help: "Fit each bridge to the full model's states, not to those after the earlier bridges.")
  var independent = false
  @Option(help: "Longer texts are cut to so many tokens.") var maxTokensPerText = 512
  @Option(help: "Tokens that are read at most; 0: all.") var maxTokens = 200_000
  @Option(help: "Decides which texts are read, where there are more.") var seed: UInt64 = 0

  func validate() throws {
    if maxTokensPerText < 2 {
      throw ValidationError("--max-tokens-per-text \(maxTokensPerText): expected at least 2")
    }
    if (runs == nil) == (exits == nil) {
      throw ValidationError("expected --runs or --exits, one of them")
    }
    if exits != nil, usedForm != .map {
      throw ValidationError("--form \(usedForm.rawValue): exit bridges are maps")
    }
    if let rank, rank < 1 { throw ValidationError("--rank \(rank): expected at least 1") }
    if rank != nil, !usedForm.hasMap {
      throw ValidationError("--rank means something with --form map and both only")
    }
    if maxTokens < 0 { throw ValidationError("--max-tokens \(maxTokens): expected at least 0") }
    if model.dtype != .f32 {
      throw ValidationError(
        "--dtype \(model.dtype.rawValue): bridges are fitted in f32, and crossed in any format")
    }
  }

  private var usedForm: BridgeForm { form ?? (exits == nil ? .both : .map) }

  /// The runs of layers that bridges replace.
  private func wantedRuns(of decoder: DecoderModel) throws -> [LayerRun] {
    guard let exits else { return try LayerRun.list(runs ?? "") }
    let last = decoder.config.layerCount - 1
    let layers = try LayerRun.list(exits).flatMap { Array($0.layers) }
    guard layers.allSatisfy({ $0 < last }) else {
      throw RequestError(
        "--exits", expected: "layers before the last, 0 to \(last - 1)", found: exits)
    }
    return layers.map { LayerRun($0 + 1, last) }
  }

  func run() throws {
    // Checked before anything is computed.
    try OutputPlace.check(out)
    let loaded = try LoadedModel(model)
    let runs = try wantedRuns(of: loaded.decoder)
    let corrects = !independent && exits == nil
    let draw = CalibrationDraw(
      try loaded.texts(input, chat: chat), opening: 0, texts: .max,
      tokensPerText: min(maxTokensPerText, loaded.decoder.config.contextLength),
      tokens: maxTokens == 0 ? .max : maxTokens, seed: seed)
    try StandardStreams.writeOutput(draw.summary + "\n")
    let tokens = draw.texts.map(\.tokens)
    let texts =
      exits == nil
      ? Bridges.Texts(splitting: tokens) : Bridges.Texts(splittingForExits: tokens)
    let meter = ProgressMeter(
      "bridge: tokens", total: texts.tokenCount * (corrects ? runs.count : 1))
    let clock = ContinuousClock()
    let begin = clock.now
    let (bridges, reports) = try Bridges.fit(
      runs, usedForm, loaded.decoder, texts, rank: rank, corrects: corrects,
      notes: try notes(loaded)
    ) { meter.advance(by: $0) }
    try bridges.write(to: out)
    for (bridge, report) in zip(bridges.bridges, reports) {
      try StandardStreams.writeOutput(Self.line(bridge, report) + "\n")
    }
    let seconds = (clock.now - begin) / .seconds(1)
    OutputPlace.sayWritten(
      out,
      "bridges over \(bridges.bridges.count) runs of layers, fitted in "
        + String(format: "%.0f s", seconds))
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
      "model_name": ModelCatalog.shownName(of: place),
      ModelArtefact.digestName: try FileDigest.sha256(ofModel: place),
      "dtype": model.dtype.rawValue, "device": loaded.device.name,
      "max_tokens_per_text": "\(maxTokensPerText)", "chat": "\(chat)", "seed": "\(seed)",
    ]
    if let exits { notes["exits"] = exits }
    if input.input != "-" {
      let data = URL(fileURLWithPath: input.input)
      notes["data_name"] = data.lastPathComponent
      notes["data_sha256"] = try FileDigest.sha256(ofData: data)
    }
    return notes
  }
}
