/// A criterion's name and what the rows say about it.
public struct NamedFinding: Sendable, Equatable {
  /// The criterion's name, perhaps followed by the part it is about: `agreement, closed_qa`.
  public let name: String
  /// What the rows say.
  public let finding: Finding

  /// A finding under a name.
  public init(_ name: String, _ finding: Finding) {
    self.name = name
    self.finding = finding
  }

  /// Name and evidence, in one line.
  public var text: String { "\(name): \(finding.evidence)" }

  /// The criterion's name alone.
  var criterion: String { Self.criterion(of: name) }

  /// The criterion's name alone, of a finding's name.
  static func criterion(of name: String) -> String { String(name.prefix { $0 != "," }) }
}

/// A criterion's outcome as a row of a result's table `criteria`.
struct CriterionOutcome: ResultRow {
  static let tableName = "criteria"

  var claim = ""
  var criterion = ""
  var outcome = ""
  var measured = ""
  var anytime = ""
  var asked = ""
  var sample = ""
  var why = ""

  static let columns: [Column<CriterionOutcome>] = [
    Column("claim", \.claim, "which claim it belongs to"),
    Column("criterion", \.criterion, "which criterion"),
    Column("outcome", \.outcome, "holds, fails, or open: the rows do not settle it"),
    Column(
      "measured", \.measured, "what was measured, with its 95 % interval for a fixed n",
      compare: .ignored),
    Column(
      "anytime", \.anytime, "the 95 % interval that is valid at every look, and decides",
      compare: .ignored),
    Column("asked", \.asked, "what the criterion asks", compare: .ignored),
    Column("n", \.sample, "what it rests on", compare: .ignored),
    Column("why_open", \.why, "why it is open, and what would settle it", compare: .ignored),
  ]

  /// The findings as a table.
  ///
  /// Columns of claims, anytime intervals and reasons are left out if they are empty.
  static func table(_ findings: [NamedFinding], card: ExperimentCard) -> DerivedTable {
    let rows = findings.map { named in
      CriterionOutcome(
        claim: card.claim(of: named).name, criterion: named.name,
        outcome: named.finding.outcome.rawValue, measured: named.finding.measured,
        anytime: named.finding.anytime,
        asked: named.finding.asked, sample: named.finding.sample, why: named.finding.why)
    }
    let whole = DerivedTable(tableName, title: "Criteria, one by one", rows: rows)
    return whole.dropping { column, values in
      ["claim", "anytime", "why_open"].contains(column.name)
        && values.allSatisfy { $0 == .text("") }
    }
  }
}
