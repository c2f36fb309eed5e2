import CHDF5

// MARK: - Attributes of the root, groups and datasets

extension HDF5File {
  /// Sets the attribute `name` of the object at `path`, replacing its earlier value.
  ///
  /// Throws `HDF5Error` if the object is missing, text contains NUL, or writing fails.
  public func setAttribute<Value: HDF5AttributeValue>(
    _ name: String, _ value: Value, on path: String = "/"
  ) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path).attribute(name)
      let object = try open(path, "set")
      let content = value.hdf5Content
      let type = try content.elementType.makeTypeID(place)
      let extents = Value.isHDF5Scalar ? [] : [content.count]
      let space = try HDF5Shape.space(extents, isExtendable: false, place)
      let creation = try HDF5Handle(H5Pcreate(ais_h5_attribute_creation()), place, "set")
      try place.check(H5Pset_char_encoding(creation.id, H5T_CSET_UTF8), "set")
      // Text is checked before the earlier value is removed.
      if case .strings(let strings) = content { try HDF5Text.withPointers(strings, place) { _ in } }
      if H5Aexists(object.id, name) > 0 { try place.check(H5Adelete(object.id, name), "set") }
      let attribute = try HDF5Handle(
        H5Acreate2(object.id, name, type.id, space.id, creation.id, ais_h5_default()), place, "set")
      if content.isEmpty { return }
      let status: herr_t
      switch content {
      case .integers(let values): status = H5Awrite(attribute.id, type.id, values)
      case .reals(let values): status = H5Awrite(attribute.id, type.id, values)
      case .strings(let strings):
        status = try HDF5Text.withPointers(strings, place) { pointers in
          H5Awrite(attribute.id, type.id, pointers)
        }
      }
      try place.check(status, "set")
    }
  }

  /// The attribute `name` of the object at `path`.
  ///
  /// Integers and real numbers of any width and text of any string type are read; the kind must be
  /// `Value`'s. Throws `HDF5Error` if it is missing or of another kind.
  public func attribute<Value: HDF5AttributeValue>(
    _ name: String, as type: Value.Type = Value.self, on path: String = "/"
  ) throws(HDF5Error) -> Value {
    let content = try attributeContent(name, on: path)
    guard let value = Value(hdf5Content: content) else {
      throw place(path).attribute(name).mismatch(
        "read", expected: Value.hdf5Description, found: content.summary)
    }
    return value
  }

  /// The attribute `name` of the object at `path`, whatever kind it is.
  ///
  /// Throws `HDF5Error` if it is missing, or neither numbers nor text.
  public func attributeContent(
    _ name: String, on path: String = "/"
  ) throws(HDF5Error) -> HDF5AttributeContent {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path).attribute(name)
      let object = try open(path, "read")
      guard H5Aexists(object.id, name) > 0 else { throw place.missing("read") }
      let attribute = try HDF5Handle(
        H5Aopen(object.id, name, ais_h5_default()), place, "read")
      switch try content(of: attribute, place) {
      case .content(let content): return content
      case .other(let name):
        throw place.mismatch("read", expected: "numbers or text", found: name)
      }
    }
  }

  /// The attribute `name` of the object at `path`, or its type's name if it is neither numbers nor
  /// text.
  func storedAttribute(
    _ name: String, on path: String
  ) throws(HDF5Error) -> HDF5Contents.Attribute {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path).attribute(name)
      let object = try open(path, "read")
      let attribute = try HDF5Handle(
        H5Aopen(object.id, name, ais_h5_default()), place, "read")
      return try content(of: attribute, place)
    }
  }

  /// Whether the object at `path` has the attribute `name`.
  ///
  /// Throws `HDF5Error` if the object is missing.
  public func hasAttribute(_ name: String, on path: String = "/") throws(HDF5Error) -> Bool {
    try HDF5Library.locked { () throws(HDF5Error) in
      let object = try open(path, "look up")
      return H5Aexists(object.id, name) > 0
    }
  }

  /// The names of the attributes of the object at `path`, sorted bytewise.
  ///
  /// Throws `HDF5Error` if the object is missing.
  public func attributeNames(on path: String = "/") throws(HDF5Error) -> [String] {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      let object = try open(path, "list attributes")
      let count = ais_h5_attribute_count(object.id)
      guard count >= 0 else { throw place.failure("list attributes") }
      var names: [String] = []
      for index in 0..<hsize_t(count) {
        let name = try HDF5Name.read(place, "list attributes") { buffer, size in
          H5Aget_name_by_idx(
            object.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, ais_h5_default())
        }
        names.append(name)
      }
      return names
    }
  }

  private func content(
    of attribute: borrowing HDF5Handle, _ place: HDF5Place
  ) throws(HDF5Error) -> HDF5Contents.Attribute {
    let id = attribute.id
    let type = try HDF5Handle(H5Aget_type(id), place, "read the type")
    let space = try HDF5Handle(H5Aget_space(id), place, "read the shape")
    let count = try HDF5Shape.count(try HDF5Shape.extents(of: space, place), place)
    // Far above any attribute that this module reads; a forged shape may claim more.
    guard count <= 1 << 24 else {
      throw place.mismatch("read", expected: "at most 2^24 values", found: "\(count)")
    }
    switch HDF5ElementType(typeID: type.id) {
    case .string:
      try textHeap.check()
      return .content(
        .strings(try HDF5Text.read(count: count, type: type, place) { H5Aread(id, $0, $1) }))
    case .other("enumeration") where H5Tget_size(type.id) == 1:
      // h5py writes truth values as an enumeration, which the library does not convert to numbers.
      var bytes = [Int8](repeating: 0, count: count)
      try read(id, type.id, into: &bytes, place)
      return .content(.integers(bytes.map(Int.init)))
    case let other where H5Tget_class(type.id) == H5T_FLOAT:
      _ = other
      var values = [Double](repeating: 0, count: count)
      try read(id, ais_h5_double(), into: &values, place)
      return .content(.reals(values))
    case let other where H5Tget_class(type.id) == H5T_INTEGER && H5Tget_size(type.id) <= 8:
      if other == .other("uint64") {
        return .content(try unsigned(id, count, place))
      }
      var values = [Int](repeating: 0, count: count)
      try read(id, ais_h5_int64(), into: &values, place)
      return .content(.integers(values))
    case let other:
      return .other("\(other)")
    }
  }

  private func unsigned(
    _ id: hid_t, _ count: Int, _ place: HDF5Place
  ) throws(HDF5Error) -> HDF5AttributeContent {
    var values = [UInt64](repeating: 0, count: count)
    try read(id, ais_h5_uint64(), into: &values, place)
    guard let largest = values.max() else { return .integers([]) }
    guard Int(exactly: largest) != nil else {
      throw place.mismatch("read", expected: "integers below 2^63", found: "\(largest)")
    }
    return .integers(values.map { Int($0) })
  }

  private func read<Value>(
    _ id: hid_t, _ type: hid_t, into values: inout [Value], _ place: HDF5Place
  ) throws(HDF5Error) {
    if values.isEmpty { return }
    let status = values.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { H5Aread(id, type, $0) } ?? -1
    }
    try place.check(status, "read")
  }
}

