import AISHarness
import Foundation
import TestSupport
import Testing

/// The article's table of three models against the results.
///
/// What can be counted is counted here from raw rows, without the code that writes the pages; the rest
/// is read from the results, whose figures other tests compute again from their rows.
@Suite struct ArticleTests {
  private static let prompts = "promptsdolly+code"
  private static let columns = ["0.5b": 2, "1.5b": 3]

  private let lines: [String]

  init() throws {
    lines = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("ARTICLE.md"), encoding: .utf8
    ).components(separatedBy: "\n")
  }

  /// The cell of a model in the line of the table that begins so, without bold type and interval.
  private func cell(_ beginning: String, _ size: String) throws -> String {
    let line = try #require(lines.first { $0.hasPrefix("| \(beginning) |") }, "'\(beginning)'")
    let cells = line.split(separator: "|", omittingEmptySubsequences: false)
    let cell = cells[try #require(Self.columns[size]) + 1].replacing("*", with: "")
    return cell.split(separator: "[")[0].trimmingCharacters(in: .whitespaces)
  }

  private func result(
    _ experiment: String, _ size: String, _ variant: String
  ) throws -> StoredResult {
    let name = "qwen2.5-coder-\(size)-instruct-q4_k_m-bf16-cuda-\(variant).h5"
    return try ResultFile.read(
      ReferenceFiles.repository.appendingPathComponent("Results/\(experiment)/\(name)").path)
  }

  private func text(_ value: ColumnValue) -> String {
    if case .text(let text) = value { return text }
    return value.number.map { "\(Int($0))" } ?? ""
  }

  private func column(_ name: String, of result: StoredResult) throws -> [String] {
    let place = try #require(result.columns.firstIndex { $0.name == name })
    return result.rows.map { text($0[place]) }
  }

  private func column(_ name: String, ofRaw table: String, in result: StoredResult) throws
    -> [String]
  {
    let table = try #require(result.raw.first { $0.name == table })
    let place = try #require(table.columns.firstIndex { $0.name == name })
    return table.rows.map { text($0[place]) }
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  private func share(_ first: [String], _ second: [String]) -> Double {
    Double(zip(first, second).count { $0 == $1 }) / Double(first.count)
  }

  // MARK: Counted from rows

  @Test func accuracyByLetterIsCountedFromTheRows() throws {
    for (beginning, variant) in [
      ("… a quarter left out, the map's plan", "letter-hard-\(Self.prompts)"),
      ("… the same layers blended, α = 0.7", "letter-soft0.7-\(Self.prompts)"),
    ] {
      let result = try result("exp017", "1.5b", variant)
      #expect(result.rows.count == 14_042)
      let gold = try column("gold", of: result)
      let full = percent(share(try column("baseline", of: result), gold))
      #expect(try cell("MMLU by letter, full model", "1.5b") == full)
      #expect(
        try cell(beginning, "1.5b") == percent(share(try column("variant", of: result), gold)))
    }
  }

  @Test func theLettersAreThoseOfTheRows() throws {
    let result = try result("exp017", "1.5b", "letter-hard-\(Self.prompts)")
    let answers = try column("variant", of: result)
    func count(_ letter: String) -> String {
      answers.count { $0 == letter }.formatted(.number.locale(Locale(identifier: "en_US")))
    }
    let text = lines.joined(separator: " ").replacing("   ", with: " ")
    #expect(text.contains("of 14,042 answers \(count("3")) are D and \(count("2")) are C"))
    let plans = Dictionary(grouping: try column("plan", of: result), by: { $0 }).map(\.value.count)
    let others = answers.count - (plans.max() ?? 0)
    #expect(text.contains("All but \(others) questions got the same plan"))
  }

  @Test(arguments: ["0.5b", "1.5b"]) func rightNumbersAreCountedFromTheTexts(size: String) throws {
    var counts: [String] = []
    for variant in ["hard", "soft0.7", "bridge"] {
      let result = try result("exp010", size, "\(variant)-\(Self.prompts)-batch32")
      let gold = try column("gold", ofRaw: "written", in: result)
      func right(_ name: String) throws -> Int {
        zip(try column(name, ofRaw: "written", in: result), gold).count { text, gold in
          guard let start = text.range(of: "The answer is ")?.upperBound else { return false }
          let number = text[start...].prefix { $0.isNumber || ",.".contains($0) }
          return number.trimmingCharacters(in: ["."]).replacing(",", with: "") == gold
        }
      }
      #expect(
        try cell("right answers to GSM8K, full model", size)
          == "\(try right("baseline_text")) of \(gold.count)")
      counts.append("\(try right("variant_text"))")
    }
    #expect(
      try cell("… left out / blended / bridged", size) == counts.joined(separator: " / "))
  }

  @Test(arguments: ["0.5b", "1.5b"]) func keptTokensAreCountedFromTheRows(size: String) throws {
    for (beginning, variant) in [
      ("next tokens kept, the map's plans left out", "hard"),
      ("… the map's plans blended, α = 0.7", "soft0.7"),
    ] {
      let result = try result("exp016", size, "\(variant)-\(Self.prompts)")
      let kept = try column("top1_agrees", of: result)
      #expect(
        try cell(beginning, size) == percent(Double(kept.count { $0 == "1" }) / Double(kept.count)))
    }
  }

  // MARK: Read from results

  private func number(_ name: String, in result: StoredResult) throws -> Double {
    try #require(result.summary.first(where: { $0.column.name == name })?.value.number, "\(name)")
  }

  @Test(arguments: ["0.5b", "1.5b"]) func figuresAreThoseOfTheResults(size: String) throws {
    let (own, routed) = (Self.prompts, "hard-\(Self.prompts)-n900")
    let layer = try number("cheapest_layer_kl", in: try result("exp015", size, own))
    #expect(
      try cell("cheapest layer: nats over all prompts", size) == String(format: "%.3f", layer))
    let oracle = try number("first_speedup", in: try result("exp019", size, own))
    #expect(
      try cell("the most that exits could gain in the blocks (an oracle), times", size)
        == String(format: "%.2f", oracle))
    let found = try number("held_out_accuracy", in: try result("exp013", size, own))
    #expect(try cell("category of a prompt found", size) == percent(found))
    // The first four are those that are judged.
    let gains = try numbers("gain", "gains", in: try result("exp026", size, routed))
    let best = gains.prefix(4).max() ?? .nan
    #expect(
      try cell("routing by category: points of agreement gained, 4 layers out", size)
        == String(format: "%.1f", best * 100))
  }

  /// The numbers in a column of a table.
  private func numbers(_ name: String, _ table: String, in result: StoredResult) throws -> [Double]
  {
    let table = try #require(result.tables.first { $0.name == table })
    let place = try #require(table.columns.firstIndex { $0.name == name })
    return table.rows.compactMap { $0[place].number }
  }

  @Test(arguments: ["0.5b", "1.5b"]) func plansAndExitsAreThoseOfTheResults(size: String) throws {
    let plans = try result("exp016", size, "hard-\(Self.prompts)")
    let best = try #require(try numbers("top1_agreement", "plans", in: plans).last)
    #expect(try cell("… the best plan found, one for all prompts", size) == percent(best))
    // Three bounds for each share of wrong exits; the first is that of the full model's states.
    let routers = try result("exp020", size, Self.prompts)
    let place = try #require(
      try numbers("delta", "thresholds", in: routers).firstIndex(of: 0.05))
    let exits = try numbers("exits", "thresholds", in: routers)[place]
    #expect(
      try cell("tokens that exit, 5 % wrongly on the full model's states", size) == percent(exits))
  }

  @Test func theSmallModelsLettersAreThoseOfTheSuite() throws {
    for (beginning, variant, column) in [
      ("MMLU by letter, full model", "hard", "full"),
      ("… a quarter left out, the map's plan", "hard", "variant"),
      ("… the same layers blended, α = 0.7", "soft0.7", "variant"),
    ] {
      let result = try result("exp010", "0.5b", "\(variant)-\(Self.prompts)-batch32")
      let tasks = try #require(result.tables.first { $0.name == "tasks" })
      let name = try #require(tasks.columns.firstIndex { $0.name == "task" })
      let place = try #require(tasks.rows.firstIndex { text($0[name]) == "MMLU, by letter" })
      #expect(
        try cell(beginning, "0.5b")
          == percent(try numbers(column, "tasks", in: result)[place]) + " ¹")
    }
  }

  @Test(arguments: ["0.5b", "1.5b"]) func theSuiteIsThatOfTheResults(size: String) throws {
    var (accuracies, perplexities): ([String], [String]) = ([], [])
    for variant in ["hard", "soft0.7", "bridge"] {
      let result = try result("exp010", size, "\(variant)-\(Self.prompts)-batch32")
      let full = try number("macro_full", in: result)
      #expect(try cell("mean accuracy of 15 tasks, full model", size) == percent(full))
      accuracies.append(
        String(format: "%.1f", 100 * (full + (try number("macro_difference", in: result)))))
      let value = try #require(try numbers("ratio", "perplexities", in: result).first)
      perplexities.append(String(format: "%.2f", value))
    }
    #expect(
      try cell("… best plan found, left out / blended / bridged", size)
        == accuracies.joined(separator: " / ") + " %")
    #expect(
      try cell("a word of WikiText-2, times as perplexing, likewise", size)
        == perplexities.joined(separator: " / "))
  }
}
