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
      "| page | model | run | verdict | answer |", "|:--|:--|:--|:--|:--|",
    ]
    for page in pages {
      let members = page.results.members.map(\.result.provenance).sorted {
        ($0.modelName, $0.dtype, $0.variant ?? "") < ($1.modelName, $1.dtype, $1.variant ?? "")
      }
      lines += members.map { line($0, page.name) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ origin: Provenance, _ page: String) -> String {
    let device = ComputeFacts(of: origin).kind
    let run = [
      origin.dtype, device == "cpu" ? "" : device, origin.variant ?? "",
      origin.usesStarterSet ? "starter set" : "",
    ].filter { !$0.isEmpty }
    let verdicts = origin.shownJudgements.map {
      ($0.claim.isEmpty ? "" : "\($0.claim) ") + "**\($0.verdict.word)**"
    }
    let cells = [
      "[\(page)](\(page).md) \(origin.title)", origin.modelName, run.joined(separator: ", "),
      verdicts.joined(separator: ", "), origin.conclusion ?? "",
    ]
    return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }
}
