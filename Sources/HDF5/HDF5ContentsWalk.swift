/// Visits the objects of an open file that were asked for, parents first.
struct HDF5ContentsWalk {
  private let roots: [String]
  private var budget = HDF5ContentsBudget()

  init(roots: [String]) { self.roots = roots }

  /// Encodes the root's attributes and every object that lies at or below `roots`.
  mutating func visit(
    _ file: borrowing HDF5File, _ encoder: inout HDF5ContentsEncoder
  ) throws(HDF5Error) {
    let root = try object("/", .group, file)
    try encoder.object("/", root)
    for path in roots where try file.exists(path) { try visit(path, 1, file, &encoder) }
  }

  private mutating func visit(
    _ path: String, _ depth: Int, _ file: borrowing HDF5File,
    _ encoder: inout HDF5ContentsEncoder
  ) throws(HDF5Error) {
    let place = file.place(path)
    // A group may contain itself.
    guard depth <= HDF5ContentsLimits.depth, budget.takeObject() else {
      throw place.mismatch(
        "read",
        expected: "at most \(HDF5ContentsLimits.objects) objects in groups "
          + "\(HDF5ContentsLimits.depth) deep", found: "more")
    }
    let kind = try file.kind(of: path)
    try encoder.object(path, try object(path, kind, file))
    guard kind == .group else { return }
    for name in try file.children(of: path) {
      let child = "\(path)/\(name)"
      // A link may lead nowhere.
      if try file.exists(child) { try visit(child, depth + 1, file, &encoder) }
    }
  }

  private mutating func object(
    _ path: String, _ kind: HDF5ObjectKind, _ file: borrowing HDF5File
  ) throws(HDF5Error) -> HDF5Contents.Object {
    var object = HDF5Contents.Object(kind: kind)
    for name in try file.attributeNames(on: path) {
      let content = try file.storedAttribute(name, on: path)
      if case .content(let values) = content {
        try take(values.count, file.place("\(path)@\(name)"))
      }
      object.attributes[name] = content
    }
    if kind == .dataset { object.dataset = try dataset(path, file) }
    return object
  }

  private mutating func dataset(
    _ path: String, _ file: borrowing HDF5File
  ) throws(HDF5Error) -> HDF5Contents.Dataset {
    let dataset = try file.dataset(path)
    let place = file.place(path)
    let shape = try dataset.shape()
    var contents = HDF5Contents.Dataset(elementType: dataset.elementType, shape: shape)
    guard HDF5ContentsCode.elementTypes.contains(dataset.elementType) else { return contents }
    // Counted before memory is allocated for them.
    try take(try HDF5Shape.count(shape, place), place)
    switch dataset.elementType {
    case .float32: contents.bytes = bytes(of: try dataset.read(Float.self))
    case .float64: contents.bytes = bytes(of: try dataset.read(Double.self))
    case .int32: contents.bytes = bytes(of: try dataset.read(Int32.self))
    case .int64: contents.bytes = bytes(of: try dataset.read(Int64.self))
    case .uint8: contents.bytes = try dataset.read(UInt8.self)
    case .string: contents.strings = try dataset.read(String.self)
    case .other: break
    }
    return contents
  }

  private func bytes<Element: HDF5Element>(of values: [Element]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  private mutating func take(_ count: Int, _ place: HDF5Place) throws(HDF5Error) {
    guard budget.takeElements(count) else {
      throw place.mismatch(
        "read", expected: "at most \(HDF5ContentsLimits.elements) values in a file",
        found: "more")
    }
  }
}
