extension MarkdownReport {
  /// Figures about a whole run as a table.
  static func summary(_ figures: [SummaryValue]) -> String {
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
  static func grid(
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

  /// A table with a row for each result, whose first two columns are its model and its run.
  ///
  /// A model is named once, in its first row.
  static func byModel(
    _ members: [ResultCollection.Member], header: [String],
    cells: (ResultCollection.Member) -> [String]
  ) -> String {
    let rows = members.grouped(by: \.model).flatMap { model in
      model.rows.enumerated().map { place, member in
        [place == 0 ? line(model.key) : "", line(member.run)] + cells(member)
      }
    }
    return table(
      header: ResultCollection.answerHeader.prefix(2) + header, rows: rows, rightAligned: [])
  }

  static func count(_ count: Int, _ noun: String) -> String {
    "\(NumberFormat.text(.integer(count), .automatic)) \(noun)\(count == 1 ? "" : "s")"
  }

  static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Text that can stand in a table's cell.
  static func cell(_ text: String) -> String {
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
