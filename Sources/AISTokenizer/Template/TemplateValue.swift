/// A JSON-like value that a template can read; objects keep the order of their members.
///
/// Order matters: templates print tool descriptions with `tojson`, and models were trained with the
/// members in their written order.
public enum TemplateValue: Sendable, Equatable {
  /// JSON's `null`, Jinja's `none`.
  case null
  /// A truth value.
  case bool(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// A number with a fraction or an exponent.
  case number(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([TemplateValue])
  /// Members in order; of two with the same name, the later value is used at the earlier place.
  case object([Member])

  /// A named member of an object.
  public struct Member: Sendable, Equatable {
    /// The member's name.
    public let name: String
    /// The member's value.
    public let value: TemplateValue

    /// A member with this name and value.
    public init(_ name: String, _ value: TemplateValue) {
      self.name = name
      self.value = value
    }
  }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A number without a fraction.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A list.
  public init(arrayLiteral elements: TemplateValue...) { self = .array(elements) }
  /// An object with its members in the order written.
  public init(dictionaryLiteral elements: (String, TemplateValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
