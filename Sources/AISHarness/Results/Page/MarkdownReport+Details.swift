extension MarkdownReport {
  /// What each result holds: sections by setting if there are several results, folded by model if
  /// there are several models.
  static func details(_ results: ResultCollection, rowLimit: Int) -> [String] {
    let (members, models) = (results.members, results.models)
    let outer = models.count > 1 ? "###" : "##"
    let inner = members.count > 1 ? outer + "#" : outer
    func sections(_ model: [ResultCollection.Member]) -> [String] {
      // A column's meaning is given once, under the first table of the model that has it.
      var explained: Set<String> = []
      return model.flatMap { member in
        (members.count > 1 ? ["\(outer) \(line(member.run))"] : [])
          + tables(member, heading: inner, rowLimit: rowLimit, &explained)
          + ownProvenance(member, among: members)
      }
    }
    if models.count < 2 { return sections(members) }
    return ["## Details"]
      + models.flatMap { model in
        let title = "\(line(model.key)): \(count(model.rows.count, "result"))"
        return folded(title, sections(model.rows))
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
  static func folded(_ title: String, _ parts: [String]) -> [String] {
    let safe = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return ["<details><summary>\(safe)</summary>"] + parts + ["</details>"]
  }
}
