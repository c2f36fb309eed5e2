import AISBase

/// A place in a template's source, counted from 1 in lines and Unicode scalars.
public struct TemplatePosition: Sendable, Equatable {
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int
}

/// Why a chat template could not be parsed or rendered.
public struct ChatTemplateError: InputError, Equatable {
  /// What went wrong, coarsely enough to branch on.
  public enum Kind: Sendable, Equatable {
    /// The source is not Jinja.
    case syntax
    /// The source is Jinja, but the construct lies outside the subset that is implemented.
    case unsupported
    /// An undefined value was used in a way that undefined values do not allow.
    case undefined
    /// An operation was given a value of the wrong type or a wrong argument.
    case value
    /// The template itself refused the conversation with `raise_exception`.
    case raised
    /// The template asked for more work, memory or nesting than a chat template may.
    case limit
  }

  /// What went wrong.
  public let kind: Kind
  /// One line that says what was expected and what was found; for `raised`, the template's words.
  public let message: String
  /// Where in the template's source, if the place is known.
  public internal(set) var position: TemplatePosition?

  init(_ kind: Kind, _ message: String, at position: TemplatePosition? = nil) {
    self.kind = kind
    self.message = message
    self.position = position
  }

  /// One line: the place, then what is wrong there.
  public var description: String {
    let place = position.map { ", line \($0.line), column \($0.column)" } ?? ""
    let refusal = kind == .raised ? "the template refuses the conversation: " : ""
    var words = String(message.unicodeScalars.prefix(Self.longestMessage))
    if words.unicodeScalars.count < message.unicodeScalars.count { words += "…" }
    let line = "chat template\(place): \(refusal)\(words)"
    return line.unicodeScalars.map { Self.newlines.contains($0) ? " " : $0 }.text
  }

  private static let newlines = Scalars("\n\u{B}\u{C}\r\u{85}\u{2028}\u{2029}")

  /// A template chooses the words of its refusal, and how many: a line shows no more characters.
  private static let longestMessage = 1200
}
