import Foundation

/// The page and the pictures of an experiment, made only from its result files.
///
/// A run and a later report give the same bytes.
public struct ResultReport: Sendable {
  /// The page.
  public let page: URL
  /// The pictures, in the order of the page.
  public let figures: [URL]
  /// What is missing from the page, a line each.
  public let remarks: [String]

  /// Writes a page and its pictures.
  ///
  /// - Parameters:
  ///   - name: the page's name: that of an experiment, such as `exp016`, or `bench-cuda`.
  ///   - folder: the folder that holds `exp016/` and gets `exp016.md` and `figures/`.
  /// - Returns: what was written. A picture that cannot be drawn becomes a remark, and the page is
  ///   written without it. A drawn picture that cannot be written is an error.
  /// - Throws: if the folder cannot be read, or `ResultWriteError`; an earlier page and picture
  ///   are then untouched.
  public static func write(_ name: String, in folder: URL) throws -> ResultReport {
    let results = try ResultCollection(page: name, in: folder)
    let renderer = FigureRenderer()
    var remarks = results.unreadable.map { "\($0.file): \($0.problem)" }
    var pictures: [MarkdownReport.Picture] = []
    let drawings = FigurePlan.drawings(of: results)
    if renderer == nil, !drawings.isEmpty {
      remarks.append("gnuplot is not installed, so the page has no pictures (Debian: gnuplot-nox)")
    }
    for drawing in renderer == nil ? [] : drawings {
      let picture = "figures/\(name)-\(drawing.stem).svg"
      let file = folder.appendingPathComponent(picture)
      do {
        try FileBytes.makeFolder(file.deletingLastPathComponent())
        try renderer?.draw(try drawing.script(), to: file)
        pictures.append(.init(title: drawing.title, file: picture))
      } catch let error as FigureError {
        remarks.append("\(error)")
      }
    }
    let page = folder.appendingPathComponent("\(name).md")
    let former = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
    let text = MarkdownReport.page(for: results, pictures: pictures)
    try FileBytes.replace(page.path, with: Data(text.utf8))
    // A result that is unreadable now may be readable later, so its pictures stay.
    if renderer != nil, results.unreadable.isEmpty {
      try removePictures(of: name, in: folder, linkedFrom: former, butNotFrom: text)
    }
    return ResultReport(
      page: page, figures: pictures.map { folder.appendingPathComponent($0.file) },
      remarks: remarks)
  }

  /// Removes pictures that the page no longer shows.
  private static func removePictures(
    of experiment: String, in folder: URL, linkedFrom former: String, butNotFrom page: String
  ) throws {
    func pictures(_ text: String) -> Set<String> {
      Set(
        text.matches(of: /\]\(figures\/([A-Za-z0-9._-]+\.svg)\)/).map { String($0.1) }
          .filter { $0.hasPrefix(experiment + "-") })
    }
    for name in pictures(former).subtracting(pictures(page)) {
      let file = folder.appendingPathComponent("figures/\(name)")
      if FileManager.default.fileExists(atPath: file.path) {
        try FileManager.default.removeItem(at: file)
      }
    }
  }

  /// The page that shows a run.
  static func pageName(of run: Provenance) -> String {
    run.experiment == ResultCollection.bench && ResultCollection.isOnGPU(run)
      ? ResultCollection.benchOnGPU : run.experiment
  }

  /// The names of all pages of a folder's results, in order.
  ///
  /// Throws `ResultError` if there is no such folder.
  public static func pages(in folder: URL) throws -> [String] {
    try experiments(in: folder).flatMap { experiment in
      guard experiment == ResultCollection.bench else { return [experiment] }
      return try [ResultCollection.bench, ResultCollection.benchOnGPU].filter {
        let results = try ResultCollection(page: $0, in: folder)
        return !results.members.isEmpty || !results.unfinished.isEmpty
      }
    }
  }

  /// The experiments with results in a folder, in order.
  ///
  /// Throws `ResultError` if there is no such folder.
  public static func experiments(in folder: URL) throws -> [String] {
    let manager = FileManager.default
    guard let names = try? manager.contentsOfDirectory(atPath: folder.path) else {
      throw ResultError(file: folder.path, problem: "expected a folder of results, found none")
    }
    return names.sorted().filter { name in
      guard name.wholeMatch(of: /exp[0-9]+|bench/) != nil else { return false }
      let files = try? manager.contentsOfDirectory(
        atPath: folder.appendingPathComponent(name).path)
      return files?.contains { $0.hasSuffix(".h5") } ?? false
    }
  }

  /// Prints the remarks to standard error.
  public func sayRemarks() {
    for remark in remarks { StandardStreams.writeError("\(page.lastPathComponent): \(remark)\n") }
  }
}
