import Foundation

/// The number in which a written answer ends.
///
/// Source: the strict filter of `gsm8k_cot` of lm-evaluation-harness: the first `The answer is 42.` of the text before
/// another question.
public enum WrittenNumber {
  /// The number as text, without commas and dollar signs; `nil` if the text has none.
  public static func of(_ text: String) -> String? {
    let own = text.range(of: "Q:").map { text[..<$0.lowerBound] } ?? text[...]
    guard let match = own.firstMatch(of: #/The answer is \$?(-?[0-9.,]+)\./#) else { return nil }
    return plain(String(match.1))
  }

  /// Whether a text gives a number.
  public static func matches(_ text: String, _ number: String) -> Bool {
    of(text).map { $0 == plain(number) } ?? false
  }

  private static func plain(_ number: String) -> String {
    var text = number.replacing(",", with: "").replacing("$", with: "")
    while text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
