/// An object of a JSON file, read by name and type, with errors that say where it lies.
///
/// Every accessor has two forms. One requires the value. The other, whose name ends in `IfPresent`,
/// returns `nil` when the name is absent or its value is `null`; published configurations use both
/// with the same meaning. `isNull(_:)` tells them apart.
/// Throws: `CheckpointError` when the value has another type than requested; the first form also
/// when there is no value.
public struct JSONSection: Sendable {
  /// The path of the file.
  public let file: String
  /// The path inside the document, such as `rope_scaling`; empty for the whole document.
  public let path: String
  /// The members.
  public let object: JSONObject
  private var log: FieldLog?

  /// The longest file that is read, in bytes.
  ///
  /// Configurations have kilobytes; the index of a very big model has megabytes.
  private static let maximumFileLength = 100_000_000

  /// Reads the file at `path`, which must hold one JSON object.
  ///
  /// Throws: `CheckpointError` when the file is missing, too long, or not a JSON object.
  public init(contentsOf path: String) throws {
    let mapped = try MappedFile(path: path)
    guard mapped.count <= Self.maximumFileLength else {
      throw CheckpointError(
        file: path, expected: "JSON of at most \(Self.maximumFileLength) bytes",
        found: "\(mapped.count) bytes")
    }
    let value = try mapped.withUnsafeBytes { bytes throws(CheckpointError) in
      try JSONParser.parse(bytes, file: path)
    }
    guard let object = value.object else {
      throw CheckpointError(file: path, expected: "a JSON object", found: value.summary)
    }
    self.init(file: path, path: "", object: object)
  }

  /// Reads a document in memory, which must be one JSON object; `file` names it in errors.
  ///
  /// With `allowsAnyText`, values may have any number of combining marks in a row. Use it only for
  /// texts to be encoded: comparing or hashing one as a `String` can take very long.
  ///
  /// Throws: `CheckpointError` when it is not a JSON object.
  public init(
    parsing bytes: UnsafeRawBufferPointer, file: String, allowsAnyText: Bool = false
  ) throws {
    let value = try JSONParser.parse(bytes, file: file, allowsAnyText: allowsAnyText)
    guard let object = value.object else {
      throw CheckpointError(file: file, expected: "a JSON object", found: value.summary)
    }
    self.init(file: file, path: "", object: object)
  }

  init(file: String, path: String, object: JSONObject, log: FieldLog? = nil) {
    self.file = file
    self.path = path
    self.object = object
    self.log = log
  }

  /// The same section, which records in `log` every value that is read.
  package func logged(by log: FieldLog) -> JSONSection {
    JSONSection(file: file, path: path, object: object, log: log)
  }

  /// The names, in file order.
  public var keys: [String] { object.keys }

  /// The names of the values that have not been read, according to `log`.
  package func keys(unreadIn log: FieldLog) -> [String] {
    let unread = Set(log.unread(keys.map(place)))
    return keys.filter { unread.contains(place(of: $0)) }
  }

  /// The value called `key` whatever its type, or `nil` if there is none.
  public subscript(key: String) -> JSONValue? {
    log?.note(place(of: key))
    return object[key]
  }

  /// True when there is a value called `key`, even `null`.
  public func contains(_ key: String) -> Bool { self[key] != nil }

  /// True when the value called `key` is there and is `null`.
  public func isNull(_ key: String) -> Bool { self[key] == .null }

  /// The integer called `key`.
  public func integer(_ key: String) throws -> Int {
    try required(key, "an integer", \.integer)
  }

  /// The integer called `key`, or `nil`.
  public func integerIfPresent(_ key: String) throws -> Int? {
    try optional(key, "an integer", \.integer)
  }

  /// The number called `key`.
  public func number(_ key: String) throws -> Double {
    try required(key, "a number", \.number)
  }

  /// The number called `key`, or `nil`.
  public func numberIfPresent(_ key: String) throws -> Double? {
    try optional(key, "a number", \.number)
  }

  /// The truth value called `key`.
  public func bool(_ key: String) throws -> Bool {
    try required(key, "true or false", \.bool)
  }

  /// The truth value called `key`, or `nil`.
  public func boolIfPresent(_ key: String) throws -> Bool? {
    try optional(key, "true or false", \.bool)
  }

  /// The text called `key`.
  public func string(_ key: String) throws -> String {
    try required(key, "a string", \.string)
  }

  /// The text called `key`, or `nil`.
  public func stringIfPresent(_ key: String) throws -> String? {
    try optional(key, "a string", \.string)
  }

  /// The integers called `key`.
  public func integers(_ key: String) throws -> [Int] {
    try unwrap(integersIfPresent(key), key, "an array of integers")
  }

  /// The integers called `key`, or `nil`.
  public func integersIfPresent(_ key: String) throws -> [Int]? {
    try elements(key, "an integer", \.integer)
  }

  /// The integers called `key`, or `nil`; a single integer counts as an array, as in `eos_token_id`.
  public func oneOrMoreIntegersIfPresent(_ key: String) throws -> [Int]? {
    if let one = self[key]?.integer { return [one] }
    return try integersIfPresent(key)
  }

  /// The numbers called `key`.
  public func numbers(_ key: String) throws -> [Double] {
    try unwrap(numbersIfPresent(key), key, "an array of numbers")
  }

  /// The numbers called `key`, or `nil`.
  public func numbersIfPresent(_ key: String) throws -> [Double]? {
    try elements(key, "a number", \.number)
  }

  /// The texts called `key`.
  public func strings(_ key: String) throws -> [String] {
    try unwrap(stringsIfPresent(key), key, "an array of strings")
  }

  /// The texts called `key`, or `nil`.
  public func stringsIfPresent(_ key: String) throws -> [String]? {
    try elements(key, "a string", \.string)
  }

  /// The object called `key`.
  public func section(_ key: String) throws -> JSONSection {
    try unwrap(sectionIfPresent(key), key, "an object")
  }

  /// The object called `key`, or `nil`.
  public func sectionIfPresent(_ key: String) throws -> JSONSection? {
    try optional(key, "an object", \.object).map {
      JSONSection(file: file, path: place(of: key), object: $0, log: log)
    }
  }

  /// An error about the value called `key`, for a reader that checks more than its type.
  public func error(_ key: String, expected: String) -> CheckpointError {
    error(at: place(of: key), expected, object[key])
  }

  // MARK: Reading

  private func optional<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws -> Value? {
    guard let stored = self[key], stored != .null else { return nil }
    guard let value = read(stored) else { throw error(at: place(of: key), expected, stored) }
    return value
  }

  private func required<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws -> Value {
    try unwrap(optional(key, expected, read), key, expected)
  }

  private func unwrap<Value>(_ value: Value?, _ key: String, _ expected: String) throws -> Value {
    guard let value else { throw error(at: place(of: key), expected, object[key]) }
    return value
  }

  private func elements<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws -> [Value]? {
    guard let values = try optional(key, "an array", \.array) else { return nil }
    return try values.enumerated().map { index, stored in
      guard let value = read(stored) else {
        throw error(at: "\(place(of: key))[\(index)]", expected, stored)
      }
      return value
    }
  }

  private func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func error(at path: String, _ expected: String, _ found: JSONValue?) -> CheckpointError {
    CheckpointError(
      file: file, place: .json(path), expected: expected, found: found?.summary ?? "nothing")
  }
}
