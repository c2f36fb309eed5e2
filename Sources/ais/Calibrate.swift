import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais calibrate`: trains exit routers on a file of texts and chooses a guaranteed threshold.
struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains token routers on JSON lines and chooses a threshold with a guarantee.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var input: InputOptions
  @Option(help: "The router file to write.") var out: String
  @Flag(help: "Put texts into the model's chat template, as a user's message, first.")
  var chat = false
  @Option(help: "What counts as settled: agreement, cosine.")
  var labels: RouterCalibration.Label = .agreement
  @Option(
    help: ArgumentHelp(
      "Bridges that map the states of tokens that exit to the final state before the readout.",
      valueName: "file"))
  var exitBridges: String?
  @OptionGroup var foreign: ForeignOptions
  @Option(help: "There is a router after every so many layers.")
  var checkpointInterval = TokenExitConfiguration().checkpointInterval
  @Option(help: "Width of a router's hidden layer.")
  var routerBottleneckDim = TokenExitConfiguration().routerBottleneckDim
  @Option(help: "Layers that must have run before a token may exit; part of the guarantee.")
  var minLayers = TokenExitConfiguration().minLayers
  @Option(help: "For labels by cosine: the similarity above which a state counts as settled.")
  var convergenceThreshold = TokenExitConfiguration().convergenceThreshold
  @Option(help: "Texts that are read at most.")
  var calibrationSamples = TokenExitConfiguration().calibrationSamples
  @Option(help: "Longer texts are cut to so many tokens.") var maxTokensPerText = 256
  @Option(help: "Tokens that are read at most; 0: all.") var maxTokens = 60_000
  @Option(help: "Every so many-th position of a text is labelled.") var labelEvery = 4
  @Option(help: "How rows of the two labels weigh in training: rows, classes.")
  var balance: RouterTraining.Balance = .rows
  @Option(help: "The share of all tokens that may exit and be wrong, mean over texts.") var delta =
    RiskControl().risk
  @Option(help: "How often the guarantee may fail.") var epsilon = RiskControl().error
  @Option(help: "What is independent of what: text, token.") var unit: RiskControl.Unit = .text
  @Option(help: "Decides positions, weights and orders.") var seed: UInt64 = 0
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    if maxTokensPerText < 1 {
      throw ValidationError("--max-tokens-per-text \(maxTokensPerText): expected at least 1")
    }
    if maxTokens < 0 { throw ValidationError("--max-tokens \(maxTokens): expected at least 0") }
  }

  func run() throws {
    // Checked before anything is computed.
    try OutputPlace.check(out)
    let loaded = try LoadedModel(model)
    var calibration = RouterCalibration(model: loaded.decoder, configuration: configuration)
    calibration.label = labels
    let foreignSHA256 = try exitBridges.flatMap {
      try loaded.check(ModelArtefact(kind: "bridges", path: $0), foreign)
    }
    calibration.exitBridges = try bridges(for: loaded.decoder)
    calibration.labelEvery = labelEvery
    calibration.training.balance = balance
    calibration.risk = RiskControl(risk: delta, error: epsilon, unit: unit)
    calibration.seed = seed
    try calibration.validate()
    let draw = try CalibrationDraw(
      loaded.texts(input, chat: chat), opening: chat ? opening(loaded) : 0,
      texts: calibrationSamples,
      tokensPerText: tokensPerText(loaded),
      tokens: maxTokens == 0 ? .max : maxTokens, seed: seed)
    if !json { try StandardStreams.writeOutput(draw.summary + "\n") }
    let folder = CacheFolder.location().appendingPathComponent("activations", isDirectory: true)
    try makeFolder(folder)
    var meters = CalibrationMeters()
    let (routers, report) = try calibration.run(
      draw.texts, folder: folder.path, notes: try notes(loaded, foreignSHA256)
    ) { meters.show($0) }
    try routers.write(to: out)
    try StandardStreams.writeOutput(
      json
        ? try CalibrationJSON(report).text + "\n"
        : CalibrationTable(report, calibration).text + "\n")
    OutputPlace.sayWritten(out, "routers after \(routers.layers.count) layers")
  }

  /// The exit bridges of the named file: one after each checkpoint, fitted to none of the texts
  /// that choose the threshold.
  private func bridges(for decoder: DecoderModel) throws -> ExitBridges? {
    guard let exitBridges else { return nil }
    let file = try Bridges(path: exitBridges, layerCount: decoder.config.layerCount)
    let bridges = try ExitBridges(file, decoder)
    try bridges.validate(
      after: configuration.checkpoints(layerCount: decoder.config.layerCount)
        .filter { $0 < decoder.config.layerCount - 1 })
    if input.input != "-", file.notes["exits"] == nil,
      try file.notes["data_sha256"] == FileDigest.sha256(ofData: URL(fileURLWithPath: input.input))
    {
      throw RequestError(
        exitBridges,
        expected: "bridges made with --exits, which leaves out the texts that choose the "
          + "threshold, or from other texts", found: "bridges fitted to all of \(input.input)")
    }
    return bridges
  }

  private var configuration: TokenExitConfiguration {
    var configuration = TokenExitConfiguration()
    configuration.checkpointInterval = checkpointInterval
    configuration.routerBottleneckDim = routerBottleneckDim
    configuration.minLayers = minLayers
    configuration.convergenceThreshold = convergenceThreshold
    configuration.calibrationSamples = calibrationSamples
    return configuration
  }

  /// The number of tokens in the chat template's opening, which is the same in every text.
  private func opening(_ loaded: LoadedModel) throws -> Int {
    try LanguageModel(decoder: loaded.decoder, prompts: loaded.requiredPrompts).messageOpening.count
  }

  private func notes(
    _ loaded: LoadedModel, _ foreignSHA256: String?
  ) throws -> [String: String] {
    let place = URL(fileURLWithPath: loaded.path)
    var notes = [
      "model_name": ModelCatalog.shownName(of: place),
      ModelArtefact.digestName: try FileDigest.sha256(ofModel: place),
      "dtype": model.dtype.rawValue, "device": loaded.device.name,
      "max_tokens_per_text": "\(tokensPerText(loaded))", "chat": "\(chat)",
    ]
    if let exitBridges {
      notes["exit_bridges_sha256"] = try FileDigest.sha256(of: URL(fileURLWithPath: exitBridges))
      notes["exit_bridges_model_sha256"] = foreignSHA256
    }
    if input.input != "-" {
      let data = URL(fileURLWithPath: input.input)
      notes["data_name"] = data.lastPathComponent
      notes["data_sha256"] = try FileDigest.sha256(ofData: data)
    }
    return notes
  }

  /// Texts are also cut at the model's last position.
  private func tokensPerText(_ loaded: LoadedModel) -> Int {
    min(maxTokensPerText, loaded.decoder.config.contextLength)
  }

  private func makeFolder(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw RequestError(
        folder.path, expected: "a folder to write to", found: error.localizedDescription)
    }
  }
}
