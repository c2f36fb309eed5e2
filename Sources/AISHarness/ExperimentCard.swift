/// What an experiment claims and how it will be judged, written before it runs.
public struct ExperimentCard: Sendable, Equatable {
  /// The experiment's number as three digits, such as `012`, or a name.
  public let id: String
  /// Its name in a few words.
  public let title: String
  /// What it asks.
  public let question: String
  /// The answer that is put on trial.
  public let claim: String
  /// What must hold for the claim to be supported.
  public let criteria: [Criterion]
  /// What a run takes: time, memory, data.
  public let cost: String
  /// Whether the page prints the rows; one with thousands shows derived tables instead.
  public let showsRows: Bool

  /// A card from its parts.
  public init(
    id: String, title: String, question: String, claim: String, criteria: [Criterion],
    cost: String, showsRows: Bool = true
  ) {
    self.id = id
    self.title = title
    self.question = question
    self.claim = claim
    self.criteria = criteria
    self.cost = cost
    self.showsRows = showsRows
  }

  /// What files and executables of this experiment are called, such as `exp012`.
  public var name: String { id.allSatisfy(\.isNumber) ? "exp\(id)" : id }

  /// The card as text for a terminal.
  public var text: String {
    var lines = ["\(name) · \(title)", "  asks     \(question)", "  claims   \(claim)"]
    for criterion in criteria {
      lines.append("  if       \(criterion.text)")
    }
    lines.append("  costs    \(cost)")
    return lines.joined(separator: "\n")
  }
}

/// One thing that must hold for a claim to be supported.
public struct Criterion: Sendable, Equatable {
  /// A short name that the verdict refers to.
  public let name: String
  /// What must hold, with its threshold.
  public let requirement: String

  /// Both, in one line.
  public var text: String { "\(name): \(requirement)" }

  /// A criterion from its parts.
  public init(_ name: String, _ requirement: String) {
    self.name = name
    self.requirement = requirement
  }
}
