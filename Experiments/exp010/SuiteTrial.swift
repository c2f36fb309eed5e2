import AISHarness
import AISKit
import Foundation

/// Puts the items of tasks to the full model and to a variant.
final class SuiteTrial {
  /// A task with its items.
  struct Task {
    let task: SuiteTask
    let items: [SuiteItem]

    init(_ task: SuiteTask, items: [SuiteItem]) { (self.task, self.items) = (task, items) }
  }

  private let language: LanguageModel
  private let variant: SuiteVariant
  private let count: Int
  private let seed: UInt64
  private let maxTokens: Int
  private let batch: Int

  init(
    _ language: LanguageModel, _ variant: SuiteVariant, count: Int, seed: UInt64, maxTokens: Int,
    batch: Int
  ) {
    self.language = language
    self.variant = variant
    self.count = count
    self.seed = seed
    self.maxTokens = maxTokens
    self.batch = batch
  }

  /// A task's sample, in the file's order.
  ///
  /// A larger one holds a smaller one.
  private func sample(_ task: Task) -> [SuiteItem] {
    var generator = SplitMix64(seed: seed)
    return generator.shuffled(Array(task.items.indices)).prefix(count).sorted().map {
      task.items[$0]
    }
  }

  // MARK: Answers that are scored

  /// Scores the answers of all tasks that have some.
  func answer(_ tasks: [Task], in lab: Lab<Exp010.Row>) throws {
    let tasks = tasks.filter { !$0.task.isRolling && !$0.task.isGenerated }
    let samples = tasks.map { task in (task: task.task, items: sample(task)) }
    let scorer = try variant.scorer(language.decoder)
    var current: (task: String, prompts: [Int: [ChoicePrompt]])?
    let items = samples.flatMap { sample in sample.items.map { (sample: sample, item: $0) } }
    func measure(_ element: (sample: (task: SuiteTask, items: [SuiteItem]), item: SuiteItem))
      throws -> Exp010.Row
    {
      let task = element.sample.task
      if current?.task != task.name {
        // Examples that all of a task's prompts begin with are computed once.
        let prompts = try Dictionary(
          uniqueKeysWithValues: element.sample.items.map { ($0.row, try self.prompts($0, task)) })
        try scorer.beginGroup(element.sample.items.flatMap { prompts[$0.row] ?? [] })
        current = (task.name, prompts)
      }
      return Exp010.Row(
        task, element.item, try scorer.score(current?.prompts[element.item.row] ?? []))
    }
    try lab.measureEach(
      items, "items", by: { "\($0.sample.task.name) \($0.item.row)" },
      rowKey: { "\($0.task) \($0.row)" }, measure)
  }

  private func prompts(_ item: SuiteItem, _ task: SuiteTask) throws -> [ChoicePrompt] {
    var asksGreedy = false
    if case .target = task.answers { asksGreedy = true }
    return try item.prompts(
      language.prompts, contextLength: language.decoder.config.contextLength, asksGreedy: asksGreedy
    )
  }

  // MARK: Documents

  /// Reads the documents.
  func read(_ tasks: [Task], in lab: Lab<Exp010.Row>) throws {
    guard let task = tasks.first(where: \.task.isRolling) else { return }
    let tokenizer = language.prompts.tokenizer
    guard let prefix = tokenizer.bosID ?? tokenizer.endIDs.min() else {
      return lab.say(
        "  absent   \(task.task.name): the model has no token that begins or ends texts")
    }
    let reader = RollingLikelihood(language.decoder)
    func measure(_ item: SuiteItem) throws -> [DocumentRow] {
      let tokens = try tokenizer.encode(item.text, addBOS: false)
      var row = DocumentRow()
      (row.row, row.tokens) = (item.row, tokens.count)
      (row.words, row.bytes) = (SuiteItem.words(item.text), item.text.utf8.count)
      row.baseline = try reader.logLikelihood(of: tokens, after: prefix, policy: DepthPlan.full)
      row.variant = try reader.logLikelihood(
        of: tokens, after: prefix, policy: variant.reading([prefix] + tokens, language.decoder))
      return [row]
    }
    try lab.measureEach(
      raw: sample(task), "documents", by: \.row, rowKey: { (row: DocumentRow) in row.row }, measure)
  }

  // MARK: Answers that are written

  /// Writes the answers to questions that end in a number.
  func write(_ tasks: [Task], in lab: Lab<Exp010.Row>) throws {
    guard let task = tasks.first(where: \.task.isGenerated) else { return }
    // A larger run goes on with the questions that a smaller one left.
    let done = Set(lab.rows(of: WrittenRow.self).map(\.row))
    let left = sample(task).filter { !done.contains($0.row) }
    let batches = stride(from: 0, to: left.count, by: batch).map {
      Array(left[$0..<min($0 + batch, left.count)])
    }
    func measure(_ items: [SuiteItem]) throws -> [WrittenRow] {
      let (full, variant) = try (
        answers(items, DepthPlan.full), answers(items, self.variant.generating)
      )
      return items.indices.map { place in
        WrittenRow(
          row: items[place].row, gold: items[place].text,
          baseline: WrittenNumber.of(full[place]) ?? "",
          variant: WrittenNumber.of(variant[place]) ?? "", baselineText: full[place],
          variantText: variant[place])
      }
    }
    try lab.measureEach(
      raw: batches, "batches of written answers", by: { $0[0].row },
      rowKey: { (row: WrittenRow) in row.row }, measure)
  }

  private func answers(_ items: [SuiteItem], _ policy: any DepthPolicy) throws -> [String] {
    let tokenizer = language.prompts.tokenizer
    let prompts = try items.map { try language.prompts.encode($0.prompt) }
    let texts = try BatchGenerator(model: language.decoder, endIDs: tokenizer.endIDs).generate(
      prompts: prompts, maxTokens: maxTokens, policy: policy,
      stops: { tokenizer.decode($0.suffix(8).map(\.id)).contains("Q:") })
    return texts.map { text in
      let whole = tokenizer.decode(text.tokens.map(\.id))
      return whole.range(of: "Q:").map { String(whole[..<$0.lowerBound]) } ?? whole
    }
  }
}
