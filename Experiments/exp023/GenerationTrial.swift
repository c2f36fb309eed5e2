import AISHarness
import AISKit

/// Continues prompts in batches, with and without exits and in other number formats, and runs the
/// full model on the texts.
final class GenerationTrial {
  /// A batch's texts, and the logits that chose their tokens.
  private struct Texts {
    var first: Int
    var setting: String
    var continuations: [BatchGenerator.Continuation]
    /// Shape: [prompts of the batch][tokens, vocabularySize].
    var logits: [[Float]]
  }

  private let language: LanguageModel
  private let routers: TokenRouters
  private let options: RouterOptions
  private let bridges: ExitBridges?
  private let prompts: [[Int32]]
  private let batch: Int
  private let maxTokens: Int
  private var full: Texts?
  private var current: Texts?
  private let placebos: PlaceboModels

  init(
    _ language: LanguageModel, _ routers: TokenRouters, _ options: RouterOptions,
    _ bridges: ExitBridges?, _ placebos: PlaceboModels, prompts: [[Int32]], batch: Int,
    maxTokens: Int
  ) {
    self.language = language
    self.routers = routers
    self.options = options
    self.bridges = bridges
    self.placebos = placebos
    self.prompts = prompts
    self.batch = batch
    self.maxTokens = maxTokens
  }

  func row(_ prompt: Int, _ category: String, _ setting: ExitSetting) throws -> Exp023.Row {
    let first = prompt - prompt % batch
    if full?.first != first { full = try texts(first, .full) }
    if setting == .full {
      current = full
    } else if current?.first != first || current?.setting != setting.label {
      current = try texts(first, setting)
    }
    guard let full, let current else { preconditionFailure("texts were just made") }
    let place = prompt - first
    var row = Exp023.Row()
    (row.prompt, row.category, row.setting) = (prompt, category, setting.label)
    row.threshold = setting.threshold ?? .nan
    describe(&row, current.continuations[place], full: full.continuations[place])
    try read(
      &row, prompts[prompt], current.continuations[place].tokens.map(\.id),
      chosenFrom: current.logits[place])
    return row
  }

  /// Continues a batch.
  private func texts(_ first: Int, _ setting: ExitSetting) throws -> Texts {
    let chosen = Array(prompts[first..<min(first + batch, prompts.count)])
    let generator = BatchGenerator(
      model: try FormatPlacebo(label: setting.label).map(placebos.model) ?? language.decoder,
      endIDs: language.prompts.tokenizer.endIDs)
    var logits = [[Float]](repeating: [], count: chosen.count)
    func generate(_ policy: some DepthPolicy) throws -> [BatchGenerator.Continuation] {
      try generator.generate(
        prompts: chosen, maxTokens: maxTokens, policy: policy,
        chosen: { logits[$0].append(contentsOf: $1) })
    }
    let exit = try setting.threshold.map {
      try options.exit(above: $0, routers, bridges, language.decoder)
    }
    let continuations = try exit.map { try generate($0) } ?? generate(DepthPlan.full)
    return Texts(
      first: first, setting: setting.label, continuations: continuations, logits: logits)
  }

  /// Describes a text compared with the full model's, and its cost.
  private func describe(
    _ row: inout Exp023.Row, _ text: BatchGenerator.Continuation,
    full: BatchGenerator.Continuation
  ) {
    let (ids, fullIDs) = (text.tokens.map(\.id), full.tokens.map(\.id))
    let tokenizer = language.prompts.tokenizer
    row.tokens = ids.count
    row.fullTokens = fullIDs.count
    row.finish = text.reason.rawValue
    row.behindEnd = TextMeasure.tokensBehindEnd(ids, endIDs: tokenizer.endIDs)
    row.prefix = TextMeasure.sharedPrefix(ids, fullIDs)
    row.prefixShare = TextMeasure.prefixShare(ids, fullIDs)
    row.isIdentical = ids == fullIDs && text.reason == full.reason
    let exits = ExitCounts(text.tokens.compactMap(\.exitLayer))
    row.exits = exits.text
    row.exited = exits.total
    row.executedLayers = text.tokens.reduce(0) { $0 + $1.executedLayers }
    row.repetition = TextMeasure.repetition(ids)
    row.text = tokenizer.decode(ids)
  }

  /// Runs the full model on a prompt and its text, in one pass.
  private func read(
    _ row: inout Exp023.Row, _ prompt: [Int32], _ text: [Int32], chosenFrom logits: [Float]
  ) throws {
    guard !text.isEmpty else { return }
    let model = language.decoder
    let width = model.config.vocabularySize
    var context = try model.makeContext(capacity: prompt.count + text.count)
    if prompt.count > 1 {
      try model.forward(PackedTokens(prompt.dropLast()), in: &context, logits: .none)
    }
    // The last token is left out: its prediction is not in the text.
    try model.forward(
      PackedTokens(prompt.suffix(1) + text.dropLast()), in: &context, logits: .all)
    context.withAllLogits { base in
      let normalizers = LogProbabilities.normalizers(base, width: width)
      let comparisons = logits.withUnsafeBufferPointer {
        LogitComparison.rows(base: base, other: $0, width: width)
      }
      for (place, id) in text.enumerated() {
        row.negativeLogLikelihood += normalizers[place] - Double(base[place * width + Int(id)])
      }
      row.kl = comparisons.reduce(0) { $0 + $1.klBaseSkip }
      row.agreeing = comparisons.count(where: \.topOneAgrees)
    }
  }
}
