import CHDF5

/// The type of a dataset's elements.
public enum HDF5ElementType: Equatable, Sendable, CustomStringConvertible {
  /// IEEE single precision.
  case float32
  /// IEEE double precision.
  case float64
  /// Signed, 32 bits.
  case int32
  /// Signed, 64 bits.
  case int64
  /// Unsigned, 8 bits.
  case uint8
  /// Text of fixed or variable length, ASCII or UTF-8. New datasets use variable-length UTF-8.
  case string
  /// A type that this module describes but doesn't read as a dataset.
  case other(String)

  /// The name that error messages use.
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .string: "string"
    case .other(let name): name
    }
  }

  /// Bytes of one element in a chunk; a variable-length string leaves a 16-byte reference there.
  var storedSize: Int {
    switch self {
    case .uint8: 1
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .string, .other: 16
    }
  }

  /// Classifies an open type identifier.
  init(typeID: hid_t) {
    let size = H5Tget_size(typeID)
    switch H5Tget_class(typeID) {
    case H5T_FLOAT where size == 4: self = .float32
    case H5T_FLOAT where size == 8: self = .float64
    case H5T_FLOAT: self = .other("float\(size.multipliedReportingOverflow(by: 8).partialValue)")
    case H5T_INTEGER: self = Self.integer(size: size, signed: H5Tget_sign(typeID) == H5T_SGN_2)
    case H5T_STRING: self = .string
    case H5T_ENUM: self = .other("enumeration")
    case H5T_COMPOUND: self = .other("compound")
    case H5T_ARRAY: self = .other("array")
    case H5T_VLEN: self = .other("variable-length list")
    case H5T_REFERENCE: self = .other("reference")
    case H5T_OPAQUE: self = .other("opaque")
    case H5T_BITFIELD: self = .other("bit field")
    case H5T_TIME: self = .other("time")
    default: self = .other("unknown type")
    }
  }

  private static func integer(size: Int, signed: Bool) -> Self {
    switch (size, signed) {
    case (4, true): .int32
    case (8, true): .int64
    case (1, false): .uint8
    default:
      .other("\(signed ? "int" : "uint")\(size.multipliedReportingOverflow(by: 8).partialValue)")
    }
  }
}

/// A number that a dataset can hold: `Float`, `Double`, `Int32`, `Int64`, `UInt8`.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  /// The dataset type that holds it, without conversion.
  static var hdf5Type: HDF5ElementType { get }
  /// The value that fills a buffer before it is read into.
  static var zero: Self { get }
}

extension Float: HDF5Element {
  /// `float32`.
  public static var hdf5Type: HDF5ElementType { .float32 }
}

extension Double: HDF5Element {
  /// `float64`.
  public static var hdf5Type: HDF5ElementType { .float64 }
}

extension Int32: HDF5Element {
  /// `int32`.
  public static var hdf5Type: HDF5ElementType { .int32 }
}

extension Int64: HDF5Element {
  /// `int64`.
  public static var hdf5Type: HDF5ElementType { .int64 }
}

extension UInt8: HDF5Element {
  /// `uint8`.
  public static var hdf5Type: HDF5ElementType { .uint8 }
}

extension HDF5ElementType {
  /// A type identifier for new data, owned by the caller; `nil` for `other`.
  func makeTypeID(_ place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let operation = "make the type \(self)"
    switch self {
    case .float32: return try HDF5Handle(H5Tcopy(ais_h5_float()), place, operation)
    case .float64: return try HDF5Handle(H5Tcopy(ais_h5_double()), place, operation)
    case .int32: return try HDF5Handle(H5Tcopy(ais_h5_int32()), place, operation)
    case .int64: return try HDF5Handle(H5Tcopy(ais_h5_int64()), place, operation)
    case .uint8: return try HDF5Handle(H5Tcopy(ais_h5_uint8()), place, operation)
    case .string: return try HDF5Text.variableLengthType(H5T_CSET_UTF8, place)
    case .other(let name):
      throw place.mismatch("create", expected: "a number or string type", found: name)
    }
  }
}
