/// The page of a result: question, answer, table, how to reproduce it, where it comes from.
///
/// Made from what `ResultFile.read` gives and nothing else, so every page can be made again from
/// its file.
public enum MarkdownReport {
  /// The page.
  ///
  /// `file` is the result file's name as a reader finds it, or `nil`; at most `rowLimit` rows are
  /// shown, and the page says where the others are.
  public static func page(
    for result: StoredResult, file: String? = nil, rowLimit: Int = 100
  ) -> String {
    let origin = result.provenance
    var parts = ["# \(title(origin))"]
    if !origin.question.isEmpty { parts.append("**Question.** \(line(origin.question))") }
    parts.append("**Answer.** \(answer(result))")
    if !origin.criteria.isEmpty {
      parts.append("Judged by, written before the run:")
      parts.append(origin.criteria.map { "- \(line($0))" }.joined(separator: "\n"))
    }
    if !result.summary.isEmpty { parts.append(summary(result.summary)) }
    parts.append("## Rows")
    parts.append(rows(result, file: file, limit: rowLimit))
    parts.append("## How to reproduce")
    parts.append(code(origin.command))
    parts.append("## Provenance")
    parts.append(provenance(origin, file: file))
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// A markdown table: numbers to the right, text to the left, columns aligned in the source too.
  public static func table(header: [String], rows: [[String]], rightAligned: [Bool]) -> String {
    let cells = ([header] + rows).map { row in row.map(cell) }
    let widths = header.indices.map { column in
      max(3, cells.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0)
    }
    func text(_ row: [String]) -> String {
      let padded = header.indices.map { column in
        let content = row.indices.contains(column) ? row[column] : ""
        let space = String(repeating: " ", count: widths[column] - content.count)
        return isRight(column) ? space + content : content + space
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    func isRight(_ column: Int) -> Bool {
      rightAligned.indices.contains(column) && rightAligned[column]
    }
    let rule = header.indices.map { column in
      let dashes = String(repeating: "-", count: widths[column] - 1)
      return isRight(column) ? dashes + ":" : ":" + dashes
    }
    let lines = [text(cells[0]), "| " + rule.joined(separator: " | ") + " |"]
    return (lines + cells.dropFirst().map(text)).joined(separator: "\n")
  }

  /// The verdict as a sentence; for an unfinished run, how far it came.
  static func answer(_ result: StoredResult) -> String {
    guard result.provenance.isComplete else {
      return "None yet: the run is unfinished, with \(count(result.rows.count, "row")) so far."
    }
    switch result.provenance.verdict {
    case .supported: return "The claim is **supported**."
    case .refuted: return "The claim is **refuted**."
    case .inconclusive(let why): return "**Inconclusive**: \(line(why))"
    case nil: return "Measured, not judged."
    }
  }

  private static func title(_ origin: Provenance) -> String {
    origin.title.isEmpty ? line(origin.experiment) : "\(origin.experiment): \(line(origin.title))"
  }

  private static func summary(_ figures: [SummaryValue]) -> String {
    let shown = figures.filter { $0.column.presentation != .hidden }
    return table(
      header: ["figure", "value", "meaning"],
      rows: shown.map { ["`\($0.column.name)`", NumberFormat.text($0), $0.column.description] },
      rightAligned: [false, true, false])
  }

  private static func rows(_ result: StoredResult, file: String?, limit: Int) -> String {
    let shown = result.columns.enumerated().filter { $0.element.presentation != .hidden }
    if result.rows.isEmpty || shown.isEmpty { return "No rows." }
    let header = shown.map { _, column in
      if case .percent = column.presentation { return column.name }
      return column.unit.isEmpty ? column.name : "\(column.name) (\(column.unit))"
    }
    let cells = result.rows.prefix(limit).map { row in
      shown.map { index, column in
        row.indices.contains(index) ? NumberFormat.text(row[index], column.presentation) : ""
      }
    }
    var parts = [
      table(header: header, rows: cells, rightAligned: shown.map { $0.element.kind != .text })
    ]
    if result.rows.count > limit {
      let place = file.map { "`\($0)`" } ?? "the result file"
      parts.append("The first \(limit) of \(result.rows.count) rows; all are in \(place).")
    }
    parts.append(
      shown.map { "- `\($0.element.name)`: \(line($0.element.description))" }
        .joined(separator: "\n"))
    return parts.joined(separator: "\n\n")
  }

  private static func provenance(_ origin: Provenance, file: String?) -> String {
    let commit = origin.gitCommit.isEmpty ? "none" : origin.gitCommit
    var rows = [
      ["model", "\(origin.modelName), SHA-256 `\(origin.modelSHA256)`"],
      ["data", "\(origin.dataName), SHA-256 `\(origin.dataSHA256)`"],
      ["dtype, seed", "\(origin.dtype), \(origin.seed)"],
      ["machine", "\(origin.cpuModel), \(origin.isa), \(count(origin.threads, "thread"))"],
      ["libraries", origin.libraryVersions.joined(separator: ", ")],
      ["commit", commit + (origin.gitDirty ? ", with uncommitted changes" : "")],
      [
        "run",
        "\(origin.startedUTC), \(NumberFormat.text(.real(origin.wallSeconds), .decimals(1))) s",
      ],
    ]
    if !origin.parameters.isEmpty {
      let list = origin.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      rows.append(["parameters", list.joined(separator: ", ")])
    }
    if let file { rows.append(["file", "`\(file)`"]) }
    return table(header: ["what", "which"], rows: rows, rightAligned: [false, false])
  }

  /// A fenced block whose fence is longer than any run of backticks inside.
  private static func code(_ text: String) -> String {
    let longest = text.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)sh\n\(text)\n\(fence)"
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private static func cell(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "|": escaped += "\\|"
      case let character where character.isNewline: escaped += "<br>"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
