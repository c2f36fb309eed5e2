import Foundation

/// The index of all results: a line for each, with its verdicts and its answer.
public enum ResultIndex {
  /// Its file, beside the pages.
  static let name = "README.md"

  /// Writes the index of a folder's results.
  ///
  /// - Parameter folder: the folder that holds `exp016/` and `exp016.md`.
  /// - Returns: the index.
  /// - Throws: `ResultError` if there is no such folder, `ResultWriteError`.
  public static func write(in folder: URL) throws -> URL {
    let pages = try ResultReport.pages(in: folder).map {
      (name: $0, results: try ResultCollection(page: $0, in: folder))
    }
    let file = folder.appendingPathComponent(name)
    try FileBytes.replace(file.path, with: Data(text(of: pages).utf8))
    return file
  }

  /// The index of pages.
  static func text(of pages: [(name: String, results: ResultCollection)]) -> String {
    var lines = [
      "# Results", "",
      "A line for each result; its page has the figures. `make report` writes this list again.", "",
      row(["page"] + ResultCollection.answerHeader), "|:--|:--|:--|:--|:--|",
    ]
    for page in pages {
      lines += page.results.members.map { member in
        row(["[\(page.name)](\(page.name).md) \(member.result.provenance.title)"] + member.answer)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map(MarkdownReport.cell).joined(separator: " | ") + " |"
  }
}
