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
  /// The kind of failure, for callers that handle kinds differently.
  public enum Kind: Sendable, Equatable {
    /// The source is not Jinja.
    case syntax
    /// The source is Jinja, but the construct is not supported.
    case unsupported
    /// An undefined value was used in an operation that needs a value.
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
  /// One line with what was expected and what was found; for `raised`, the template's own text.
  public let message: String
  /// The place in the template's source, if it is known.
  public internal(set) var position: TemplatePosition?

  init(_ kind: Kind, _ message: String, at position: TemplatePosition? = nil) {
    self.kind = kind
    self.message = message
    self.position = position
  }

  /// One line: the place, then the fault.
  public var description: String {
    let place = position.map { ", line \($0.line), column \($0.column)" } ?? ""
    let refusal = kind == .raised ? "the template refuses the conversation: " : ""
    var words = String(message.unicodeScalars.prefix(Self.longestMessage))
    if words.unicodeScalars.count < message.unicodeScalars.count { words += "…" }
    let line = "chat template\(place): \(refusal)\(words)"
    return line.unicodeScalars.map { Self.newlines.contains($0) ? " " : $0 }.text
  }

  private static let newlines = Scalars("\n\u{B}\u{C}\r\u{85}\u{2028}\u{2029}")

  /// The most characters of a message that a line shows, because a template chooses the text of its
  /// refusal.
  private static let longestMessage = 1200
}
