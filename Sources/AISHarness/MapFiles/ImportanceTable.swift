import AISKit

/// An ablation's outcome as a table: the mean cost of leaving out each part, for each category.
///
/// A result file holds it and a map reads it.
public enum ImportanceTable {
  /// The table's name in a result file.
  public static let name = "importance"
  /// The category name of the mean over all prompts.
  public static let allCategories = "all"

  /// The cost of leaving one part out of one category's prompts.
  public struct Row: ResultRow {
    /// The category, or `all`.
    public var category = ""
    /// layer, attention, feed_forward or group.
    public var part = ""
    /// The part's first layer.
    public var first = 0
    /// The part's last layer.
    public var last = 0
    /// The number of prompts.
    public var prompts = 0
    /// Mean KL over prompts, each the mean over its positions, nats.
    public var kl = 0.0
    /// The lower end of the KL's interval, nats.
    public var klLower = 0.0
    /// The upper end of the KL's interval, nats.
    public var klUpper = 0.0
    /// Mean KL at the last position, nats.
    public var klLast = 0.0
    /// Share of positions with the same top token.
    public var topOneAgreement = 0.0

    /// An empty row to read into.
    public init() {}

    /// The columns.
    public static let columns: [Column<Row>] = [
      Column("category", \.category, "the prompts' category"),
      Column("part", \.part, "what is left out"),
      Column("first", \.first, "its first layer"),
      Column("last", \.last, "its last layer"),
      Column("prompts", \.prompts, "prompts"),
      Column(
        "kl_base_skip", \.kl, "KL(base‖skip), mean over prompts of all positions",
        .nats(4, within: 1e-3)),
      Column("kl_lower", \.klLower, "lower end of its 95 % interval", .nats(4, within: 1e-3)),
      Column("kl_upper", \.klUpper, "upper end of its 95 % interval", .nats(4, within: 1e-3)),
      Column(
        "kl_base_skip_last", \.klLast, "KL(base‖skip) at the last position", .nats(4, within: 1e-3)),
      Column(
        "top1_agreement", \.topOneAgreement, "share of positions with the same top token", .share),
    ]
  }

  /// The importance in a result, with its categories in the given order.
  ///
  /// - Parameters:
  ///   - result: what an ablation wrote.
  ///   - file: its path, for errors.
  ///   - categories: the map's.
  ///   - layerCount: the model's layers.
  /// - Returns: the costs of layers and groups: mean KL over all positions, nats.
  /// - Throws: `ResultError` if the result has no such table, one without a category's layer, or
  ///   one whose group is not a run of layers.
  public static func importance(
    of result: StoredResult, file: String, categories: [String], layerCount: Int
  ) throws -> LayerImportance {
    guard let table = result.tables.first(where: { $0.name == name }) else {
      throw ResultError(file: file, problem: "expected a table '\(name)', found none")
    }
    let rows = try table.typedRows(Row.self, file: file)
    let groups = rows.filter { $0.part == AblationUnit.Part.group.rawValue }
    if let wrong = groups.first(where: { $0.first < 0 || $0.first > $0.last }) {
      throw ResultError(
        file: file,
        problem: "expected a group's layers in order, found \(wrong.first) to \(wrong.last)")
    }
    let runs = groups.map { LayerRun($0.first, $0.last) }
    let distinct = Set(runs).sorted { ($0.first, $0.last) < ($1.first, $1.last) }
    let cells = Dictionary(
      rows.map { ("\($0.category) \($0.part) \($0.first) \($0.last)", $0.kl) },
      uniquingKeysWith: { first, _ in first })
    func cost(_ category: String, _ part: AblationUnit.Part, _ run: LayerRun) throws -> Double {
      guard let cost = cells["\(category) \(part.rawValue) \(run.first) \(run.last)"] else {
        throw ResultError(
          file: file,
          problem: "expected the cost of \(part.rawValue) \(run.text) for \(category), found none")
      }
      return cost
    }
    return try LayerImportance(
      rows: categories.map { category in
        try (0..<layerCount).map { try cost(category, .layer, LayerRun($0, $0)) }
      },
      runs: distinct,
      runRows: categories.map { category in try distinct.map { try cost(category, .group, $0) } })
  }
}
