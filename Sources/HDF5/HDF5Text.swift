import CHDF5
import Glibc

/// Passes text to the library and reads text from it.
enum HDF5Text {
  /// The type of C strings of any length.
  static func variableLengthType(
    _ characterSet: H5T_cset_t, _ place: HDF5Place
  ) throws(HDF5Error) -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(ais_h5_c_string()), place, "make the type string")
    try place.check(H5Tset_size(type.id, ais_h5_variable_length()), "make the type string")
    try place.check(H5Tset_cset(type.id, characterSet), "make the type string")
    return type
  }

  /// Passes `body` an array of pointers to NUL-terminated UTF-8 copies of `strings`.
  ///
  /// Throws `HDF5Error` if a string contains NUL, which HDF5's strings end at.
  static func withPointers<Result>(
    _ strings: [String], _ place: HDF5Place,
    _ body: ([UnsafePointer<CChar>?]) -> Result
  ) throws(HDF5Error) -> Result {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for (index, string) in strings.enumerated() {
      starts.append(bytes.count)
      for byte in string.utf8 {
        guard byte != 0 else {
          throw place.mismatch(
            "write string \(index)", expected: "text without NUL",
            found: "NUL at byte "
              + "\(bytes.count - starts[index])")
        }
        bytes.append(CChar(bitPattern: byte))
      }
      bytes.append(0)
    }
    return bytes.withUnsafeBufferPointer { buffer in
      body(starts.map { start in buffer.baseAddress.map { $0 + start } })
    }
  }

  /// Reads `count` strings of the file's own `type`.
  ///
  /// `transfer` is the library's read into memory of the given type and returns its status.
  static func read(
    count: Int, type: borrowing HDF5Handle, _ place: HDF5Place,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    if count == 0 { return [] }
    if H5Tis_variable_str(type.id) > 0 {
      return try readVariable(count: count, type: type, place, transfer: transfer)
    }
    return try readFixed(count: count, type: type, place, transfer: transfer)
  }

  private static func readVariable(
    count: Int, type: borrowing HDF5Handle, _ place: HDF5Place,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    let memory = try variableLengthType(H5Tget_cset(type.id), place)
    let space = try HDF5Shape.line(count, place)
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let status = pointers.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { transfer(memory.id, $0) } ?? -1
    }
    let failure = status < 0 ? place.failure("read") : nil
    defer {
      // The library allocated the strings; it frees them even after a partial read.
      _ = pointers.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { H5Dvlen_reclaim(memory.id, space.id, ais_h5_default(), $0) }
      }
    }
    if let failure { throw failure }
    var strings: [String] = []
    strings.reserveCapacity(count)
    for pointer in pointers {
      guard let pointer else {
        strings.append("")
        continue
      }
      let bytes = UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))
      strings.append(try decode(bytes, index: strings.count, place))
    }
    return strings
  }

  private static func readFixed(
    count: Int, type: borrowing HDF5Handle, _ place: HDF5Place,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    let size = H5Tget_size(type.id)
    let (total, overflow) = size.multipliedReportingOverflow(by: count)
    guard size > 0, !overflow, total <= 1 << 30 else {
      throw place.mismatch(
        "read", expected: "at most 1 GiB of text", found: "\(count) strings of \(size) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: total)
    let status = bytes.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { transfer(type.id, $0) } ?? -1
    }
    try place.check(status, "read")
    let padding = H5Tget_strpad(type.id)
    var strings: [String] = []
    strings.reserveCapacity(count)
    for index in 0..<count {
      var text = bytes[index * size..<(index + 1) * size]
      if padding == H5T_STR_NULLTERM {
        text = text.prefix { $0 != 0 }
      } else {
        let filler = UInt8(ascii: padding == H5T_STR_SPACEPAD ? " " : "\0")
        while text.last == filler { text.removeLast() }
      }
      strings.append(try decode(text, index: index, place))
    }
    return strings
  }

  private static func decode(
    _ bytes: some Sequence<UInt8>, index: Int, _ place: HDF5Place
  ) throws(HDF5Error) -> String {
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw place.mismatch("read string \(index)", expected: "UTF-8", found: "other bytes")
    }
    return string
  }
}

extension HDF5Dataset {
  /// Reads all strings, or those of `rows`, of fixed or variable length, in row-major order.
  ///
  /// Throws `HDF5Error` if the dataset holds something else, `rows` lie outside, the text isn't
  /// UTF-8, or the file is damaged.
  public func read(_ type: String.Type, rows: Range<Int>? = nil) throws(HDF5Error) -> [String] {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(.string, "read")
      try textHeap.check()
      let selection = try select(rows, "read")
      try guardSize(selection.count, elementSize: MemoryLayout<Int>.size)
      let type = try HDF5Handle(H5Dget_type(handle.id), place, "read the type")
      let (memory, file) = (selection.memory.id, selection.file.id)
      let dataset = handle.id
      return try HDF5Text.read(count: selection.count, type: type, place) { memoryType, pointer in
        H5Dread(dataset, memoryType, memory, file, ais_h5_default(), pointer)
      }
    }
  }

  /// Writes `strings`, whole rows in row-major order, from row `firstRow` on.
  ///
  /// Throws `HDF5Error` if the type or the number of strings doesn't fit, a string contains NUL,
  /// or writing fails.
  public func write(_ strings: [String], firstRow: Int = 0) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(.string, "write")
      let selection = try select(strings.count, from: firstRow, "write")
      if strings.isEmpty { return }
      let stored = try HDF5Handle(H5Dget_type(handle.id), place, "read the type")
      let type = try HDF5Text.variableLengthType(H5Tget_cset(stored.id), place)
      let (memory, file) = (selection.memory.id, selection.file.id)
      let status = try HDF5Text.withPointers(strings, place) { pointers in
        H5Dwrite(handle.id, type.id, memory, file, ais_h5_default(), pointers)
      }
      try place.check(status, "write")
    }
  }

  /// Adds `strings`, whole rows in row-major order, after the last row.
  ///
  /// Throws `HDF5Error` if the dataset isn't extendable, or as `write` does.
  public func append(_ strings: [String]) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(.string, "append")
      // Checked before the dataset grows: a string that cannot be written must not add a row.
      try HDF5Text.withPointers(strings, place) { _ in }
      let firstRow = try grow(by: strings.count)
      try write(strings, firstRow: firstRow)
    }
  }
}
