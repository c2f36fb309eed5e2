import AISHarness
import Foundation
import TestSupport
import Testing

/// The article's table of three models against the rows of the results.
///
/// The numbers are counted here, without the code that writes the pages.
@Suite struct ArticleTests {
  private static let prompts = "promptsdolly+code"

  private let article: String

  init() throws {
    article = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("ARTICLE.md"), encoding: .utf8
    ).split(separator: "\n").joined(separator: " ").replacing("  ", with: " ")
  }

  /// The cells of the line of the table that begins so.
  private func line(_ beginning: String) throws -> String {
    let parts = article.components(separatedBy: "| \(beginning) |")
    try #require(parts.count == 2, "one line '\(beginning)'")
    return parts[1].components(separatedBy: " | | ")[0]
  }

  private func result(_ experiment: String, _ size: String, _ variant: String) throws
    -> StoredResult
  {
    let name = "qwen2.5-coder-\(size)-instruct-q4_k_m-bf16-cuda-\(variant).h5"
    return try ResultFile.read(
      ReferenceFiles.repository.appendingPathComponent("Results/\(experiment)/\(name)").path)
  }

  private func column(_ name: String, of result: StoredResult) throws -> [String] {
    let place = try #require(result.columns.firstIndex { $0.name == name })
    return result.rows.map { text($0[place]) }
  }

  private func text(_ value: ColumnValue) -> String {
    if case .text(let text) = value { return text }
    return value.number.map { "\(Int($0))" } ?? ""
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  private func share(_ first: [String], _ second: [String]) -> Double {
    Double(zip(first, second).count { $0 == $1 }) / Double(first.count)
  }

  @Test func accuracyByLetterIsCountedFromTheRows() throws {
    let rows = [
      ("… a quarter left out, as the map chooses", "letter-hard-\(Self.prompts)"),
      ("… the same layers blended, α = 0.7", "letter-soft0.7-\(Self.prompts)"),
    ]
    for (beginning, variant) in rows {
      let result = try result("exp017", "1.5b", variant)
      #expect(result.rows.count == 14_042)
      let gold = try column("gold", of: result)
      let full = share(try column("baseline", of: result), gold)
      #expect(try line("MMLU by letter, full model").contains("**\(percent(full))**"))
      let routed = share(try column("variant", of: result), gold)
      #expect(try line(beginning).contains("**\(percent(routed))**"))
    }
  }

  @Test func theLettersAreThoseOfTheRows() throws {
    let answers = try column(
      "variant", of: try result("exp017", "1.5b", "letter-hard-\(Self.prompts)"))
    let counts = Dictionary(answers.map { ($0, 1) }, uniquingKeysWith: +)
    let most = try #require(counts["3"]).formatted(.number.locale(Locale(identifier: "en_US")))
    let least = try #require(counts["2"]).formatted(.number.locale(Locale(identifier: "en_US")))
    #expect(article.contains("of 14,042 answers \(most) are D and \(least) are C"))
  }

  /// What lm-evaluation-harness would count, without commas and the point at the end.
  private func number(_ text: Substring) -> String {
    let digits = String(text.prefix { $0.isNumber || ",.-".contains($0) })
      .replacing(",", with: "")
    return digits.hasSuffix(".") ? String(digits.dropLast()) : digits
  }

  @Test(arguments: ["0.5b", "1.5b"]) func rightNumbersAreCountedFromTheTexts(size: String) throws {
    var counts: [String] = []
    for variant in ["hard", "soft0.7", "bridge"] {
      let result = try result("exp010", size, "\(variant)-\(Self.prompts)-batch32")
      let table = try #require(result.raw.first { $0.name == "written" })
      func texts(_ name: String) throws -> [String] {
        let place = try #require(table.columns.firstIndex { $0.name == name })
        return table.rows.map { text($0[place]) }
      }
      let gold = try texts("gold")
      func right(_ name: String) throws -> Int {
        zip(try texts(name), gold).count { text, gold in
          text.range(of: "The answer is ").map { number(text[$0.upperBound...]) == gold } ?? false
        }
      }
      #expect(
        try line("right answers to GSM8K, full model").contains(
          "\(try right("baseline_text")) of \(gold.count)"))
      counts.append("\(try right("variant_text"))")
    }
    #expect(
      try line("… left out / blended / bridged").contains("| \(counts.joined(separator: " / "))"))
  }

  @Test(arguments: ["0.5b", "1.5b"]) func keptTokensAreCountedFromTheRows(size: String) throws {
    for (beginning, variant) in [
      ("next tokens kept, map's plans left out", "hard"),
      ("… map's plans blended, α = 0.7", "soft0.7"),
    ] {
      let result = try result("exp016", size, "\(variant)-\(Self.prompts)")
      let kept = try column("top1_agrees", of: result)
      let rate = Double(kept.count { $0 == "1" }) / Double(kept.count)
      #expect(try line(beginning).contains("| \(percent(rate))"))
    }
  }
}
