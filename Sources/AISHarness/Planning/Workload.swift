/// How much work a part of a run is, in a unit that its time is proportional to.
public struct Workload: Sendable, Equatable {
  /// The work and its size in words: `80 prompts × 94 parts`.
  public let text: String
  /// Tokens that run through all layers, every pass counted; `nil` if unknown beforehand.
  ///
  /// A pass through a share of the layers counts as that share.
  public let tokens: Double?
  /// Additional seconds that do not depend on the model, such as building an index.
  public let extraSeconds: Double

  /// A workload from its parts.
  public init(_ text: String, tokens: Double?, extraSeconds: Double = 0) {
    self.text = text
    self.tokens = tokens
    self.extraSeconds = extraSeconds
  }

  /// The least cost of a decoding step, in tokens of a long pass.
  ///
  /// A step reads every weight, which takes about as long as a pass over this many rows.
  public static let stepTokens = 8.0

  /// The tokens that `steps` decoding steps of `batch` sequences count as.
  public static func decoding(steps: Int, batch: Int = 1) -> Double {
    Double(steps) * max(stepTokens, Double(batch))
  }

  /// A count and what is counted, with separators: `5,000 prompts`.
  public static func count(_ count: Int, _ things: String) -> String {
    "\(NumberFormat.text(.integer(count), .automatic)) \(count == 1 ? singular(things) : things)"
  }

  /// The singular of a regular plural of one word; anything else stays.
  private static func singular(_ things: String) -> String {
    if things.contains(" ") { return things }
    if things.hasSuffix("sses") { return String(things.dropLast(2)) }
    return things.hasSuffix("s") ? String(things.dropLast()) : things
  }

  /// The work of one shard.
  func part(_ shard: Shard) -> Workload {
    Workload(
      "shard \(shard) of \(text)", tokens: tokens.map { $0 / Double(shard.count) },
      extraSeconds: extraSeconds)
  }
}
