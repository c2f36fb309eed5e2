import AISKit
import Foundation

/// The cache of one model's best plans that leave layers out.
///
/// They are searched for when first needed, on prompts of the validation split, and read from then
/// on.
struct SkipStore {
  /// Prompts that plans are compared on.
  static let prompts = 16
  /// Their longest length in tokens, unless the model's tokenizer makes longer ones of all prompts.
  static let longestPrompt = 48

  let maps: MapStore

  /// The best set found of each size up to `count`.
  ///
  /// - Throws: what reading the data, a forward pass and writing to the cache throw.
  func best(
    upTo count: Int, for language: LanguageModel, say: (String) -> Void
  ) throws -> [SkipSearch.Found] {
    let key = try maps.key(
      "\(maps.dtype) seed \(maps.seed), \(Self.prompts) prompts of at most \(Self.longestPrompt), "
        + "up to \(count)")
    let folder = maps.cache.appendingPathComponent("plans", isDirectory: true)
    let file = folder.appendingPathComponent(
      "\(ResultName.model(maps.model))-\(String(StableHash.of(key.utf8), radix: 16)).json")
    if let bytes = try? Data(contentsOf: file),
      let kept = try? JSONDecoder().decode(Kept.self, from: bytes), kept.key == key
    {
      return kept.found
    }
    // A tokenizer of single bytes, as models with random weights have, makes no prompt of few tokens.
    let draw = try PromptDraw(
      data: DataFiles.prompts(maps.dataFile), language: language, split: .validation,
      count: Self.prompts, maximumTokens: Self.longestPrompt, orAtMost: Corpus.maximumTokens,
      seed: maps.seed)
    say("  plans    that leave out up to \(count) layers: not in the cache, searched for once")
    let layers = language.decoder.config.layerCount
    let meter = ProgressMeter(
      "search: plans", total: SkipSearch.measurements(leavingOut: count, of: layers))
    let found = try SkipSearch(language.decoder, texts: draw.tokens)
      .best(upTo: count) { meter.advance() }
    try FileBytes.makeFolder(folder)
    try FileBytes.replace(file.path, with: JSONEncoder().encode(Kept(key: key, found: found)))
    return found
  }

  private struct Kept: Codable {
    let key: String
    let found: [SkipSearch.Found]
  }
}

extension Workbench {
  /// The hard plan of this size that costs least, searched for on prompts of the validation split.
  ///
  /// - Parameters:
  ///   - count: how many layers it leaves out, at least one.
  ///   - language: the model, in the workbench's number format.
  /// - Returns: the layers, in rising order, and the plan's mean KL(base‖skip) on those prompts.
  /// - Throws: `RequestError` if no layer would stay; what reading the data and a forward pass throw.
  public func bestSkip(
    of count: Int, _ language: LanguageModel
  ) throws -> SkipSearch.Found {
    let layers = language.decoder.config.layerCount
    let found =
      (1..<layers).contains(count)
      ? try SkipStore(maps: mapStore).best(upTo: count, for: language, say: say).last : nil
    guard let found else {
      throw RequestError(
        "layers left out", expected: "1 to \(layers - 1)", found: "\(count)")
    }
    return found
  }

  /// The layer that makes the attention sink, in a text that begins as all conversations do; `nil` if
  /// none does.
  ///
  /// - Throws: what the chat template and a forward pass throw.
  public func sinkLayer(_ language: LanguageModel) throws -> Int? {
    let first = try language.tokens(ofMessage: "A").first ?? 0
    return try SinkLayer.find(in: language.decoder, token: first)
  }
}
