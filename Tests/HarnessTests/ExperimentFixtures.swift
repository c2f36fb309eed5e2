import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// A small but complete experiment: it measures squares, and fails at a given row.
struct Squares: Experiment {
  static let card = ExperimentCard(
    id: "998", title: "Squares", question: "Are squares positive?",
    claim: "Every square is positive.",
    criteria: [Criterion("positive", "at least 0.95 of the squares are above zero")],
    cost: "nothing")
  static let dataFiles = ["numbers.jsonl"]
  static let defaultCount: DefaultCount? = .items(12)
  static let unusedOptions = ["unused": "it is here to be refused"]

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "What is added to each square.") var shift: Double = 0
  @Option var tableName: String?
  @Option var unused: Int?
  @Option var rounds: Int = 1
  @Flag var cheating = false
  @Flag var twice = false

  var makeTarget: MakeTarget {
    MakeTarget(twice ? "squares-twice" : "exp-998", setting: ["twice"])
  }

  struct Row: ResultRow {
    var index = 0
    var number = 0
    var square = 0.0
    var isPositive = false
    var label = ""

    static let columns: [Column<Row>] = [
      Column("index", \.index, "its place", show: .hidden),
      Column("number", \.number, "what is squared"),
      Column("square", \.square, unit: "apples²", "its square", show: .decimals(1)),
      Column("is_positive", \.isPositive, "above zero"),
      Column("label", \.label, "its name"),
    ]
  }

  struct Breakdown: Error, CustomStringConvertible { let description = "broke down" }

  func measure(in lab: Lab<Row>) throws {
    // Given by a file, since an option would make it another run.
    let breaking = try? String(
      contentsOf: lab.model.appendingPathComponent("break.txt"), encoding: .utf8)
    var generator = SplitMix64(seed: lab.seed)
    let items = (1...(data.count ?? 12)).map { (index: $0, number: generator.index(below: 90) + 1) }
    try lab.measureEach(items, "squares", by: \.index, rowKey: \.index) { item in
      if let breaking, item.index > Int(breaking) ?? 0 { throw Breakdown() }
      let square = Double(item.number * item.number) + shift
      return Row(
        index: item.index, number: item.number, square: square, isPositive: square > 0,
        label: "#\(item.index)")
    }
  }

  func time(in lab: TimingLab) throws {
    if cheating { try lab.measureCeiling([]) }
    try lab.compare(
      "spin", pairs: 3, baseline: .init("a", run: {}),
      variant: .init("b", work: cheating ? Work(bytesRead: 1e15) : nil, run: {}))
  }

  static let timesInside = true
  var processes: Int { rounds }
  var extents: [String: Int] { ["n": data.count ?? 12, "rounds": rounds] }

  static func report(_ evidence: Evidence<Row>) -> Report {
    var report = Report()
    let positive = Proportion(of: evidence.rows.map(\.isPositive))
    report.judge("positive", .atLeast(positive, threshold: 0.95, of: "squares"))
    report.conclude("\(positive.successes) of \(positive.trials) squares are positive.")
    report.summarize(SummaryValue("rows", evidence.rows.count, "how many there are"))
    report.tabulate(DerivedTable("first", title: "To be replaced", rows: [Row]()))
    report.tabulate(
      DerivedTable("first", title: "The first", rows: Array(evidence.rows.prefix(2))))
    report.draw(
      Figure(
        name: "squares", title: "Squares", table: "first",
        kind: .bars(category: "label", value: "square", series: nil)))
    return report
  }
}

/// An experiment that needs other experiments' results.
struct Needing: Experiment {
  static let card = ExperimentCard(
    id: "992", title: "Needing", question: "?", claim: ".", criteria: [], cost: "nothing")
  @OptionGroup var model: ModelOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var output: OutputOptions
  var needs: [Need] { [.result(.ablation(groups: nil)), .map, .result(.routers)] }

  struct Row: ResultRow {
    static let columns: [Column<Row>] = []
  }

  func measure(in lab: Lab<Row>) throws {}
}