extension HDF5AttributeContent {
  var count: Int {
    switch self {
    case .integers(let values): values.count
    case .reals(let values): values.count
    case .strings(let values): values.count
    }
  }

  fileprivate var elementType: HDF5ElementType {
    switch self {
    case .integers: .int64
    case .reals: .float64
    case .strings: .string
    }
  }
}

extension HDF5Place {
  /// The object's path as the library takes it.
  var name: String { object ?? "/" }

  /// The place of an attribute: `/rows/kl@unit`.
  func attribute(_ name: String) -> HDF5Place {
    HDF5Place(file: file, object: "\(self.name)@\(name)")
  }

  /// The error for an object that isn't there.
  func missing(_ operation: String) -> HDF5Error {
    mismatch(operation, expected: "an object of that name", found: "nothing")
  }
}

/// Names that the library writes into a buffer.
enum HDF5Name {
  /// Calls `get` once for the length, once for the bytes.
  static func read(
    _ place: HDF5Place, _ operation: String, _ get: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(HDF5Error) -> String {
    let length = get(nil, 0)
    guard length >= 0, length <= 1 << 16 else { throw place.failure(operation) }
    var bytes = [CChar](repeating: 0, count: length + 1)
    guard get(&bytes, bytes.count) >= 0 else { throw place.failure(operation) }
    return String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
