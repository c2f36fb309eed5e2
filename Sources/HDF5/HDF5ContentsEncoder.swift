/// Encodes contents as bytes and passes them on in large pieces.
struct HDF5ContentsEncoder {
  /// Takes the next bytes; throws `HDF5Error` if they are too many or cannot be passed on.
  typealias Sink = (UnsafeRawBufferPointer) throws(HDF5Error) -> Void

  private var pending: [UInt8] = HDF5ContentsCode.signature
  private let sink: Sink

  init(sink: @escaping Sink) { self.sink = sink }

  /// Adds an object; its children follow as separate objects.
  mutating func object(_ path: String, _ object: HDF5Contents.Object) throws(HDF5Error) {
    add(HDF5ContentsCode.Record.object.rawValue)
    add(path)
    add(HDF5ContentsCode.ObjectTag(object.kind).rawValue)
    add(object.attributes.count)
    for (name, attribute) in object.attributes {
      add(name)
      add(attribute)
    }
    if let dataset = object.dataset { add(dataset) }
    if pending.count > 1 << 20 { try flush() }
  }

  /// Adds the error after which nothing follows.
  mutating func failure(_ error: HDF5Error) throws(HDF5Error) {
    add(HDF5ContentsCode.Record.failure.rawValue)
    add(error.operation)
    for part in [error.object, error.expected, error.found, error.detail] {
      add(part == nil ? UInt8(0) : 1)
      if let part { add(part) }
    }
    try flush()
  }

  /// Adds the end mark.
  mutating func end() throws(HDF5Error) {
    add(HDF5ContentsCode.Record.end.rawValue)
    try flush()
  }

  private mutating func flush() throws(HDF5Error) {
    let bytes = pending
    pending = []
    var failure: HDF5Error?
    bytes.withUnsafeBytes { buffer in
      do throws(HDF5Error) { try sink(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func add(_ attribute: HDF5Contents.Attribute) {
    switch attribute {
    case .content(.integers(let values)):
      add(HDF5ContentsCode.AttributeTag.integers.rawValue)
      add(values.count)
      values.withUnsafeBytes { pending += $0 }
    case .content(.reals(let values)):
      add(HDF5ContentsCode.AttributeTag.reals.rawValue)
      add(values.count)
      values.withUnsafeBytes { pending += $0 }
    case .content(.strings(let values)):
      add(HDF5ContentsCode.AttributeTag.strings.rawValue)
      add(values.count)
      for value in values { add(value) }
    case .other(let name):
      add(HDF5ContentsCode.AttributeTag.other.rawValue)
      add(name)
    }
  }

  private mutating func add(_ dataset: HDF5Contents.Dataset) {
    let types = HDF5ContentsCode.elementTypes
    let place = types.firstIndex(of: dataset.elementType) ?? types.count
    add(UInt8(place))
    if place == types.count { add(dataset.elementType.description) }
    add(dataset.shape.count)
    for extent in dataset.shape { add(extent) }
    if place == types.count { return }
    if dataset.elementType == .string {
      for string in dataset.strings { add(string) }
    } else {
      pending += dataset.bytes
    }
  }

  private mutating func add(_ text: String) {
    add(text.utf8.count)
    pending += text.utf8
  }

  private mutating func add(_ number: Int) {
    withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { pending += $0 }
  }

  private mutating func add(_ byte: UInt8) { pending.append(byte) }
}
