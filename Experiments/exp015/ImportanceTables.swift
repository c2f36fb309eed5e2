import AISHarness
import AISKit
import Foundation

/// A layer's costs over all prompts, whole and by halves, with its block influence.
struct LayerCostRow: ResultRow {
  var layer = 0
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0
  var klLast = 0.0
  var attentionKL = 0.0
  var feedForwardKL = 0.0
  var topOneAgreement = 0.0
  var blockInfluence = 0.0

  static let columns: [Column<LayerCostRow>] = [
    Column("layer", \.layer, "the layer left out"),
    Column(
      "kl_base_skip", \.kl, unit: "nats", "cost of the whole layer", compare: .absolute(1e-3),
      show: .decimals(4)),
    Column(
      "kl_lower", \.klLower, unit: "nats", "lower end of its 95 % interval",
      compare: .absolute(1e-3), show: .decimals(4)),
    Column(
      "kl_upper", \.klUpper, unit: "nats", "upper end of its 95 % interval",
      compare: .absolute(1e-3), show: .decimals(4)),
    Column(
      "kl_last", \.klLast, unit: "nats", "cost at the last position", compare: .absolute(1e-3),
      show: .decimals(4)),
    Column(
      "kl_attention", \.attentionKL, unit: "nats", "cost of its attention alone",
      compare: .absolute(1e-3), show: .decimals(4)),
    Column(
      "kl_feed_forward", \.feedForwardKL, unit: "nats",
      "cost of its feed-forward network alone", compare: .absolute(1e-3), show: .decimals(4)),
    Column(
      "top1_agreement", \.topOneAgreement, "share of positions with the same top token",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "block_influence", \.blockInfluence, "1 − cos(input, output)", compare: .absolute(1e-3),
      show: .decimals(4)),
  ]
}

/// A group's cost for one category.
struct GroupCostRow: ResultRow {
  var category = ""
  var group = ""
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0

  static let columns: [Column<GroupCostRow>] = [
    Column("category", \.category, "the prompts' category"),
    Column("group", \.group, "the layers left out together"),
    Column(
      "kl_base_skip", \.kl, unit: "nats", "cost of the whole group", compare: .absolute(1e-3),
      show: .decimals(3)),
    Column(
      "kl_lower", \.klLower, unit: "nats", "lower end of its 95 % interval",
      compare: .absolute(1e-3), show: .decimals(3)),
    Column(
      "kl_upper", \.klUpper, unit: "nats", "upper end of its 95 % interval",
      compare: .absolute(1e-3), show: .decimals(3)),
  ]
}

/// A cell of the heat map.
struct HeatRow: ResultRow {
  var layer = 0
  var category = ""
  var logKL = 0.0

  static let columns: [Column<HeatRow>] = [
    Column("layer", \.layer, "the layer left out"),
    Column("category", \.category, "the prompts' category"),
    Column(
      "log10_kl", \.logKL, "log10 of KL(base‖skip) in nats", compare: .absolute(0.02),
      show: .decimals(2)),
  ]
}

extension ImportanceSummary {
  func byLayer(_ cells: [ImportanceTable.Row]) -> [LayerCostRow] {
    let all = cells.filter { $0.category == ImportanceTable.allCategories }
    func cost(_ part: AblationUnit.Part, _ layer: Int) -> Double {
      all.first { $0.part == part.rawValue && $0.first == layer }?.kl ?? .nan
    }
    return all.filter { $0.part == AblationUnit.Part.layer.rawValue }.map { cell in
      var row = LayerCostRow()
      row.layer = cell.first
      (row.kl, row.klLower, row.klUpper) = (cell.kl, cell.klLower, cell.klUpper)
      row.klLast = cell.klLast
      row.attentionKL = cost(.attention, cell.first)
      row.feedForwardKL = cost(.feedForward, cell.first)
      row.topOneAgreement = cell.topOneAgreement
      row.blockInfluence = influence(of: cell.first)
      return row
    }
  }

  func byGroup(_ cells: [ImportanceTable.Row]) -> [GroupCostRow] {
    cells.filter { $0.part == AblationUnit.Part.group.rawValue }.map { cell in
      var row = GroupCostRow()
      row.category = cell.category
      row.group = LayerRun(cell.first, cell.last).text
      (row.kl, row.klLower, row.klUpper) = (cell.kl, cell.klLower, cell.klUpper)
      return row
    }
  }

  func heat(_ cells: [ImportanceTable.Row]) -> [HeatRow] {
    cells.filter { $0.part == AblationUnit.Part.layer.rawValue }.map { cell in
      var row = HeatRow()
      row.layer = cell.first
      row.category = cell.category
      row.logKL = log10(max(cell.kl, 1e-6))
      return row
    }
  }
}
