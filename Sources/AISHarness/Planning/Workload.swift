/// How much work a part of a run asks for, in a unit that its time follows.
public struct Workload: Sendable, Equatable {
  /// What is done, for people, with its size: `80 prompts × 94 parts`.
  public let text: String
  /// Tokens that run through the whole depth, every pass counted; `nil` where nobody can tell beforehand.
  ///
  /// A pass through a share of the layers counts as that share.
  public let tokens: Double?
  /// Seconds on top that no model decides, such as building an index.
  public let extraSeconds: Double

  /// A workload from its parts.
  public init(_ text: String, tokens: Double?, extraSeconds: Double = 0) {
    self.text = text
    self.tokens = tokens
    self.extraSeconds = extraSeconds
  }

  /// What a step of decoding costs at the least, in tokens of a long pass: it reads every weight, as a
  /// pass over this many rows does in about the same time.
  public static let stepTokens = 8.0

  /// The tokens that so many steps of decoding count as, in batches of so many sequences.
  public static func decoding(steps: Int, batch: Int = 1) -> Double {
    Double(steps) * max(stepTokens, Double(batch))
  }

  /// A count and what is counted, with separators: `5,000 prompts`.
  public static func count(_ count: Int, _ things: String) -> String {
    "\(NumberFormat.text(.integer(count), .automatic)) \(things)"
  }

  /// What one shard of it asks for.
  func part(_ shard: Shard) -> Workload {
    Workload(
      "shard \(shard) of \(text)", tokens: tokens.map { $0 / Double(shard.count) },
      extraSeconds: extraSeconds)
  }
}
