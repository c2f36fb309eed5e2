/// The encoding of contents as bytes: numbers little-endian, text and lists after their count.
///
///     "AIS-HDF5"
///     1 object    path, kind, attributes (name, tag, values), and what a dataset holds
///     2 failure   the parts of an `HDF5Error` but its file; nothing follows
///     3 end       nothing follows
enum HDF5ContentsCode {
  static let signature = Array("AIS-HDF5".utf8)

  enum Record: UInt8 {
    case object = 1
    case failure = 2
    case end = 3
  }

  enum AttributeTag: UInt8 {
    case integers = 0
    case reals = 1
    case strings = 2
    case other = 3
  }

  enum ObjectTag: UInt8 {
    case group = 0
    case dataset = 1
    case other = 2

    init(_ kind: HDF5ObjectKind) {
      switch kind {
      case .group: self = .group
      case .dataset: self = .dataset
      case .other: self = .other
      }
    }

    var kind: HDF5ObjectKind {
      switch self {
      case .group: .group
      case .dataset: .dataset
      case .other: .other
      }
    }
  }

  /// The element types that are sent with values, by their index; a larger index is followed by the
  /// type's name.
  static let elementTypes: [HDF5ElementType] = [
    .float32, .float64, .int32, .int64, .uint8, .string,
  ]
}
