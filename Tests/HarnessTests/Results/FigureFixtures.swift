import AISHarness
import Foundation

/// Tables like those that experiments draw, made of plain arithmetic.
enum FigureFixtures {
  struct CurveRow: ResultRow {
    var batch = 0
    var mode = ""
    var speedup = 0.0
    var lower = 0.0
    var upper = 0.0
    var ideal = 0.0

    static let columns: [Column<CurveRow>] = [
      Column("batch", \.batch, "requests at a time"),
      Column("mode", \.mode, "how layers are left out"),
      Column("speedup", \.speedup, unit: "tokens/s", "measured", compare: .ignored),
      Column("lower", \.lower, "2.5 %", compare: .ignored),
      Column("upper", \.upper, "97.5 %", compare: .ignored),
      Column("ideal", \.ideal, "work left out"),
    ]
  }

  struct CategoryRow: ResultRow {
    var category = ""
    var agreement = 0.0
    var lower = 0.0
    var upper = 0.0

    static let columns: [Column<CategoryRow>] = [
      Column("category", \.category, "kind of prompt"),
      Column("agreement", \.agreement, "top-1 agreement", show: .percent(1)),
      Column("lower", \.lower, "2.5 %", show: .percent(1)),
      Column("upper", \.upper, "97.5 %", show: .percent(1)),
    ]
  }

  struct PointRow: ResultRow {
    var x = 0.0
    var y = 0.0
    var category = ""

    static let columns: [Column<PointRow>] = [
      Column("x", \.x, "first component"), Column("y", \.y, "second component"),
      Column("category", \.category, "kind of prompt"),
    ]
  }

  struct CellRow: ResultRow {
    var layer = 0
    var category = ""
    var kl = 0.0

    static let columns: [Column<CellRow>] = [
      Column("layer", \.layer, "layer left out"), Column("category", \.category, "kind of prompt"),
      Column("kl", \.kl, unit: "nats", "mean KL(base‖skip)"),
    ]
  }

  struct WayRow: ResultRow {
    var name = ""
    var kind = ""
    var speed = 0.0
    var slower = 0.0
    var faster = 0.0
    var kept = 0.0
    var isBest = false

    static let columns: [Column<WayRow>] = [
      Column("name", \.name, "what is left out"), Column("kind", \.kind, "kind of skip"),
      Column("speed", \.speed, "times as fast"), Column("slower", \.slower, "2.5 %"),
      Column("faster", \.faster, "97.5 %"),
      Column("kept", \.kept, "top-1 agreement", show: .percent(1)),
      Column("is_best", \.isBest, "best at its speed"),
    ]
  }

  static let categories = [
    "brainstorming", "classification", "closed_qa", "creative_writing", "general_qa",
    "information_extraction", "open_qa", "summarization",
  ]

  static func curves(shift: Double = 0) -> DerivedTable {
    let rows = ["hard", "bridge"].enumerated().flatMap { index, mode in
      [1, 2, 4, 8, 16].map { batch in
        let speedup = 1.2 + 0.2 * Double(index) + 0.05 * Double(batch) / 4 + shift
        return CurveRow(
          batch: batch, mode: mode, speedup: speedup, lower: speedup - 0.08,
          upper: speedup + 0.06, ideal: 2)
      }
    }
    return DerivedTable("speed", title: "Speed by batch", rows: rows)
  }

  static func agreement(shift: Double = 0) -> DerivedTable {
    let rows = categories.enumerated().map { index, category in
      let rate = 0.97 - 0.04 * Double(index % 5) - shift
      return CategoryRow(
        category: category, agreement: rate, lower: rate - 0.05, upper: min(1, rate + 0.03))
    }
    return DerivedTable("agreement", title: "Agreement by category", rows: rows)
  }

  static func points(_ count: Int) -> DerivedTable {
    let rows = (0..<count).map { index in
      let group = index % 8
      let (angle, radius) = (Double(index) * 2.399, Double(index % 97) / 97)
      let (x, y) = (
        Double(group % 4) + radius * cos(angle), Double(group / 4) + radius * sin(angle)
      )
      return PointRow(x: x, y: y, category: categories[group])
    }
    return DerivedTable("points", title: "Prompts in the plane", rows: rows, isShown: false)
  }

  static func cells() -> DerivedTable {
    let rows = categories.enumerated().flatMap { index, category in
      (0..<30).map { layer in
        let edge = Double(layer == 0 ? 40 : abs(layer - 14))
        return CellRow(
          layer: layer, category: category,
          kl: layer == 17 && index == 3 ? .nan : 0.02 * edge + 0.1 * Double(index % 3))
      }
    }
    return DerivedTable("cells", title: "KL by layer and category", rows: rows, isShown: false)
  }

  static func ways() -> DerivedTable {
    let rows = (0..<8).map { index in
      let speed = 1 + 0.1 * Double(index)
      return WayRow(
        name: "layers \(8 + index)-\(15 + index)", kind: index % 2 == 0 ? "hard" : "bridge",
        speed: speed, slower: speed - 0.05, faster: speed + 0.08,
        kept: 0.98 - 0.08 * Double(index), isBest: index % 3 == 0)
    }
    return DerivedTable("ways", title: "Quality and speed", rows: rows, isShown: false)
  }

  static let points = Figure(
    name: "ways", title: "What is kept, by how much faster it is", table: "ways",
    kind: .points(
      x: "speed", xLower: "slower", xUpper: "faster", y: "kept", label: "name", group: "kind",
      front: "is_best"), xReference: 1, xReferenceLabel: "full model")
  static let scatter = Figure(
    name: "map", title: "Prompts at the pivot layer", table: "points",
    kind: .scatter(x: "x", y: "y", group: "category"), xLabel: "first component",
    yLabel: "second component")
  static let heatmap = Figure(
    name: "layers", title: "What each layer matters, by category", table: "cells",
    kind: .heatmap(x: "layer", y: "category", value: "kl"), xLabel: "layer left out")
  static let intervals = Figure(
    name: "agreement", title: "Top-1 agreement by category, 95 % intervals", table: "agreement",
    kind: .intervals(
      category: "category", value: "agreement", lower: "lower", upper: "upper", series: nil),
    yLabel: "top-1 agreement", reference: 0.95, referenceLabel: "threshold 95 %")
  static let lines = Figure(
    name: "speed", title: "Speed by batch size", table: "speed",
    kind: .lines(
      x: "batch", value: "speedup", lower: "lower", upper: "upper", series: "mode",
      ideal: "ideal"), xLabel: "batch", yLabel: "decode", logX: true)
  static let bars = Figure(
    name: "bars", title: "Agreement's bars", table: "agreement",
    kind: .bars(category: "category", value: "agreement", series: nil), xLabel: "category",
    yLabel: "top-1 agreement")

  /// A whole result with every kind of figure.
  static func result(variant: String, shift: Double = 0) -> StoredResult {
    var provenance = Provenance.sample()
    provenance.variant = variant
    provenance.makeLine = "make exp-099 MODE=\(variant)"
    provenance.isComplete = true
    provenance.verdict = .supported
    return StoredResult(
      provenance, rows: (0..<3).map(SampleRow.sample),
      summary: [SummaryValue("plans", 3, "distinct plans")],
      tables: [agreement(shift: shift), curves(shift: shift), points(40), cells()],
      figures: [intervals, lines, bars, scatter, heatmap], showsRows: false)
  }
}
