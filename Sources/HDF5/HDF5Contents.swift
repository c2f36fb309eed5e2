/// The contents of an HDF5 file as plain values, read by another process that may crash.
///
/// libhdf5 1.10 corrupts memory on some damaged files, so a file of unknown origin is opened by
/// another process (`HDF5ContentsSender`). It sends what it read as bytes, which are decoded here.
/// The methods match those of an open `HDF5File`, with the same errors.
public struct HDF5Contents: Sendable {
  /// The file's path as it was given.
  public let path: String
  var objects: [String: Object]

  /// A group, a dataset, or something else, with its attributes.
  struct Object: Sendable, Equatable {
    var kind: HDF5ObjectKind
    var attributes: [String: Attribute] = [:]
    var dataset: Dataset?
    /// The names in a group, in the file's order.
    var children: [String] = []
  }

  /// An attribute's values, or their type's name if they are neither numbers nor text.
  enum Attribute: Sendable, Equatable {
    case content(HDF5AttributeContent)
    case other(String)
  }

  /// A dataset's elements in row-major order: numbers as their bytes, or text.
  struct Dataset: Sendable, Equatable {
    var elementType: HDF5ElementType
    var shape: [Int]
    var bytes: [UInt8] = []
    var strings: [String] = []
  }
}

// MARK: - Asking

extension HDF5Contents {
  /// The attribute `name` of the object at `path`, as `HDF5File` gives it.
  ///
  /// Throws `HDF5Error` if it is missing or of another kind.
  public func attribute<Value: HDF5AttributeValue>(
    _ name: String, as type: Value.Type = Value.self, on path: String = "/"
  ) throws(HDF5Error) -> Value {
    let place = place(path).attribute(name)
    guard let attribute = try object(path, "read").attributes[name] else {
      throw place.missing("read")
    }
    switch attribute {
    case .content(let content):
      if let value = Value(hdf5Content: content) { return value }
      throw place.mismatch("read", expected: Value.hdf5Description, found: content.summary)
    case .other(let name):
      throw place.mismatch("read", expected: Value.hdf5Description, found: name)
    }
  }

  /// Whether the object at `path` has the attribute `name`.
  ///
  /// Throws `HDF5Error` if the object is missing.
  public func hasAttribute(_ name: String, on path: String = "/") throws(HDF5Error) -> Bool {
    try object(path, "look up").attributes[name] != nil
  }

  /// Whether an object lies at `path`.
  public func exists(_ path: String) -> Bool { objects[place(path).name] != nil }

  /// The names in the group at `path`, in the file's order.
  ///
  /// Throws `HDF5Error` if `path` isn't a group.
  public func children(of path: String) throws(HDF5Error) -> [String] {
    let object = try object(path, "list")
    guard object.kind == .group else {
      throw place(path).mismatch("list", expected: "a group", found: "a dataset")
    }
    return object.children
  }

  /// The extents of the dataset at `path`; empty for a single value.
  ///
  /// Throws `HDF5Error` if no dataset lies there.
  public func shape(of path: String) throws(HDF5Error) -> [Int] { try dataset(path).shape }

  /// All elements of the dataset at `path`, in row-major order.
  ///
  /// Throws `HDF5Error` if it is missing, or its type isn't exactly `Element`'s.
  public func read<Element: HDF5Element>(
    _ type: Element.Type, from path: String
  ) throws(HDF5Error) -> [Element] {
    let dataset = try dataset(path, of: Element.hdf5Type)
    let count = dataset.bytes.count / MemoryLayout<Element>.stride
    return dataset.bytes.withUnsafeBytes { bytes in
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: bytes[..<(count * MemoryLayout<Element>.stride)]))
        initialized = count
      }
    }
  }

  /// All strings of the dataset at `path`, in row-major order.
  ///
  /// Throws `HDF5Error` if it is missing or holds something else.
  public func read(_ type: String.Type, from path: String) throws(HDF5Error) -> [String] {
    try dataset(path, of: .string).strings
  }

  private func dataset(
    _ path: String, of type: HDF5ElementType
  ) throws(HDF5Error) -> Dataset {
    let dataset = try dataset(path)
    guard dataset.elementType == type else {
      throw place(path).mismatch(
        "read", expected: "\(type)", found: "\(dataset.elementType)")
    }
    return dataset
  }

  private func dataset(_ path: String) throws(HDF5Error) -> Dataset {
    guard let dataset = try object(path, "open").dataset else {
      throw place(path).mismatch("open", expected: "a dataset", found: "a group")
    }
    return dataset
  }

  private func object(_ path: String, _ operation: String) throws(HDF5Error) -> Object {
    let place = place(path)
    guard let object = objects[place.name] else { throw place.missing(operation) }
    return object
  }

  private func place(_ object: String) -> HDF5Place {
    HDF5Place(file: path, object: object.hasPrefix("/") ? object : "/" + object)
  }
}
