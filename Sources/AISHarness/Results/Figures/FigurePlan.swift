/// Which pictures are drawn from the results of an experiment.
package enum FigurePlan {
  /// One picture: a figure and the tables of the files that it draws.
  package struct Drawing {
    /// The file name without experiment and extension.
    package let stem: String
    /// What the page calls it.
    let title: String
    /// How it is drawn.
    package let figure: Figure
    let members: [ResultCollection.Member]

    /// The script that draws it.
    ///
    /// Throws `FigureError` if a table or a column is missing.
    func script() throws -> GnuplotScript {
      let sources = try members.map { member in
        guard let table = member.result.tables.first(where: { $0.name == figure.table }) else {
          throw FigureError(
            figure: figure.name,
            problem: "expected a table \(figure.table) in \(member.file), found none")
        }
        return GnuplotScript.Source(
          label: members.count > 1 ? member.label : "", table: table)
      }
      return try GnuplotScript(
        figure, sources, footnote: FigureFootnote.text(of: members.map(\.result), figure.sample))
    }
  }

  /// The pictures, in the experiment's order.
  ///
  /// Figures of the same name from several files become one if their kind allows it, else there is
  /// one per file.
  package static func drawings(of results: ResultCollection) -> [Drawing] {
    var names: Set<String> = []
    let figures = results.members.flatMap(\.result.figures).filter {
      names.insert($0.name).inserted
    }
    return figures.flatMap { figure -> [Drawing] in
      let owners = results.members.filter { member in
        member.result.figures.contains { $0.name == figure.name }
      }
      if figure.isShared {
        var shared = figure
        shared.note = note(of: figure.name, owners)
        shared.sample = sample(of: figure.name, owners)
        return [Drawing(stem: figure.name, title: figure.title, figure: shared, members: owners)]
      }
      return owners.compactMap { member in
        let own = member.result.figures.first { $0.name == figure.name }
        return own.map { drawing(of: $0, member, isAlone: results.members.count == 1) }
      }
    }
  }

  /// The note under a shared figure; notes that differ are each named after their file.
  private static func note(of name: String, _ owners: [ResultCollection.Member]) -> String? {
    let notes = owners.compactMap { member in
      member.result.figures.first { $0.name == name }?.note.map { (member.label, $0) }
    }
    if notes.count == owners.count, Set(notes.map(\.1)).count == 1 { return notes.first?.1 }
    if notes.isEmpty { return nil }
    return notes.map { $0.0.isEmpty ? $0.1 : "\($0.0): \($0.1)" }.joined(separator: "; ")
  }

  /// The sample sizes under a shared figure, each once.
  private static func sample(of name: String, _ owners: [ResultCollection.Member]) -> String? {
    let samples = owners.compactMap { member in
      member.result.figures.first { $0.name == name }?.sample
    }
    return samples.isEmpty ? nil : FigureFootnote.distinct(samples)
  }

  /// The picture of one file, named after the file, so that later results do not rename it.
  private static func drawing(
    of figure: Figure, _ member: ResultCollection.Member, isAlone: Bool
  ) -> Drawing {
    let stem = "\(figure.name)-\(slug(member.stem))"
    let title =
      isAlone || member.label.isEmpty ? figure.title : "\(figure.title): \(member.label)"
    return Drawing(
      stem: stem, title: title, figure: figure.titled(title), members: [member])
  }

  /// A name in a form that can be part of a file's name.
  private static func slug(_ name: String) -> String {
    String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
  }
}
