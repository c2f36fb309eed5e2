/// Decodes a stream of tokens; a character is returned once it is complete.
///
/// The joined pieces are the text that `Tokenizer.decode` gives for all ids at once.
public struct TokenStreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipSpecial: Bool
  private var pending: [UInt8] = []
  private var lead: PieceDecoding.Lead

  /// A decoder at the start of a stream.
  ///
  /// - Parameters:
  ///   - tokenizer: The model's tokenizer.
  ///   - skipSpecial: Whether control tokens and the unknown token are omitted.
  ///   - continuesText: True if the tokens follow other text, as generated ones follow a prompt. Some
  ///     vocabularies put a space before every text; it is then kept, because it separates words.
  public init(_ tokenizer: Tokenizer, skipSpecial: Bool = true, continuesText: Bool = true) {
    self.tokenizer = tokenizer
    self.skipSpecial = skipSpecial
    lead = continuesText ? .nothing : tokenizer.vocabulary.decoding.lead
  }

  /// Takes the next token and returns the text that is now complete.
  ///
  /// Empty if the token ends inside a character, which is frequent in emoji.
  public mutating func append(_ id: Int32) -> String {
    take(id)
    return flush(upTo: pending.count - Self.incompleteSuffix(of: pending))
  }

  /// Takes several tokens and returns the text that is now complete.
  public mutating func append(contentsOf ids: some Sequence<Int32>) -> String {
    for id in ids { take(id) }
    return flush(upTo: pending.count - Self.incompleteSuffix(of: pending))
  }

  /// Ends the stream and returns the rest; an incomplete character becomes U+FFFD.
  public mutating func finish() -> String { flush(upTo: pending.count) }

  private mutating func take(_ id: Int32) {
    guard tokenizer.isValid(id), !(skipSpecial && tokenizer.isSpecial(id)) else { return }
    let start = pending.count
    tokenizer.vocabulary.appendText(of: Int(id), to: &pending)
    switch lead {
    case .nothing: break
    case .spaces(let count):
      var left = count
      while left > 0, start < pending.count, pending[start] == 0x20 {
        pending.remove(at: start)
        left -= 1
      }
      // After an empty token, the start of the text is still to come.
      lead = start < pending.count || left == 0 ? .nothing : .spaces(left)
    case .spacesOfFirstToken:
      let kept = pending[start...].filter { $0 != 0x20 }
      pending.replaceSubrange(start..., with: kept)
      lead = .nothing
    }
  }

  private mutating func flush(upTo end: Int) -> String {
    guard end > 0 else { return "" }
    let text = String(decoding: pending[..<end], as: UTF8.self)
    pending.removeFirst(end)
    return text
  }

  /// The number of bytes at the end that begin a character which more bytes could complete.
  static func incompleteSuffix(of bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let start = bytes.count - length
      let lead = bytes[start]
      if lead & 0xC0 == 0x80 { continue }
      let needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
      guard (0xC2...0xF4).contains(lead), length < needed else { return 0 }
      if length > 1 {
        // The second byte has a narrower range after some leads (Unicode, table 3-7).
        let low: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
        let high: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
        guard (low...high).contains(bytes[start + 1]) else { return 0 }
      }
      return length
    }
    return 0
  }
}
