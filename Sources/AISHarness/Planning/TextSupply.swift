import AISKit
import Foundation

/// How many texts a data file has, and how long they are, estimated from its beginning.
///
/// A plan must be quick, so a file is not read whole; the starter sets are.
struct TextSupply {
  /// How many bytes of a file are read.
  private static let sampledBytes = 1 << 20
  /// Bytes of English text per token, about.
  private static let bytesPerToken = 4.2
  /// About how many tokens a chat template adds.
  private static let templateTokens = 24.0

  private struct Text {
    let split: Split
    let tokens: Double
  }

  /// The number of categories among the prompts that were read.
  let categoryCount: Int
  private let texts: [Text]
  /// The number of texts in the file for each one that was read.
  private let scale: Double

  /// The prompts of a file, or those of the starter set if there is none.
  init(promptsIn file: URL?) {
    guard let file else {
      categoryCount = Set(StarterData.prompts.map(\.category)).count
      texts = StarterData.prompts.map { Self.text($0.text) }
      scale = 1
      return
    }
    let (lines, share) = Self.lines(file)
    let decoder = JSONDecoder()
    struct Line: Decodable {
      let instruction: String
      let context: String?
      let category: String?
    }
    let prompts = lines.compactMap { try? decoder.decode(Line.self, from: $0) }.map {
      InstructionPrompt(
        instruction: $0.instruction, context: $0.context ?? "", category: $0.category ?? "")
    }
    categoryCount = Set(prompts.map(\.category)).count
    texts = prompts.map { Self.text($0.text) }
    scale = share > 0 ? 1 / share : 1
  }

  /// The questions of a file or a folder as `DataOptions.find` gives it, or those of the starter set.
  init(questionsIn place: URL?) {
    categoryCount = 0
    guard let place else {
      texts = StarterData.questions.map {
        Self.text(([$0.question] + $0.choices).joined(separator: " "))
      }
      scale = 1
      return
    }
    // A folder has one file per subject, none of them large.
    let folder = try? FileManager.default.contentsOfDirectory(
      at: place, includingPropertiesForKeys: nil)
    if let files = folder?.filter({ $0.pathExtension == "csv" }) {
      texts = files.flatMap { Self.lines($0, bytes: .max).lines }.map(Self.text)
      scale = 1
    } else {
      let (lines, share) = Self.lines(place)
      texts = lines.map(Self.text)
      scale = share > 0 ? 1 / share : 1
    }
  }

  /// The estimated number of texts.
  var count: Int { Int((Double(texts.count) * scale).rounded()) }

  /// Mean tokens of a text.
  var meanTokens: Double { Self.mean(texts) }

  /// How many texts of a split have at most this many tokens, and their mean number of tokens.
  func count(of split: Split, atMost tokens: Int) -> (count: Int, meanTokens: Double) {
    let short = texts.filter { $0.tokens <= Double(tokens) }
    let inSplit = short.count { $0.split == split }
    return (Int((Double(inSplit) * scale).rounded()), Self.mean(short))
  }

  private static func mean(_ texts: [Text]) -> Double {
    texts.isEmpty ? 0 : texts.reduce(0) { $0 + $1.tokens } / Double(texts.count)
  }

  private static func text(_ text: String) -> Text {
    Text(split: .of(text), tokens: Double(text.utf8.count) / bytesPerToken + templateTokens)
  }

  private static func text(_ line: Data) -> Text { text(String(decoding: line, as: UTF8.self)) }

  /// The whole lines at a file's beginning, and which share of its bytes they are.
  private static func lines(
    _ file: URL, bytes: Int = sampledBytes
  ) -> (lines: [Data], share: Double) {
    guard let handle = try? FileHandle(forReadingFrom: file),
      let size = try? handle.seekToEnd(), size > 0, (try? handle.seek(toOffset: 0)) != nil,
      var data = try? handle.read(upToCount: min(bytes, Int(size)))
    else { return ([], 0) }
    if data.count < Int(size) {
      guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return ([], 0) }
      data = data[...end]
    }
    return (data.split(separator: UInt8(ascii: "\n")), Double(data.count) / Double(size))
  }
}
