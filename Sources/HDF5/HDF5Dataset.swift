import CHDF5

/// An open dataset of an `HDF5File`, for reading and writing by rows.
///
/// Axis 0 counts rows. A dataset stays usable until its file is closed; using it afterwards is an
/// error. Writes reach the disk when the chunk cache (16 MiB) overflows, at `HDF5File.flush`, and
/// at the file's `close`.
public struct HDF5Dataset: ~Copyable {
  let handle: HDF5Handle
  let place: HDF5Place
  /// The file's size when it was opened for reading, else 0; limits what a forged shape can claim.
  let fileSize: Int
  let textHeap: HDF5TextHeap

  /// What the elements are.
  public let elementType: HDF5ElementType

  init(
    handle: consuming HDF5Handle, place: HDF5Place, fileSize: Int, textHeap: HDF5TextHeap
  ) throws(HDF5Error) {
    let type = try HDF5Handle(H5Dget_type(handle.id), place, "read the type")
    self.elementType = HDF5ElementType(typeID: type.id)
    self.handle = handle
    self.place = place
    self.fileSize = fileSize
    self.textHeap = textHeap
  }

  /// The extent along every axis; empty for a single value.
  ///
  /// Throws `HDF5Error` if the file's description of the shape is unusable.
  public func shape() throws(HDF5Error) -> [Int] {
    try HDF5Library.locked { () throws(HDF5Error) in
      try HDF5Shape.extents(of: try space(), place)
    }
  }

  /// The extent of axis 0; 1 for a single value.
  public func rowCount() throws(HDF5Error) -> Int { try shape().first ?? 1 }

  /// Reads all elements, or those of `rows`, in row-major order.
  ///
  /// Throws `HDF5Error` if the dataset's type isn't exactly `Element`'s, `rows` lie outside, or
  /// the file is damaged.
  public func read<Element: HDF5Element>(
    _ type: Element.Type, rows: Range<Int>? = nil
  ) throws(HDF5Error) -> [Element] {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(Element.hdf5Type, "read")
      let selection = try select(rows, "read")
      try guardSize(selection.count, elementSize: MemoryLayout<Element>.size)
      var values = [Element](repeating: .zero, count: selection.count)
      let status = values.withUnsafeMutableBufferPointer { buffer in
        read(into: buffer, selection)
      }
      try place.check(status, "read")
      return values
    }
  }

  /// Reads all elements, or those of `rows`, into `buffer`, whose count must be exactly theirs.
  ///
  /// Throws `HDF5Error` as the array-returning form does, or if the count differs.
  public func read<Element: HDF5Element>(
    into buffer: UnsafeMutableBufferPointer<Element>, rows: Range<Int>? = nil
  ) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(Element.hdf5Type, "read")
      let selection = try select(rows, "read")
      guard selection.count == buffer.count else {
        throw place.mismatch(
          "read", expected: "a buffer of \(selection.count) elements", found: "\(buffer.count)")
      }
      try place.check(read(into: buffer, selection), "read")
    }
  }

  /// Writes `values`, whole rows in row-major order, from row `firstRow` on, without copying.
  ///
  /// Throws `HDF5Error` if the type or the number of elements doesn't fit, or writing fails.
  public func write<Element: HDF5Element>(
    _ values: UnsafeBufferPointer<Element>, firstRow: Int = 0
  ) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(Element.hdf5Type, "write")
      let selection = try select(values.count, from: firstRow, "write")
      guard let base = values.baseAddress, selection.count > 0 else { return }
      let type = try elementType.makeTypeID(place)
      let status = H5Dwrite(
        handle.id, type.id, selection.memory.id, selection.file.id, ais_h5_default(), base)
      try place.check(status, "write")
    }
  }

  /// Writes `values`, whole rows in row-major order, from row `firstRow` on.
  ///
  /// Throws `HDF5Error` as the pointer form does.
  public func write<Element: HDF5Element>(
    _ values: [Element], firstRow: Int = 0
  ) throws(HDF5Error) {
    let failure: HDF5Error? = values.withUnsafeBufferPointer { buffer in
      do throws(HDF5Error) {
        try write(buffer, firstRow: firstRow)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Adds `values`, whole rows in row-major order, after the last row.
  ///
  /// Throws `HDF5Error` if the dataset isn't extendable, or as `write` does.
  public func append<Element: HDF5Element>(
    _ values: UnsafeBufferPointer<Element>
  ) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(Element.hdf5Type, "append")
      let firstRow = try grow(by: values.count)
      try write(values, firstRow: firstRow)
    }
  }

  /// Adds `values`, whole rows in row-major order, after the last row.
  ///
  /// Throws `HDF5Error` as the pointer form does.
  public func append<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      try requireType(Element.hdf5Type, "append")
      let firstRow = try grow(by: values.count)
      try write(values, firstRow: firstRow)
    }
  }
}

// MARK: - Selections

