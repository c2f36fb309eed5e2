/// The type of a column's values.
public enum ColumnKind: String, Sendable, Codable {
  /// `Int`, stored as `int64`.
  case integer
  /// `Double`, stored as `float64`.
  case real
  /// `Float`, stored as `float32`.
  case single
  /// `Bool`, stored as `uint8`, 0 or 1.
  case truth
  /// `String`, stored as variable-length UTF-8.
  case text
}

/// One value of a column.
///
/// Here NaN equals itself: two results that hold it in the same place are equal.
public enum ColumnValue: Sendable {
  /// A value of an `integer` column.
  case integer(Int)
  /// A value of a `real` or a `single` column.
  case real(Double)
  /// A value of a `truth` column.
  case truth(Bool)
  /// A value of a `text` column.
  case text(String)

  /// The value as a number, truth as 0 or 1; `nil` for text.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    case .truth(let value): value ? 1 : 0
    case .text: nil
    }
  }
}

extension ColumnValue: Equatable {
  /// Equal kinds and values.
  public static func == (left: ColumnValue, right: ColumnValue) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a == b
    case (.real(let a), .real(let b)): a == b || (a.isNaN && b.isNaN)
    case (.truth(let a), .truth(let b)): a == b
    case (.text(let a), .text(let b)): a == b
    default: false
    }
  }
}

extension ColumnValue: Hashable {
  /// Equal values hash alike, NaN included.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .integer(let value): hasher.combine(value)
    case .real(let value): hasher.combine(value.isNaN ? .nan : value)
    case .truth(let value): hasher.combine(value)
    case .text(let value): hasher.combine(value)
    }
  }
}

extension ColumnValue: Codable {
  private enum Key: String, CodingKey {
    case integer = "i"
    case real = "r"
    case truth = "b"
    case text = "t"
  }

  /// Decodes an object with one key that names the kind.
  ///
  /// Throws `DecodingError` if it has none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let value = try container.decodeIfPresent(Int.self, forKey: .integer) {
      self = .integer(value)
    } else if let value = try container.decodeIfPresent(Double.self, forKey: .real) {
      self = .real(value)
    } else if let value = try container.decodeIfPresent(Bool.self, forKey: .truth) {
      self = .truth(value)
    } else {
      self = .text(try container.decode(String.self, forKey: .text))
    }
  }

  /// Encodes an object with one key that names the kind.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .integer(let value): try container.encode(value, forKey: .integer)
    case .real(let value): try container.encode(value, forKey: .real)
    case .truth(let value): try container.encode(value, forKey: .truth)
    case .text(let value): try container.encode(value, forKey: .text)
    }
  }
}

/// A type that a column can hold: `Int`, `Double`, `Float`, `Bool`, `String`.
public protocol ColumnScalar: Sendable {
  /// The kind of column that holds it.
  static var columnKind: ColumnKind { get }
  /// The value to store.
  var columnValue: ColumnValue { get }
  /// The value stored, or `nil` if it is of another kind.
  init?(columnValue: ColumnValue)
}

extension Int: ColumnScalar {
  /// `integer`.
  public static var columnKind: ColumnKind { .integer }
  /// The integer.
  public var columnValue: ColumnValue { .integer(self) }
  /// Takes an integer.
  public init?(columnValue: ColumnValue) {
    guard case .integer(let value) = columnValue else { return nil }
    self = value
  }
}

extension Double: ColumnScalar {
  /// `real`.
  public static var columnKind: ColumnKind { .real }
  /// The number.
  public var columnValue: ColumnValue { .real(self) }
  /// Takes a real number.
  public init?(columnValue: ColumnValue) {
    guard case .real(let value) = columnValue else { return nil }
    self = value
  }
}

extension Float: ColumnScalar {
  /// `single`.
  public static var columnKind: ColumnKind { .single }
  /// The number, widened.
  public var columnValue: ColumnValue { .real(Double(self)) }
  /// Takes a real number.
  public init?(columnValue: ColumnValue) {
    guard case .real(let value) = columnValue else { return nil }
    self = Float(value)
  }
}

extension Bool: ColumnScalar {
  /// `truth`.
  public static var columnKind: ColumnKind { .truth }
  /// The truth value.
  public var columnValue: ColumnValue { .truth(self) }
  /// Takes a truth value.
  public init?(columnValue: ColumnValue) {
    guard case .truth(let value) = columnValue else { return nil }
    self = value
  }
}

extension String: ColumnScalar {
  /// `text`.
  public static var columnKind: ColumnKind { .text }
  /// The text, with NUL as U+2400: HDF5's strings end at NUL, and generated text may hold one.
  public var columnValue: ColumnValue {
    .text(utf8.contains(0) ? String(map { $0 == "\0" ? "\u{2400}" : $0 }) : self)
  }
  /// Takes text.
  public init?(columnValue: ColumnValue) {
    guard case .text(let value) = columnValue else { return nil }
    self = value
  }
}
