import AISHarness
import Foundation
import Testing

@Suite struct PageTests {
  let folder: ResultFolder
  private var results: URL { URL(fileURLWithPath: folder.path, isDirectory: true) }

  init() throws { folder = try ResultFolder() }

  private func add(_ name: String, _ result: StoredResult) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/exp099", withIntermediateDirectories: true)
    try ResultFile.write(result, to: folder.path + "/exp099/\(name).h5")
  }

  /// Checks that the texts are on the page in this order.
  private func expectOrder(
    _ page: String, _ texts: [String], at location: SourceLocation = #_sourceLocation
  ) {
    var rest = page[...]
    for text in texts {
      guard let place = rest.range(of: text) else {
        Issue.record("\(text) is missing, or out of order", sourceLocation: location)
        return
      }
      rest = rest[place.upperBound...]
    }
  }

  @Test func onePageTellsOfOneResultInOrder() throws {
    let result = FigureFixtures.result(variant: "soft")
    let page = MarkdownReport.page(
      for: ResultCollection("exp099", [("exp099/model-f32-soft.h5", result)]),
      pictures: [.init(title: "Agreement", file: "figures/exp099-agreement.svg")])
    expectOrder(
      page,
      [
        "# exp099: A title", "**Question.** Does it work?",
        "| model      | run                    | verdict       | answer | n      |",
        "| model.gguf | f32, soft, starter set | **supported** |        | 3 rows |",
        "> **Starter set**. The data files were absent, so",
        "![Agreement](figures/exp099-agreement.svg)", "## Criteria", "n ≥ 25",
        "| `plans`", "## Agreement by category", "97.0 %", "- `category`: kind of prompt",
        "Speed by batch", "All 3 rows are in `exp099/model-f32-soft.h5`.",
        "## How to reproduce", "make exp-099 MODE=soft", "## Provenance",
      ])
    #expect(!page.contains("## Rows") && !page.contains("Prompts in the plane"))
  }

  @Test func severalResultsShareOnePage() throws {
    var hard = FigureFixtures.result(variant: "hard", shift: 0.2)
    hard.provenance.verdict = .inconclusive("n = 3; 400 would settle it")
    hard.provenance.dataName = "dolly.jsonl"
    var unfinished = FigureFixtures.result(variant: "bridge")
    unfinished.provenance.isComplete = false
    let page = MarkdownReport.page(
      for: ResultCollection(
        "exp099",
        [
          ("exp099/m-f32-bridge.h5", unfinished), ("exp099/m-f32-hard.h5", hard),
          ("exp099/m-f32-soft.h5", FigureFixtures.result(variant: "soft")),
        ], unreadable: [("exp099/bad.h5", "damaged")]))
    expectOrder(
      page,
      [
        "| model.gguf | f32, hard              | **inconclusive** | n = 3; 400 would settle it | 3 rows |",
        "|            | f32, soft, starter set | **supported**    |",
        "- `exp099/m-f32-bridge.h5`: unfinished, 3 rows so far",
        "- `exp099/bad.h5`: damaged",
        "> **Starter set**. The data files were absent in the runs that say so, so", "## Criteria",
        "n ≥ 25", "\n## f32, hard\n", "### Agreement by category", "- `category`",
        "Provenance of this result", "| data ", "\n## f32, soft, starter set\n",
        "### Agreement by category", "make exp-099 MODE=hard\nmake exp-099 MODE=soft",
        "## Provenance", "| machine ",
      ])
    // Stated once: the criteria, and the meaning of a column.
    #expect(page.components(separatedBy: "| n ≥ 25").count == 2)
    #expect(page.components(separatedBy: "- `category`: kind of prompt").count == 2)
  }

  private struct OutcomeRow: ResultRow {
    var criterion = ""
    var outcome = ""
    var measured = ""

    static let columns: [Column<OutcomeRow>] = [
      Column("criterion", \.criterion, "which"), Column("outcome", \.outcome, "how it came out"),
      Column("measured", \.measured, "what was measured"),
    ]
  }

  /// A result of a model, and what it measured for the criterion about n.
  private func result(_ model: String, _ dtype: String, measured: String? = nil) -> StoredResult {
    var result = FigureFixtures.result(variant: "")
    (result.provenance.modelName, result.provenance.dtype) = (model, dtype)
    result.provenance.dataName = "dolly.jsonl"
    let rows = measured.map { [OutcomeRow(criterion: "n ≥ 25", outcome: "holds", measured: $0)] }
    result.tables.append(
      DerivedTable("criteria", title: "Criteria, one by one", rows: rows ?? []))
    return result
  }

  @Test func aPageAnswersForEachModelThenFoldsItsDetails() {
    let known = ModelCatalog.entries.map(\.file)
    let results = ResultCollection(
      "exp099",
      [
        ("exp099/a.h5", result("another.gguf", "f32")),
        ("exp099/b.h5", result(known[1], "f32", measured: "30")),
        ("exp099/c.h5", result(known[0], "f32")),
        ("exp099/d.h5", result(known[0], "bf16", measured: "30")),
      ])
    // Known models come first, smaller ones before larger.
    #expect(results.members.map(\.model) == [known[0], known[0], known[1], "another.gguf"])
    let page = MarkdownReport.page(for: results)
    expectOrder(
      page,
      [
        "| \(known[0]) | bf16 | **supported** |", "| f32  | **supported** |",
        "| \(known[1])        | f32  |", "| another.gguf ", "## Criteria",
        "| model                           | run  | n ≥ 25    |",
        "| \(known[0]) | bf16 | holds: 30 |", "|                                 | f32  |",
        "No result has an outcome for: KL ≥ 0.1 nats.",
        "## Details\n\n<details><summary>\(known[0]): 2 results</summary>\n\n### bf16\n\n",
        "#### Agreement by category", "- `category`", "\n### f32\n",
        "\n</details>\n\n<details><summary>\(known[1]): 1 result</summary>\n\n### f32\n\n",
        "- `category`", "\n</details>\n\n<details><summary>another.gguf: 1 result</summary>",
        "\n</details>\n\n## How to reproduce", "## Provenance",
      ])
    let (opened, closed) = (
      page.components(separatedBy: "<details>"), page.components(separatedBy: "</details>")
    )
    #expect(opened.count == closed.count)
    // A fold explains its own columns, once.
    #expect(page.components(separatedBy: "- `category`: kind of prompt").count == 4)
  }

  @Test func aCriterionWordedInTwoWaysSaysWhichWasAsked() {
    var earlier = result("m", "bf16", measured: "30")
    earlier.provenance.criteria = ["n ≥ 25: prompts", "KL: near"]
    var later = result("m", "f32", measured: "40")
    later.provenance.criteria = ["n ≥ 25: texts", "KL: near"]
    let results = ResultCollection("exp099", [("exp099/a.h5", earlier), ("exp099/b.h5", later)])
    expectOrder(
      MarkdownReport.page(for: results),
      [
        "| n ≥ 25 (wording 1) | prompts ", "| n ≥ 25 (wording 2) | texts ", "| KL  ",
        "| model | run  | n ≥ 25 ", "| m     | bf16 | holds: 30 (wording 1) |",
        "|       | f32  | holds: 40 (wording 2) |",
      ])
  }

  @Test func filesOfOneSettingAreToldApartByTheirNames() {
    let same = FigureFixtures.result(variant: "soft")
    let results = ResultCollection("exp099", [("exp099/a.h5", same), ("exp099/b.h5", same)])
    #expect(results.members.map(\.run) == ["a", "b"])
  }

  @Test func resultsAreToldApartByWhatDiffers() {
    func labels(_ files: [(String, String?, String)]) -> [String] {
      ResultCollection(
        "exp099",
        files.map { stem, variant, dtype in
          var result = FigureFixtures.result(variant: "")
          result.provenance.variant = variant
          result.provenance.dtype = dtype
          return ("exp099/\(stem).h5", result)
        }
      ).members.map(\.label)
    }
    #expect(labels([("model-f32", "", "f32")]) == [""])
    #expect(labels([("model-f32", "", "f32"), ("model-bf16", "", "bf16")]) == ["bf16", "f32"])
    #expect(labels([("model-f32", "", "f32"), ("x", "soft", "f32")]) == ["default", "soft"])
    #expect(labels([("model-f32-old", nil, "f32"), ("odd", nil, "f32")]) == ["odd", "old"])
    #expect(labels([("a", "soft", "f32"), ("b", "soft", "f32")]) == ["a", "b"])
    let devices = ["device cpu", "device cuda A, CUDA 13.0"].map { device in
      var result = FigureFixtures.result(variant: "")
      result.provenance.variant = "soft"
      result.provenance.libraryVersions = [device]
      return ("exp099/\(device).h5", result)
    }
    #expect(ResultCollection("exp099", devices).members.map(\.label) == ["soft cpu", "soft cuda"])
  }

  /// What all results of a model have is named only if it tells another model's results apart.
  @Test func resultsOfSeveralModelsAreNamedByModelFirst() {
    let known = ModelCatalog.entries[2]
    let runs = [
      ("a.gguf", "hard"), ("a.gguf", "soft"), (known.file, "hard-promptsown"),
      (known.file, "soft-promptsown"), ("b.gguf", "hard-n9"),
    ]
    let files = runs.enumerated().map { place, run in
      var result = FigureFixtures.result(variant: "")
      (result.provenance.modelName, result.provenance.variant) = run
      return ("exp099/\(place).h5", result)
    }
    let labels = ResultCollection("exp099", files).members.map(\.label)
    #expect(
      labels.sorted() == ["a hard", "a soft", "b hard", "\(known.name) hard", "\(known.name) soft"])
  }

  @Test func aReportWritesThePageAndItsPicturesTheSameTwice() throws {
    try add("model-f32-hard", FigureFixtures.result(variant: "hard", shift: 0.2))
    try add("model-f32-soft", FigureFixtures.result(variant: "soft"))
    try folder.write(Data("no HDF5".utf8), to: folder.path + "/exp099/bad.h5")
    #expect(try ResultReport.experiments(in: results) == ["exp099"])
    let report = try ResultReport.write("exp099", in: results)
    let page = try folder.bytes(report.page.path)
    #expect(report.remarks.count == (report.figures.isEmpty ? 2 : 1))
    if !report.figures.isEmpty {
      let names = report.figures.map(\.lastPathComponent)
      #expect(
        names == [
          "exp099-agreement.svg", "exp099-speed.svg", "exp099-bars.svg",
          "exp099-map-model-f32-hard.svg", "exp099-map-model-f32-soft.svg",
          "exp099-layers-model-f32-hard.svg", "exp099-layers-model-f32-soft.svg",
        ])
      let text = String(decoding: page, as: UTF8.self)
      #expect(
        text.contains("![Prompts at the pivot layer: soft](figures/exp099-map-model-f32-soft.svg)"))
      #expect(text.contains("- `exp099/bad.h5`: cannot open"))
    }
    let pictures = try report.figures.map { try folder.bytes($0.path) }
    let again = try ResultReport.write("exp099", in: results)
    #expect(try folder.bytes(again.page.path) == page)
    #expect(try again.figures.map { try folder.bytes($0.path) } == pictures)
  }

  @Test func theBenchHasAPageForEachKindOfDevice() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/bench", withIntermediateDirectories: true)
    for (name, device) in [("model-f32", "device cpu"), ("model-bf16-cuda", "device cuda A")] {
      var result = FigureFixtures.result(variant: "")
      (result.provenance.experiment, result.tables, result.figures) = ("bench", [], [])
      result.provenance.libraryVersions = [device]
      try ResultFile.write(result, to: folder.path + "/bench/\(name).h5")
    }
    #expect(try ResultReport.pages(in: results) == ["bench", "bench-cuda"])
    for (page, own, other) in [
      ("bench", "model-f32.h5", "cuda.h5"), ("bench-cuda", "model-bf16-cuda.h5", "f32.h5"),
    ] {
      let report = try ResultReport.write(page, in: results)
      #expect(report.page.lastPathComponent == page + ".md")
      let text = String(decoding: try folder.bytes(report.page.path), as: UTF8.self)
      #expect(text.contains(own) && !text.contains(other))
    }
  }

  @Test func picturesThatThePageHasNoMoreGoAndOthersStay() throws {
    try add("model-f32-hard", FigureFixtures.result(variant: "hard", shift: 0.2))
    try add("model-f32-soft", FigureFixtures.result(variant: "soft"))
    guard try !ResultReport.write("exp099", in: results).figures.isEmpty else { return }
    let figures = folder.path + "/figures"
    func names() throws -> Set<String> {
      Set(try FileManager.default.contentsOfDirectory(atPath: figures))
    }
    try folder.write(Data("mine".utf8), to: figures + "/exp099-talk.svg")
    let stale: Set = ["exp099-map-model-f32-hard.svg", "exp099-layers-model-f32-hard.svg"]
    #expect(try stale.isSubset(of: names()))
    // A temporarily unreadable file keeps its pictures.
    let hard = folder.path + "/exp099/model-f32-hard.h5"
    let bytes = try folder.bytes(hard)
    try folder.write(Data("damaged".utf8), to: hard)
    _ = try ResultReport.write("exp099", in: results)
    #expect(try stale.isSubset(of: names()))
    try folder.write(bytes, to: hard)
    _ = try ResultReport.write("exp099", in: results)
    try FileManager.default.removeItem(atPath: hard)
    _ = try ResultReport.write("exp099", in: results)
    #expect(try names().isDisjoint(with: stale))
    #expect(try names().isSuperset(of: ["exp099-talk.svg", "exp099-map-model-f32-soft.svg"]))
  }

  @Test func aFigureThatCannotBeDrawnLeavesThePageStanding() throws {
    var result = FigureFixtures.result(variant: "")
    result.tables = []
    result.figures = [FigureFixtures.heatmap]
    try add("model-f32", result)
    let report = try ResultReport.write("exp099", in: results)
    #expect(report.figures.isEmpty && report.remarks.count == 1)
    #expect(!String(decoding: try folder.bytes(report.page.path), as: UTF8.self).contains("!["))
  }

  @Test func otherFilesBesideResultsArePassedOver() throws {
    try add("model-f32", FigureFixtures.result(variant: ""))
    let name = "/exp099/map"
    try FileManager.default.createDirectory(
      atPath: folder.path + name, withIntermediateDirectories: true)
    var other = FigureFixtures.result(variant: "")
    other.provenance.experiment = "exp098"
    try add("other", other)
    let results = try ResultCollection("exp099", in: results)
    #expect(results.members.map(\.file) == ["exp099/model-f32.h5"])
    #expect(results.unreadable.map(\.problem) == ["a result of exp098"])
    #expect(throws: ResultError.self) {
      try ResultReport.experiments(in: URL(fileURLWithPath: folder.path + "/none"))
    }
  }
}
