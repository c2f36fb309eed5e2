import AISHarness
import AISKit
import Foundation

/// How much work a run is, estimated from the tasks' texts.
struct SuiteWork {
  /// Characters of English text that make a token, roughly.
  private static let charactersOfToken = 4.0
  /// Items of a task whose lengths are taken for the others, too.
  private static let sampled = 50
  /// The share of the longest allowed answer that is written, about.
  private static let writtenShare = 0.5

  /// Items that each task gives.
  let count: Int
  /// The most tokens of a written answer.
  let maxTokens: Int
  /// Answers that are written together.
  let batch: Int

  /// The work of the full model and the variant on these tasks; `nil` without tasks, or if a file cannot be read.
  func workload(of tasks: [(task: SuiteTask, file: URL)]) -> Workload? {
    if tasks.isEmpty { return nil }
    var (items, tokens) = (0, 0.0)
    for (task, file) in tasks {
      guard let all = try? task.items(file.path), !all.isEmpty else { return nil }
      let number = min(count, all.count)
      let sample = all.prefix(Self.sampled)
      let characters = sample.reduce(0) { $0 + Self.characters(of: $1) }
      items += number
      tokens += Double(number * characters) / Double(sample.count) / Self.charactersOfToken
      if task.isGenerated {
        let rounds = (number + batch - 1) / batch
        tokens +=
          Double(rounds)
          * Workload.decoding(steps: Int(Double(maxTokens) * Self.writtenShare), batch: batch)
      }
    }
    return Workload(
      "\(Workload.count(tasks.count, "tasks")), \(Workload.count(items, "items")) × 2 (full model and variant)",
      tokens: 2 * tokens)
  }

  private static func characters(of item: SuiteItem) -> Int {
    item.text.count + item.prompt.count
      + item.requests.reduce(0) { sum, request in
        sum + request.context.count + request.continuations.reduce(0) { $0 + $1.count }
      }
  }
}
