import AISBase

/// The encodings of GGUF metadata values, with the numbers the format gives them.
enum GGUFValueType: UInt32 {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// Bytes of one value, or for a string or array the bytes of its header.
  var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }

  /// The name used in errors.
  var name: String { String(describing: self) }
}

/// Where a metadata value lies; its bytes have been checked to be in the file.
enum GGUFValue {
  /// A number or truth value that begins at `offset`.
  case scalar(GGUFValueType, offset: Int)
  case string(GGUFString)
  /// Numbers or truth values, one after the other from `offset`.
  case scalars(GGUFValueType, count: Int, offset: Int)
  case strings(GGUFStrings)
  /// An array of arrays; its elements are skipped, because no model needs them.
  case nested(count: Int)

  /// A phrase for errors and listings.
  var summary: String {
    switch self {
    case .scalar(let type, _): type.name
    case .string: "string"
    case .scalars(let type, let count, _): "array of \(count) \(type.name)"
    case .strings(let strings): "array of \(strings.count) strings"
    case .nested(let count): "array of \(count) arrays"
    }
  }
}

extension MappedFile {
  /// The integer of encoding `type` at `offset`; `nil` if it is no integer or does not fit an `Int`.
  func integer(_ type: GGUFValueType, at offset: Int) -> Int? {
    switch type {
    case .uint8: Int(load(UInt8.self, at: offset))
    case .int8: Int(load(Int8.self, at: offset))
    case .uint16: Int(load(UInt16.self, at: offset))
    case .int16: Int(load(Int16.self, at: offset))
    case .uint32: Int(load(UInt32.self, at: offset))
    case .int32: Int(load(Int32.self, at: offset))
    case .uint64: Int(exactly: load(UInt64.self, at: offset))
    case .int64: Int(load(Int64.self, at: offset))
    case .float32, .float64, .bool, .string, .array: nil
    }
  }

  /// The number of encoding `type` at `offset`, or `nil` if it is no number.
  func number(_ type: GGUFValueType, at offset: Int) -> Double? {
    switch type {
    case .float32: Double(Float(bitPattern: load(UInt32.self, at: offset)))
    case .float64: Double(bitPattern: load(UInt64.self, at: offset))
    case .uint64: Double(load(UInt64.self, at: offset))
    default: integer(type, at: offset).map(Double.init)
    }
  }

  private func load<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, at offset: Int
  ) -> Number {
    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }
}

extension GGUFFile {
  /// The text under `key`, or `nil` if there is none; bytes that are not UTF-8 become U+FFFD.
  ///
  /// Throws: `CheckpointError` when the value is not a string, or has so many combining marks in a
  /// row that it would be slow to compare.
  public func string(_ key: String) throws -> String? {
    guard let value = metadata[key] else { return nil }
    guard case .string(let string) = value else { throw mismatch(key, "a string", value) }
    let text = string.description
    guard !CombiningMarks.areTooMany(in: text) else {
      throw CheckpointError(
        file: path, place: .metadata(key), expected: CombiningMarks.limit, found: "more")
    }
    return text
  }

  /// The integer of any width under `key`, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when the value is not an integer, or is 2⁶³ or more.
  public func integer(_ key: String) throws -> Int? {
    guard let value = metadata[key] else { return nil }
    guard case .scalar(let type, let offset) = value, let integer = file.integer(type, at: offset)
    else { throw mismatch(key, "an integer below 2^63", value) }
    return integer
  }

  /// The number under `key`, integer or not, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when the value is not a number.
  public func number(_ key: String) throws -> Double? {
    guard let value = metadata[key] else { return nil }
    guard case .scalar(let type, let offset) = value, let number = file.number(type, at: offset)
    else { throw mismatch(key, "a number", value) }
    return number
  }

  /// The truth value under `key`, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when the value is not a truth value.
  public func bool(_ key: String) throws -> Bool? {
    guard let value = metadata[key] else { return nil }
    guard case .scalar(.bool, let offset) = value else { throw mismatch(key, "a bool", value) }
    // The parser has checked that the byte is 0 or 1.
    return file.bytes[offset] == 1
  }

  /// The strings under `key`, which stay in the file, or `nil` if there are none.
  ///
  /// Throws: `CheckpointError` when the value is not an array of strings.
  public func strings(_ key: String) throws -> GGUFStrings? {
    guard let value = metadata[key] else { return nil }
    guard case .strings(let strings) = value else {
      throw mismatch(key, "an array of strings", value)
    }
    return strings
  }

  /// The integers of any width under `key`, or `nil` if there are none.
  ///
  /// Throws: `CheckpointError` when the value is not an array of integers below 2⁶³.
  public func integers(_ key: String) throws -> [Int]? {
    try array(key, "an array of integers below 2^63") { file.integer($0, at: $1) }
  }

  /// The numbers under `key`, rounded to 32-bit floats, or `nil` if there are none.
  ///
  /// Throws: `CheckpointError` when the value is not an array of numbers.
  public func numbers(_ key: String) throws -> [Float]? {
    try array(key, "an array of numbers") { type, offset in
      file.number(type, at: offset).map { Float($0) }
    }
  }

  /// The truth values under `key`, or `nil` if there are none.
  ///
  /// Throws: `CheckpointError` when the value is not an array of truth values.
  public func bools(_ key: String) throws -> [Bool]? {
    try array(key, "an array of bools") { type, offset in
      type == .bool ? file.bytes[offset] == 1 : nil
    }
  }

  /// True if the value under `key` is an array.
  package func isArray(_ key: String) -> Bool {
    switch metadata[key] {
    case .scalars, .strings, .nested: true
    case .scalar, .string, nil: false
    }
  }

  /// The value under `key` in one line for a person, or `nil` if there is none.
  ///
  /// Strings are clipped; for an array the line has only its type and length.
  public func describe(_ key: String) -> String? {
    guard let value = metadata[key] else { return nil }
    switch value {
    case .scalar(.bool, let offset):
      return file.bytes[offset] == 1 ? "true" : "false"
    case .scalar(let type, let offset):
      if let integer = file.integer(type, at: offset) { return "\(integer)" }
      if type == .float32, let number = file.number(type, at: offset) { return "\(Float(number))" }
      return file.number(type, at: offset).map { "\($0)" }
    case .string(let string):
      return "\"" + oneLine(string.description, limit: 100) + "\""
    case .scalars, .strings, .nested:
      return value.summary
    }
  }

  private func array<Element>(
    _ key: String, _ expected: String, _ element: (GGUFValueType, Int) -> Element?
  ) throws -> [Element]? {
    guard let value = metadata[key] else { return nil }
    guard case .scalars(let type, let count, let offset) = value else {
      throw mismatch(key, expected, value)
    }
    return try (0..<count).map { index in
      guard let element = element(type, offset + index * type.size) else {
        throw mismatch(key, expected, value)
      }
      return element
    }
  }

  private func mismatch(_ key: String, _ expected: String, _ value: GGUFValue) -> CheckpointError {
    let found =
      switch value {
      case .scalar, .string: "\(value.summary) \(describe(key) ?? "")"
      case .scalars, .strings, .nested: value.summary
      }
    return CheckpointError(file: path, place: .metadata(key), expected: expected, found: found)
  }
}
