/// Which pictures are drawn from the results of an experiment.
enum FigurePlan {
  /// One picture: a figure and the tables of the files that it draws.
  struct Drawing {
    /// The file name without experiment and extension.
    let stem: String
    /// What the page calls it.
    let title: String
    let figure: Figure
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
        figure, sources, footnote: FigureFootnote.text(of: members.map(\.result)))
    }
  }

  /// The pictures, in the experiment's order.
  ///
  /// Figures of the same name from several files become one if their kind allows it, else there is
  /// one per file.
  static func drawings(of results: ResultCollection) -> [Drawing] {
    var names: Set<String> = []
    let figures = results.members.flatMap(\.result.figures).filter {
      names.insert($0.name).inserted
    }
    return figures.flatMap { figure -> [Drawing] in
      let owners = results.members.filter { member in
        member.result.figures.contains { $0.name == figure.name }
      }
      if figure.isShared {
        return [Drawing(stem: figure.name, title: figure.title, figure: figure, members: owners)]
      }
      return owners.compactMap { member in
        let own = member.result.figures.first { $0.name == figure.name }
        return own.map { drawing(of: $0, member, isAlone: results.members.count == 1) }
      }
    }
  }

  /// The picture of one file, named after the file, so that later results do not rename it.
  private static func drawing(
    of figure: Figure, _ member: ResultCollection.Member, isAlone: Bool
  ) -> Drawing {
    let stem = "\(figure.name)-\(slug(member.stem))"
    let title =
      isAlone || member.label.isEmpty ? figure.title : "\(figure.title): \(member.label)"
    let titled = Figure(
      name: figure.name, title: title, table: figure.table, kind: figure.kind,
      xLabel: figure.xLabel, yLabel: figure.yLabel, reference: figure.reference,
      referenceLabel: figure.referenceLabel, logX: figure.logX)
    return Drawing(stem: stem, title: title, figure: titled, members: [member])
  }

  /// A name in a form that can be part of a file's name.
  private static func slug(_ name: String) -> String {
    String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
  }
}