/// A selection of whole rows for the library's transfers.
struct HDF5Selection: ~Copyable {
  let file: HDF5Handle
  let memory: HDF5Handle
  let count: Int
}

extension HDF5Dataset {
  func space() throws(HDF5Error) -> HDF5Handle {
    try HDF5Handle(H5Dget_space(handle.id), place, "read the shape")
  }

  /// Selects `rows`, or everything.
  func select(_ rows: Range<Int>?, _ operation: String) throws(HDF5Error) -> HDF5Selection {
    let space = try space()
    let extents = try HDF5Shape.extents(of: space, place)
    guard let rows else {
      let count = try HDF5Shape.count(extents, place)
      return HDF5Selection(file: space, memory: try HDF5Shape.line(count, place), count: count)
    }
    guard let first = extents.first, rows.lowerBound >= 0, rows.upperBound <= first else {
      let found = extents.first.map { "\($0) rows" } ?? "a single value"
      throw place.mismatch(operation, expected: "rows \(rows)", found: found)
    }
    var selected = extents
    selected[0] = rows.count
    let count = try HDF5Shape.count(selected, place)
    var start = [hsize_t](repeating: 0, count: extents.count)
    start[0] = hsize_t(rows.lowerBound)
    let status =
      count == 0
      ? H5Sselect_none(space.id)
      : H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, selected.map(hsize_t.init), nil)
    try place.check(status, "select rows \(rows)")
    return HDF5Selection(file: space, memory: try HDF5Shape.line(count, place), count: count)
  }

  /// Selects the rows that `count` elements fill from `firstRow` on.
  func select(
    _ count: Int, from firstRow: Int, _ operation: String
  ) throws(HDF5Error) -> HDF5Selection {
    let extents = try shape()
    if extents.isEmpty, firstRow == 0, count == 1 { return try select(nil, operation) }
    let rowSize = try HDF5Shape.count(Array(extents.dropFirst()), place)
    let rows = try wholeRows(count, rowSize: rowSize, operation)
    guard !extents.isEmpty, firstRow >= 0, rows <= extents[0], firstRow <= extents[0] - rows else {
      throw place.mismatch(
        operation, expected: "at most \(extents.first ?? 1) rows",
        found: "\(rows) from row \(firstRow) on")
    }
    return try select(firstRow..<firstRow + rows, operation)
  }

  /// Extends axis 0 for `count` more elements; returns the first new row.
  func grow(by count: Int) throws(HDF5Error) -> Int {
    let extents = try shape()
    guard let first = extents.first else {
      throw place.mismatch("append", expected: "an extendable dataset", found: "a single value")
    }
    let rowSize = try HDF5Shape.count(Array(extents.dropFirst()), place)
    let rows = try wholeRows(count, rowSize: rowSize, "append")
    var grown = extents
    let (total, overflow) = first.addingReportingOverflow(rows)
    guard !overflow else {
      throw place.mismatch("append", expected: "fewer rows", found: "\(rows) more than \(first)")
    }
    grown[0] = total
    try place.check(H5Dset_extent(handle.id, grown.map(hsize_t.init)), "append \(rows) rows")
    return first
  }

  private func wholeRows(
    _ count: Int, rowSize: Int, _ operation: String
  ) throws(HDF5Error) -> Int {
    if count == 0 { return 0 }
    guard rowSize > 0, count % rowSize == 0 else {
      throw place.mismatch(
        operation, expected: "whole rows of \(rowSize) elements", found: "\(count) elements")
    }
    return count / rowSize
  }

  func requireType(_ type: HDF5ElementType, _ operation: String) throws(HDF5Error) {
    guard elementType == type else {
      throw place.mismatch(operation, expected: "\(type)", found: "\(elementType)")
    }
  }

  /// Refuses a shape that no file of this size can hold, before memory is allocated for it.
  ///
  /// Deflate shrinks data at most 1032-fold. A quarter GiB is always allowed, because a dataset
  /// whose chunks were never written is legal and takes no room.
  func guardSize(_ count: Int, elementSize: Int) throws(HDF5Error) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: elementSize)
    let plausible = max(256 << 20, fileSize.multipliedReportingOverflow(by: 1032).partialValue)
    guard !overflow, fileSize == 0 || bytes <= plausible else {
      throw place.mismatch(
        "read", expected: "at most \(plausible) bytes in a file of \(fileSize)",
        found: "\(count) elements of \(elementSize) bytes")
    }
  }

  private func read<Element: HDF5Element>(
    into buffer: UnsafeMutableBufferPointer<Element>, _ selection: borrowing HDF5Selection
  ) -> herr_t {
    guard selection.count > 0, let base = buffer.baseAddress else { return 0 }
    guard let type = try? elementType.makeTypeID(place) else { return -1 }
    return H5Dread(
      handle.id, type.id, selection.memory.id, selection.file.id, ais_h5_default(), base)
  }
}
