/// What an experiment claims and how it will be judged, written before it runs.
public struct ExperimentCard: Sendable, Equatable {
  /// The experiment's number as three digits, such as `012`, or a name.
  public let id: String
  /// Its name in a few words.
  public let title: String
  /// What it asks.
  public let question: String
  /// The answers that are tested, each with its own verdict; the first is the main one.
  public let claims: [Claim]
  /// What a run takes: time, memory, data.
  public let cost: String
  /// Whether the page prints the rows; experiments with thousands show derived tables.
  public let showsRows: Bool

  /// A card from its parts.
  public init(
    id: String, title: String, question: String, claims: [Claim], cost: String,
    showsRows: Bool = true
  ) {
    precondition(!claims.isEmpty, "an experiment puts something on trial")
    self.id = id
    self.title = title
    self.question = question
    self.claims = claims
    self.cost = cost
    self.showsRows = showsRows
  }

  /// A card of an experiment with one claim.
  public init(
    id: String, title: String, question: String, claim: String, criteria: [Criterion],
    cost: String, showsRows: Bool = true
  ) {
    self.init(
      id: id, title: title, question: question, claims: [Claim("", claim, criteria)], cost: cost,
      showsRows: showsRows)
  }

  /// The criteria of all claims.
  public var criteria: [Criterion] { claims.flatMap(\.criteria) }

  /// Whether a result was written with these criteria, in any order and any earlier wording.
  package func hasCriteria(_ stored: [String]) -> Bool {
    stored.count == criteria.count
      && criteria.allSatisfy { criterion in stored.contains(where: criterion.isWorded) }
  }

  /// The verdict of the findings on each claim.
  public func judgements(_ findings: [NamedFinding]) -> [Judgement] {
    claims.map { claim in
      Judgement(claim: claim.name, findings.filter { self.claim(of: $0) == claim })
    }
  }

  /// The claim that a finding is about; the first if no criterion has its name.
  func claim(of finding: NamedFinding) -> Claim {
    claims.first { $0.criteria.contains { $0.name == finding.criterion } } ?? claims[0]
  }

  /// The name of the experiment's files and executable, such as `exp012`.
  public var name: String { id.allSatisfy(\.isNumber) ? "exp\(id)" : id }

  /// The card as text for a terminal.
  public var text: String {
    var lines = ["\(name) · \(title)", "  asks     \(question)"]
    for claim in claims {
      lines.append("  claims   \(claim.name.isEmpty ? "" : "\(claim.name): ")\(claim.text)")
      lines += claim.criteria.map { "  if       \($0.text)" }
    }
    lines.append("  costs    \(cost)")
    return lines.joined(separator: "\n")
  }
}

/// One answer that is tested.
public struct Claim: Sendable, Equatable {
  /// What it is about, in a word, such as `time`; empty if it is the experiment's only claim.
  public let name: String
  /// What it says.
  public let text: String
  /// What must hold for it to be supported.
  public let criteria: [Criterion]

  /// A claim from its parts.
  public init(_ name: String, _ text: String, _ criteria: [Criterion]) {
    self.name = name
    self.text = text
    self.criteria = criteria
  }
}

/// One thing that must hold for a claim to be supported.
public struct Criterion: Sendable, Equatable {
  /// A short name that the verdict refers to.
  public let name: String
  /// What must hold, with its threshold.
  public let requirement: String
  /// How earlier versions worded the same requirement.
  public let earlierWordings: [String]

  /// Both, in one line.
  public var text: String { "\(name): \(requirement)" }

  /// A criterion from its parts.
  ///
  /// `earlierWordings` state the same requirement in other words: a result written with one of them
  /// is still judged by it. A stricter or weaker requirement is another criterion.
  public init(_ name: String, _ requirement: String, earlierWordings: [String] = []) {
    self.name = name
    self.requirement = requirement
    self.earlierWordings = earlierWordings
  }

  /// Whether a stored criterion is this one.
  func isWorded(_ text: String) -> Bool {
    ([requirement] + earlierWordings).contains { text == "\(name): \($0)" }
  }
}
