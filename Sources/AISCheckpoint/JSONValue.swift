import AISBase

/// A JSON value as a model's files hold it.
///
/// Whole numbers that fit are `integer`, all others `number`; `1.0` is a `number`.
public enum JSONValue: Sendable, Equatable {
  /// The literal `null`.
  case null
  /// The literal `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent that fits.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Values by name.
  case object(JSONObject)

  /// A phrase for errors: the value if it is short, else its kind.
  var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(oneLine(value, limit: 60))\""
    case .array(let values): "an array of \(values.count)"
    case .object(let object): "an object of \(object.keys.count)"
    }
  }

  /// The whole number, even if it is written as `1.0`, or `nil` if this is none.
  public var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number, whole or not, or `nil` if this is none.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The truth value, or `nil` if this is none.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The text, or `nil` if this is none.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The values of an array, or `nil` if this is none.
  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The members of an object, or `nil` if this is none.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }
}

/// The members of a JSON object; every name occurs once.
///
/// Names are compared by their bytes. Names in a vocabulary may differ only in Unicode
/// normalisation, and `String` treats such names as equal.
public struct JSONObject: Sendable, Equatable {
  /// The names, in file order.
  public private(set) var keys: [String] = []
  private var values: [Name: JSONValue] = [:]

  /// The value called `key`, or `nil` if there is none.
  public subscript(key: String) -> JSONValue? { values[Name(text: key)] }

  /// Adds a member; false if there was one of this name already.
  mutating func insert(_ value: JSONValue, as key: String) -> Bool {
    guard values.updateValue(value, forKey: Name(text: key)) == nil else { return false }
    keys.append(key)
    return true
  }

  private struct Name: Hashable {
    let text: String

    static func == (left: Name, right: Name) -> Bool {
      left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}
