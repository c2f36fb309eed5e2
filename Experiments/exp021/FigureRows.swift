import AISHarness

/// A point of the curves over the threshold.
struct CurvePoint: ResultRow {
  var what = ""
  var threshold = 0.0
  var share = 0.0
  var lower = 0.0
  var upper = 0.0

  init() {}

  init(_ what: String, threshold: Double, _ estimate: Estimate) {
    (self.what, self.threshold, share) = (what, threshold, estimate.value)
    (lower, upper) = (estimate.interval.lower, estimate.interval.upper)
  }

  static let columns: [Column<CurvePoint>] = [
    Column("what", \.what, "whose share"),
    Column("threshold", \.threshold, "the threshold"),
    Column(
      "share", \.share, "share of tokens", compare: .absolute(0.02), show: .percent(1)),
    Column("lower", \.lower, "lower end", compare: .absolute(0.02), show: .percent(1)),
    Column("upper", \.upper, "upper end", compare: .absolute(0.02), show: .percent(1)),
  ]
}

/// A point of the trade-off: agreement at a mean depth.
struct TradeOffPoint: ResultRow {
  var what = ""
  var setting = ""
  var depth = 0.0
  var agreement = 0.0
  var lower = 0.0
  var upper = 0.0

  init() {}

  init(_ what: String, _ setting: String, depth: Estimate, _ agreement: Estimate) {
    (self.what, self.setting, self.depth) = (what, setting, depth.value)
    self.agreement = agreement.value
    (lower, upper) = (agreement.interval.lower, agreement.interval.upper)
  }

  static let columns: [Column<TradeOffPoint>] = [
    Column("what", \.what, "who decides, and whether rows really leave"),
    Column("setting", \.setting, "the threshold, or oracle"),
    Column("mean_depth", \.depth, "blocks computed for a token", compare: .absolute(0.2)),
    Column(
      "agreement", \.agreement, "top-1 agreement", compare: .absolute(0.02), show: .percent(1)),
    Column("lower", \.lower, "lower end", compare: .absolute(0.02), show: .percent(1)),
    Column("upper", \.upper, "upper end", compare: .absolute(0.02), show: .percent(1)),
  ]
}

/// A cell of the picture that shows where tokens exit.
struct PlaceCell: ResultRow {
  var setting = ""
  var layer = 0
  var share = 0.0

  init() {}

  init(_ setting: String, layer: Int, share: Double) {
    (self.setting, self.layer, self.share) = (setting, layer, share)
  }

  static let columns: [Column<PlaceCell>] = [
    Column("setting", \.setting, "the threshold, or oracle"),
    Column("layer", \.layer, "the layer behind which tokens leave"),
    Column(
      "share", \.share, "share of tokens", compare: .absolute(0.02), show: .percent(1)),
  ]
}
