import CHDF5

/// Checks shapes, since a file may claim any.
enum HDF5Shape {
  /// The extents of an open data space; a null space counts as one axis of extent 0.
  static func extents(
    of space: borrowing HDF5Handle, _ place: HDF5Place
  ) throws(HDF5Error) -> [Int] {
    if H5Sget_simple_extent_type(space.id) == H5S_NULL { return [0] }
    let rank = H5Sget_simple_extent_ndims(space.id)
    guard rank >= 0, rank <= 32 else { throw place.failure("read the shape") }
    var dims = [hsize_t](repeating: 0, count: Int(rank))
    guard H5Sget_simple_extent_dims(space.id, &dims, nil) >= 0 else {
      throw place.failure("read the shape")
    }
    var extents: [Int] = []
    for dim in dims {
      guard let extent = Int(exactly: dim) else {
        throw place.mismatch("read the shape", expected: "an extent below 2^63", found: "\(dim)")
      }
      extents.append(extent)
    }
    return extents
  }

  /// The number of elements of `extents`; 1 without extents.
  static func count(_ extents: [Int], _ place: HDF5Place) throws(HDF5Error) -> Int {
    if extents.contains(0) { return 0 }
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw place.mismatch(
          "use the shape", expected: "fewer than 2^63 elements", found: "shape \(extents)")
      }
      count = product
    }
    return count
  }

  /// A one-dimensional space of `count` elements in memory.
  static func line(_ count: Int, _ place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    try HDF5Handle(H5Screate_simple(1, [hsize_t(count)], nil), place, "describe memory")
  }

  /// A space for new data of `extents`; its first axis without limit if `isExtendable`.
  static func space(
    _ extents: [Int], isExtendable: Bool, _ place: HDF5Place
  ) throws(HDF5Error) -> HDF5Handle {
    let operation = "create with shape \(extents)"
    guard extents.allSatisfy({ $0 >= 0 }), extents.count <= 32 else {
      throw place.mismatch(
        operation, expected: "at most 32 axes of extent 0 or more", found: "\(extents)")
    }
    if extents.isEmpty {
      return try HDF5Handle(H5Screate(H5S_SCALAR), place, operation)
    }
    let dims = extents.map(hsize_t.init)
    var limits = dims
    if isExtendable { limits[0] = ais_h5_unlimited() }
    return try HDF5Handle(
      H5Screate_simple(CInt(extents.count), dims, limits), place, operation)
  }
}
