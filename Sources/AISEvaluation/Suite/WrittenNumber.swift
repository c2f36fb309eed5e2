import Foundation

/// The number in which a written answer ends.
///
/// Source: the strict filter of `gsm8k_cot` of lm-evaluation-harness: the first `The answer is 42.` of the text before
/// another question. As there, any character may follow the number, and none may stand before it.
public enum WrittenNumber {
  /// The number as text, without commas; `nil` if the text has none.
  public static func of(_ text: String) -> String? {
    let own = text.range(of: "Q:").map { text[..<$0.lowerBound] } ?? text[...]
    return own.firstMatch(of: #/The answer is (-?[0-9.,]+)./#).map { plain(String($0.1)) }
  }

  /// Whether a text gives a number.
  public static func matches(_ text: String, _ number: String) -> Bool {
    of(text).map { $0 == plain(number) } ?? false
  }

  private static func plain(_ number: String) -> String {
    let text = number.replacing(",", with: "")
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
