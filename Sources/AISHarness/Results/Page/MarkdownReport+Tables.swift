extension MarkdownReport {
  /// The tables of every result, each result under its own heading if there are several.
  static func tables(_ members: [ResultCollection.Member], rowLimit: Int) -> [String] {
    // A column's meaning is given once, under the first table that has it.
    var explained: Set<String> = []
    return members.flatMap { member in
      let inner = members.count > 1 ? "###" : "##"
      let parts = tables(member, heading: inner, rowLimit: rowLimit, &explained)
      return members.count > 1 ? ["## \(line(member.label))"] + parts : parts
    }
  }

  private static func tables(
    _ member: ResultCollection.Member, heading: String, rowLimit: Int,
    _ explained: inout Set<String>
  ) -> [String] {
    let result = member.result
    var parts: [String] = []
    let figures = (result.summary + result.facts).filter {
      $0.column.presentation != .hidden
    }
    if !figures.isEmpty {
      parts += section(heading, "Figures", rows: figures.count, [summary(figures)])
    }
    for table in result.tables where table.isShown {
      parts += section(
        // The short table of criteria has told the essence of this one.
        heading, line(table.title),
        rows: table.name == CriterionOutcome.tableName ? openRows + 1 : table.rows.count,
        grid(table.columns, table.rows, limit: table.rows.count, member.file, &explained))
    }
    if result.showsRows {
      parts += section(
        heading, "Rows", rows: .max,
        grid(result.columns, result.rows, limit: rowLimit, member.file, &explained))
    } else {
      parts.append("All \(count(result.rows.count, "row")) are in `\(member.file)`.")
    }
    return parts
  }

  /// The most rows of a table that stands open.
  private static let openRows = 12

  /// A part of the page under its heading, folded if its table is long.
  private static func section(
    _ heading: String, _ title: String, rows: Int, _ parts: [String]
  ) -> [String] {
    if rows <= openRows { return ["\(heading) \(title)"] + parts }
    return folded(title, parts)
  }

  /// Parts that a reader opens with a click.
  private static func folded(_ title: String, _ parts: [String]) -> [String] {
    let safe = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return ["<details><summary>\(safe)</summary>"] + parts + ["</details>"]
  }

  private static func summary(_ figures: [SummaryValue]) -> String {
    if figures.allSatisfy({ $0.interval == nil }) {
      return table(
        header: ["figure", "value", "meaning"],
        rows: figures.map {
          ["`\($0.column.name)`", NumberFormat.text($0), $0.column.description]
        },
        rightAligned: [false, true, false])
    }
    return table(
      header: ["figure", "value", "95 % interval", "meaning"],
      rows: figures.map { figure in
        [
          "`\(figure.column.name)`", NumberFormat.text(figure),
          figure.interval.map { NumberFormat.text($0, figure.column.presentation) } ?? "",
          figure.column.description,
        ]
      }, rightAligned: [false, true, true, false])
  }

  /// The rows as a table, then the meaning of its columns.
  private static func grid(
    _ columns: [ColumnDescription], _ rows: [[ColumnValue]], limit: Int, _ file: String,
    _ explained: inout Set<String>
  ) -> [String] {
    let shown = columns.enumerated().filter { $0.element.presentation != .hidden }
    if rows.isEmpty || shown.isEmpty { return ["No rows."] }
    let header = shown.map { _, column in
      if case .percent = column.presentation { return column.name }
      return column.unit.isEmpty ? column.name : "\(column.name) (\(column.unit))"
    }
    let cells = rows.prefix(limit).map { row in
      shown.map { index, column in
        row.indices.contains(index) ? NumberFormat.text(row[index], column.presentation) : ""
      }
    }
    var parts = [
      table(header: header, rows: cells, rightAligned: shown.map { $0.element.kind != .text })
    ]
    if rows.count > limit {
      parts.append("The first \(limit) of \(rows.count) rows; all are in `\(file)`.")
    }
    let meanings = shown.map(\.element).filter { !$0.description.isEmpty }
      .map { "- `\($0.name)`: \(line($0.description))" }
      .filter { explained.insert($0).inserted }
    if !meanings.isEmpty {
      parts += folded("What the columns mean", [meanings.joined(separator: "\n")])
    }
    return parts
  }

  /// A markdown table: numbers aligned right, text left, columns aligned in the source too.
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

  static func count(_ count: Int, _ noun: String) -> String {
    "\(NumberFormat.text(.integer(count), .automatic)) \(noun)\(count == 1 ? "" : "s")"
  }

  static func line(_ text: String) -> String {
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
