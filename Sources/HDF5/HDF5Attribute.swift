import CHDF5

/// An attribute's values as the file holds them; a single value is a list of one.
public enum HDF5AttributeContent: Equatable, Sendable {
  /// Whole numbers, and truth values as 0 and 1.
  case integers([Int])
  /// Numbers of any floating-point type.
  case reals([Double])
  /// Text of any string type.
  case strings([String])

  var summary: String {
    switch self {
    case .integers(let values): "\(values.count) integer(s)"
    case .reals(let values): "\(values.count) real number(s)"
    case .strings(let values): "\(values.count) string(s)"
    }
  }

  var isEmpty: Bool {
    switch self {
    case .integers(let values): values.isEmpty
    case .reals(let values): values.isEmpty
    case .strings(let values): values.isEmpty
    }
  }
}

/// A value that an attribute can hold: `Int`, `Double`, `Bool`, `String`, and arrays of all but
/// `Bool`.
public protocol HDF5AttributeValue: Sendable {
  /// Its name in error messages.
  static var hdf5Description: String { get }
  /// Whether it is written as a single value rather than a list.
  static var isHDF5Scalar: Bool { get }
  /// The values to write.
  var hdf5Content: HDF5AttributeContent { get }
  /// The value in `content`, or `nil` if that holds another kind or number of values.
  init?(hdf5Content content: HDF5AttributeContent)
}

extension Int: HDF5AttributeValue {
  /// "an integer".
  public static var hdf5Description: String { "an integer" }
  /// True.
  public static var isHDF5Scalar: Bool { true }
  /// One integer.
  public var hdf5Content: HDF5AttributeContent { .integers([self]) }
  /// Takes exactly one integer.
  public init?(hdf5Content content: HDF5AttributeContent) {
    guard case .integers(let values) = content, values.count == 1 else { return nil }
    self = values[0]
  }
}

extension Double: HDF5AttributeValue {
  /// "a real number".
  public static var hdf5Description: String { "a real number" }
  /// True.
  public static var isHDF5Scalar: Bool { true }
  /// One real number.
  public var hdf5Content: HDF5AttributeContent { .reals([self]) }
  /// Takes exactly one real number.
  public init?(hdf5Content content: HDF5AttributeContent) {
    guard case .reals(let values) = content, values.count == 1 else { return nil }
    self = values[0]
  }
}

extension Bool: HDF5AttributeValue {
  /// "0 or 1".
  public static var hdf5Description: String { "0 or 1" }
  /// True.
  public static var isHDF5Scalar: Bool { true }
  /// The integer 0 or 1.
  public var hdf5Content: HDF5AttributeContent { .integers([self ? 1 : 0]) }
  /// Takes exactly one integer, 0 or 1.
  public init?(hdf5Content content: HDF5AttributeContent) {
    guard let value = Int(hdf5Content: content), value == 0 || value == 1 else { return nil }
    self = value == 1
  }
}

extension String: HDF5AttributeValue {
  /// "a string".
  public static var hdf5Description: String { "a string" }
  /// True.
  public static var isHDF5Scalar: Bool { true }
  /// One string.
  public var hdf5Content: HDF5AttributeContent { .strings([self]) }
  /// Takes exactly one string.
  public init?(hdf5Content content: HDF5AttributeContent) {
    guard case .strings(let values) = content, values.count == 1 else { return nil }
    self = values[0]
  }
}

extension Array: HDF5AttributeValue where Element: HDF5AttributeValue & HDF5AttributeItem {
  /// "integers", "real numbers" or "strings".
  public static var hdf5Description: String { Element.hdf5ListDescription }
  /// False.
  public static var isHDF5Scalar: Bool { false }
  /// The elements.
  public var hdf5Content: HDF5AttributeContent { Element.hdf5Content(of: self) }
  /// Takes any number of values of the element's kind; an empty list may be of any kind, because
  /// writers pick one without knowing the element type.
  public init?(hdf5Content content: HDF5AttributeContent) {
    guard let values = content.isEmpty ? [] : Element.hdf5Items(content) else { return nil }
    self = values
  }
}

/// A type of values of which an attribute can hold a list.
public protocol HDF5AttributeItem {
  /// The list's name in error messages.
  static var hdf5ListDescription: String { get }
  /// The list's values to write.
  static func hdf5Content(of values: [Self]) -> HDF5AttributeContent
  /// The list in `content`, or `nil` if that holds another kind.
  static func hdf5Items(_ content: HDF5AttributeContent) -> [Self]?
}

extension Int: HDF5AttributeItem {
  /// "integers".
  public static var hdf5ListDescription: String { "integers" }
  /// The integers.
  public static func hdf5Content(of values: [Int]) -> HDF5AttributeContent { .integers(values) }
  /// The integers, or `nil`.
  public static func hdf5Items(_ content: HDF5AttributeContent) -> [Int]? {
    if case .integers(let values) = content { values } else { nil }
  }
}

extension Double: HDF5AttributeItem {
  /// "real numbers".
  public static var hdf5ListDescription: String { "real numbers" }
  /// The real numbers.
  public static func hdf5Content(of values: [Double]) -> HDF5AttributeContent { .reals(values) }
  /// The real numbers, or `nil`.
  public static func hdf5Items(_ content: HDF5AttributeContent) -> [Double]? {
    if case .reals(let values) = content { values } else { nil }
  }
}

extension String: HDF5AttributeItem {
  /// "strings".
  public static var hdf5ListDescription: String { "strings" }
  /// The strings.
  public static func hdf5Content(of values: [String]) -> HDF5AttributeContent { .strings(values) }
  /// The strings, or `nil`.
  public static func hdf5Items(_ content: HDF5AttributeContent) -> [String]? {
    if case .strings(let values) = content { values } else { nil }
  }
}
