import AISKit
import Foundation

/// The cache of one model's and data set's bridges, a file for each run of layers.
///
/// A bridge is fitted when it is first needed, and read from then on. Each kind of device has its own.
struct BridgeStore {
  /// Tokens that bridges are fitted to; with more, the error hardly falls (exp024's curve).
  static let fitTokens = 60_000
  /// Tokens that choose the penalty.
  static let choiceTokens = 6_000

  /// The name in plans of fitting bridges.
  static let part = "bridges"

  let maps: MapStore
  /// The split whose prompts choose the penalty.
  ///
  /// If it is the split that is fitted to, some of its prompts are set aside for this.
  var choice = Split.validation

  /// The bridges over runs.
  ///
  /// - Parameters:
  ///   - runs: the layers that each bridge replaces.
  ///   - language: the model with these layers.
  ///   - float32: the model in float32, in which fitting is done.
  ///   - say: prints a line.
  /// - Returns: a bridge for each run.
  /// - Throws: what fitting, reading the data and writing to the cache throw.
  func bridges(
    over runs: [LayerRun], for language: LanguageModel, float32: () throws -> DecoderModel,
    say: (String) -> Void
  ) throws -> [LayerRun: Bridge] {
    let identity = try identity()
    let folder = maps.cache.appendingPathComponent("bridges/\(identity.folder)", isDirectory: true)
    var found: [LayerRun: Bridge] = [:]
    for run in runs {
      if let kept = try? Bridges(path: file(run, folder).path), kept.notes["key"] == identity.key {
        found[run] = kept[run]
      }
    }
    let missing = runs.filter { found[$0] == nil }.sorted { $0.first < $1.first }
    guard !missing.isEmpty else { return found }
    say(
      "  bridges  over \(missing.map(\.text).joined(separator: ", ")): not in the cache, fitted once"
    )
    let fitted = try float32()
    let texts = try texts(language)
    let meter = ProgressMeter("bridges: tokens", total: texts.tokenCount)
    let (bridges, _) = try Bridges.fit(
      missing, .map, fitted, texts, corrects: false,
      notes: ["key": identity.key, ModelArtefact.digestName: maps.modelSHA256]
    ) { meter.advance(by: $0) }
    try FileBytes.makeFolder(folder)
    for bridge in bridges.bridges {
      try Bridges([bridge], notes: bridges.notes).write(to: file(bridge.run, folder).path)
      found[bridge.run] = bridge
    }
    say("  bridges  \(folder.path)")
    return found
  }

  /// Prompts of the calibration split to fit to, and of `choice` to choose the penalty.
  private func texts(_ language: LanguageModel) throws -> Bridges.Texts {
    let data = try DataFiles.prompts(maps.dataFile)
    guard choice == .calibration else {
      return try Bridges.Texts(
        fitTokens: Self.fitTokens, choiceTokens: Self.choiceTokens, data: data, language: language,
        seed: maps.seed)
    }
    return try Bridges.Texts(
      splitting: Bridges.Texts.draw(
        .calibration, Self.fitTokens + Self.choiceTokens, data, language, maps.seed))
  }

  private func file(_ run: LayerRun, _ folder: URL) -> URL {
    folder.appendingPathComponent("\(run.first)-\(run.last).safetensors")
  }

  /// The bridges' model and data, as a folder's name and as an exact key.
  private func identity() throws -> (folder: String, key: String) {
    let key = try maps.key(
      "seed \(maps.seed), \(Self.fitTokens) and \(Self.choiceTokens) tokens, "
        + "form \(BridgeForm.map.rawValue), penalty by \(choice.rawValue)")
    let model = ResultName.model(maps.model)
    return ("\(model)-\(String(StableHash.of(key.utf8), radix: 16))", key)
  }
}

extension Workbench {
  /// Bridges that an experiment fits for itself, kept in the cache; so processes that time them, and
  /// a run that goes on, need not fit them again.
  ///
  /// - Parameters:
  ///   - key: everything that they depend on besides the model, the prompts, the device and the seed.
  ///   - fit: makes them in float32 if the cache does not have them.
  /// - Returns: the bridges.
  /// - Throws: what `fit` throws; `CheckpointError` if they cannot be kept.
  public func bridges(keptAs key: String, fit: () throws -> Bridges) throws -> Bridges {
    let key = try mapStore.key("seed \(seed), \(key)")
    let folder = mapStore.cache.appendingPathComponent("bridges/own", isDirectory: true)
    let file = folder.appendingPathComponent(
      "\(String(StableHash.of(key.utf8), radix: 16)).safetensors")
    if let kept = try? Bridges(path: file.path), kept.notes["key"] == key { return kept }
    var fitted = try fit()
    fitted.notes["key"] = key
    fitted.notes[ModelArtefact.digestName] = modelSHA256
    try FileBytes.makeFolder(folder)
    try fitted.write(to: file.path)
    return fitted
  }
}

extension Bridges.Texts {
  /// Prompts drawn evenly over the categories: of the calibration split to fit to, of the
  /// validation split to choose the penalty.
  ///
  /// No text may be in both; this is checked.
  ///
  /// - Throws: what the chat template throws; `RequestError` if a split has no prompt; `SplitError`.
  public init(
    fitTokens: Int, choiceTokens: Int, data: [InstructionPrompt], language: LanguageModel,
    seed: UInt64
  ) throws {
    self.init(
      fit: try Self.draw(.calibration, fitTokens, data, language, seed),
      choose: try Self.draw(.validation, choiceTokens, data, language, seed))
  }

  /// Prompts of a split, drawn evenly over the categories, until they have enough tokens.
  fileprivate static func draw(
    _ split: Split, _ tokens: Int, _ data: [InstructionPrompt], _ language: LanguageModel,
    _ seed: UInt64
  ) throws -> [[Int32]] {
    let limit = min(Corpus.maximumTokens, language.decoder.config.contextLength)
    // With the template, prompts average well over 40 tokens, so this many are enough.
    let draw = try PromptDraw(
      data: data, language: language, split: split, count: max(1, tokens / 40),
      maximumTokens: limit, seed: seed)
    var taken: [[Int32]] = []
    var count = 0
    for text in draw.tokens where count < tokens {
      taken.append(text)
      count += text.count
    }
    return taken
  }
}
