/// What the rows say about one criterion, for a page: which of them decided.
public struct NamedFinding: Sendable, Equatable {
  /// The criterion's name, or that and what it was asked of: `agreement, closed_qa`.
  public let name: String
  /// What the rows say.
  public let finding: Finding

  /// A finding under a name.
  public init(_ name: String, _ finding: Finding) {
    self.name = name
    self.finding = finding
  }
}

/// A criterion's outcome as a row of a result's table `criteria`.
struct CriterionOutcome: ResultRow {
  static let tableName = "criteria"

  var criterion = ""
  var outcome = ""

  static let columns: [Column<CriterionOutcome>] = [
    Column("criterion", \.criterion, "which criterion"),
    Column("outcome", \.outcome, "holds, fails, or what would settle it", compare: .ignored),
  ]

  /// The findings as a table.
  static func table(_ findings: [NamedFinding]) -> DerivedTable {
    DerivedTable(
      tableName, title: "Criteria, one by one",
      rows: findings.map { named in
        let outcome =
          switch named.finding {
          case .holds: "holds"
          case .fails: "fails"
          case .unsettled(let why): "open: \(why)"
          }
        return CriterionOutcome(criterion: named.name, outcome: outcome)
      })
  }
}
