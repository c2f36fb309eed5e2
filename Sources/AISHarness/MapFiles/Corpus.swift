import AISKit

/// The prompts that a map is made of, and held-out ones that test it.
///
/// Map prompts come from the map split, held-out ones from the test split, both evenly over the
/// categories. Prompts are whole: instruction and context in the model's chat template. Those of more
/// than `maximumTokens` tokens are left out beforehand, and counted.
public struct Corpus: Sendable {
  /// Tokens that a prompt may have; longer ones are left out, not cut.
  public static let maximumTokens = 512

  /// The categories, in alphabetical order.
  public let categories: [String]
  /// Map prompts first, then the held-out ones.
  public let prompts: [InstructionPrompt]
  /// The tokens of each prompt, in the model's chat template.
  public let tokens: [[Int32]]
  /// How many of the prompts are the map's.
  public let mapCount: Int
  /// How many prompts of the data were too long.
  public let leftOutCount: Int
  /// A message that there are fewer prompts than were asked for; `nil` if all are there.
  public let shortage: String?
  /// The tokens that all prompts begin with: at least the template's opening.
  public let sharedPrefix: [Int32]

  /// Draws a corpus.
  ///
  /// - Parameters:
  ///   - data: all prompts of the data set.
  ///   - language: whose tokenizer and template are used.
  ///   - mapCount: prompts of the map split; fewer if it has no more.
  ///   - heldOutCount: prompts of the test split; fewer if it has no more.
  ///   - seed: where the draw starts.
  /// - Throws: what the chat template throws, and `SplitError`.
  public init(
    of data: [InstructionPrompt], language: LanguageModel, mapCount: Int, heldOutCount: Int,
    seed: UInt64
  ) throws {
    let short = try PromptDraw.short(data, language, Self.maximumTokens)
    let map = try PromptDraw(
      short: short, language: language, split: .map, count: mapCount, seed: seed)
    let heldOut = try PromptDraw(
      short: short, language: language, split: .test, count: heldOutCount, seed: seed)
    categories = Set(data.map(\.category)).sorted()
    prompts = map.prompts + heldOut.prompts
    tokens = map.tokens + heldOut.tokens
    self.mapCount = map.prompts.count
    leftOutCount = data.count - short.count
    let shortages = [map.shortage, heldOut.shortage].compactMap { $0 }
    shortage = shortages.isEmpty ? nil : shortages.joined(separator: "; ")
    sharedPrefix = try PromptDraw.sharedOpening(language).prefixShared(by: tokens)
  }

  /// The category of each prompt as an index.
  ///
  /// Shape: [prompts].
  public var labels: [Int] {
    let places = Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($1, $0) })
    return prompts.map { places[$0.category] ?? 0 }
  }

  /// The categories of the map's prompts.
  public var mapLabels: [Int] { Array(labels.prefix(mapCount)) }

  /// The categories of the held-out prompts.
  public var heldOutLabels: [Int] { Array(labels.dropFirst(mapCount)) }
}

extension Array where Element == Int32 {
  /// The longest shared beginning that leaves each list at least one token of its own.
  fileprivate func prefixShared(by lists: [[Int32]]) -> [Int32] {
    var count = count
    for list in lists {
      count = Swift.min(count, list.count - 1, zip(self, list).prefix { $0 == $1 }.count)
    }
    return Array(prefix(Swift.max(0, count)))
  }
}
