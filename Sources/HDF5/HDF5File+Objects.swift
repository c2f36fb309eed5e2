import CHDF5

/// The kind of object at a path.
public enum HDF5ObjectKind: Sendable {
  /// A group of named objects.
  case group
  /// An array of elements.
  case dataset
  /// Anything else, such as a named type.
  case other
}

// MARK: - Groups and what they hold

extension HDF5File {
  /// Makes the group at `path` and those above it; existing groups stay as they are.
  ///
  /// Throws `HDF5Error` if another object has one of the names.
  public func createGroup(_ path: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      if try exists(path) {
        guard try kind(of: path) == .group else {
          throw place.mismatch("create a group", expected: "nothing", found: "a dataset")
        }
        return
      }
      let links = try linkCreation(place)
      _ = try HDF5Handle(
        H5Gcreate2(id, place.name, links.id, ais_h5_default(), ais_h5_default()), place,
        "create a group")
    }
  }

  /// Whether an object lies at `path`.
  ///
  /// Throws `HDF5Error` if a damaged group on the way cannot be searched.
  public func exists(_ path: String) throws(HDF5Error) -> Bool {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      var prefix = ""
      // The library checks only the last link of a path.
      for part in path.split(separator: "/") {
        prefix += "/" + part
        let link = H5Lexists(id, prefix, ais_h5_default())
        guard link >= 0 else { throw place.failure("look up") }
        guard link > 0, H5Oexists_by_name(id, prefix, ais_h5_default()) > 0 else { return false }
        if prefix.utf8.count < place.name.utf8.count, try kind(of: prefix) != .group {
          return false
        }
      }
      return true
    }
  }

  /// The kind of the object at `path`.
  ///
  /// Throws `HDF5Error` if there is none.
  public func kind(of path: String) throws(HDF5Error) -> HDF5ObjectKind {
    try HDF5Library.locked { () throws(HDF5Error) in
      let object = try open(path, "open")
      switch H5Iget_type(object.id) {
      case H5I_GROUP: return .group
      case H5I_DATASET: return .dataset
      default: return .other
      }
    }
  }

  /// The names in the group at `path`, sorted bytewise.
  ///
  /// Throws `HDF5Error` if `path` isn't a group.
  public func children(of path: String = "/") throws(HDF5Error) -> [String] {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      let group = try open(path, "list")
      guard H5Iget_type(group.id) == H5I_GROUP else {
        throw place.mismatch("list", expected: "a group", found: "a dataset")
      }
      var info = H5G_info_t()
      try place.check(H5Gget_info(group.id, &info), "list")
      var names: [String] = []
      for index in 0..<info.nlinks {
        let name = try HDF5Name.read(place, "list") { buffer, size in
          H5Lget_name_by_idx(
            group.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, ais_h5_default())
        }
        names.append(name)
      }
      return names
    }
  }

  /// Removes the object at `path` and what it holds.
  ///
  /// HDF5 doesn't shrink the file. Throws `HDF5Error` if nothing lies at `path`.
  public func delete(_ path: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      guard try exists(path) else { throw place.missing("delete") }
      try place.check(H5Ldelete(id, place.name, ais_h5_default()), "delete")
    }
  }

  /// Opens the object at `path`, of any kind.
  func open(_ path: String, _ operation: String) throws(HDF5Error) -> HDF5Handle {
    let place = place(path)
    let object = H5Oopen(id, place.name, ais_h5_default())
    if object < 0 {
      let error = place.failure(operation)
      throw try exists(path) ? error : place.missing(operation)
    }
    return try HDF5Handle(object, place, operation)
  }

  func linkCreation(_ place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let list = try HDF5Handle(H5Pcreate(ais_h5_link_creation()), place, "set up links")
    try place.check(H5Pset_create_intermediate_group(list.id, 1), "set up links")
    try place.check(H5Pset_char_encoding(list.id, H5T_CSET_UTF8), "set up links")
    return list
  }
}

// MARK: - Datasets

extension HDF5File {
  /// Makes a dataset of `shape` at `path`, and the groups above it; its elements are zero or empty.
  ///
  /// Throws `HDF5Error` if something lies at `path`, or the shape or the storage is impossible.
  public func createDataset(
    _ path: String, of type: HDF5ElementType, shape: [Int], storage: HDF5Storage = .compressed
  ) throws(HDF5Error) -> HDF5Dataset {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      guard try !exists(path) else {
        throw place.mismatch("create", expected: "nothing", found: "an object of that name")
      }
      let typeID = try type.makeTypeID(place)
      let space = try HDF5Shape.space(shape, isExtendable: storage.isExtendable, place)
      let links = try linkCreation(place)
      let creation = try datasetCreation(storage, shape: shape, type: type, place)
      let access = try datasetAccess(place)
      let handle = try HDF5Handle(
        H5Dcreate2(id, place.name, typeID.id, space.id, links.id, creation.id, access.id), place,
        "create")
      return try HDF5Dataset(
        handle: handle, place: place, fileSize: fileSize, textHeap: textHeap)
    }
  }

  /// Opens the dataset at `path`.
  ///
  /// Throws `HDF5Error` if nothing or a group lies there, or its description is damaged.
  public func dataset(_ path: String) throws(HDF5Error) -> HDF5Dataset {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = place(path)
      guard try kind(of: path) == .dataset else {
        throw place.mismatch("open", expected: "a dataset", found: "a group")
      }
      let access = try datasetAccess(place)
      let handle = try HDF5Handle(H5Dopen2(id, place.name, access.id), place, "open")
      return try HDF5Dataset(
        handle: handle, place: place, fileSize: fileSize, textHeap: textHeap)
    }
  }

  /// Makes a dataset at `path` that holds `values`, as one axis unless `shape` says otherwise.
  ///
  /// Throws `HDF5Error` if the count isn't the shape's, something lies at `path`, or writing
  /// fails.
  public func write<Element: HDF5Element>(
    _ values: [Element], shape: [Int]? = nil, to path: String, storage: HDF5Storage = .compressed
  ) throws(HDF5Error) {
    let shape = shape ?? [values.count]
    try requireCount(values.count, shape, path)
    try createDataset(path, of: Element.hdf5Type, shape: shape, storage: storage).write(values)
  }

  /// Makes a dataset at `path` that holds `strings`, as one axis unless `shape` says otherwise.
  ///
  /// Throws `HDF5Error` as the form for numbers does, or if a string contains NUL.
  public func write(
    _ strings: [String], shape: [Int]? = nil, to path: String, storage: HDF5Storage = .compressed
  ) throws(HDF5Error) {
    let shape = shape ?? [strings.count]
    try requireCount(strings.count, shape, path)
    try createDataset(path, of: .string, shape: shape, storage: storage).write(strings)
  }

  /// Reads the dataset at `path`, or `rows` of it, in row-major order.
  ///
  /// Throws `HDF5Error` if it is missing, of another type, or damaged.
  public func read<Element: HDF5Element>(
    _ type: Element.Type, from path: String, rows: Range<Int>? = nil
  ) throws(HDF5Error) -> [Element] {
    try dataset(path).read(type, rows: rows)
  }

  /// Reads the strings at `path`, or `rows` of them, in row-major order.
  ///
  /// Throws `HDF5Error` if they are missing, of another type, not UTF-8, or damaged.
  public func read(
    _ type: String.Type, from path: String, rows: Range<Int>? = nil
  ) throws(HDF5Error) -> [String] {
    try dataset(path).read(type, rows: rows)
  }

  /// The extents of the dataset at `path`; empty for a single value.
  ///
  /// Throws `HDF5Error` if no dataset lies there.
  public func shape(of path: String) throws(HDF5Error) -> [Int] { try dataset(path).shape() }

  /// The element type of the dataset at `path`.
  ///
  /// Throws `HDF5Error` if no dataset lies there.
  public func elementType(of path: String) throws(HDF5Error) -> HDF5ElementType {
    try dataset(path).elementType
  }

  private func requireCount(_ count: Int, _ shape: [Int], _ path: String) throws(HDF5Error) {
    let place = place(path)
    let expected = try HDF5Shape.count(shape, place)
    guard count == expected else {
      throw place.mismatch(
        "write", expected: "\(expected) elements for shape \(shape)", found: "\(count)")
    }
  }

  private func datasetCreation(
    _ storage: HDF5Storage, shape: [Int], type: HDF5ElementType, _ place: HDF5Place
  ) throws(HDF5Error) -> HDF5Handle {
    let operation = "set up storage"
    let list = try HDF5Handle(H5Pcreate(ais_h5_dataset_creation()), place, operation)
    // A single value has no axis to divide.
    guard storage.isChunked, !shape.isEmpty else { return list }
    let chunk = storage.chunk(shape: shape, elementSize: type.storedSize)
    guard chunk.count == shape.count, chunk.allSatisfy({ $0 > 0 }) else {
      throw place.mismatch(
        operation, expected: "\(shape.count) chunk extents above 0", found: "\(chunk)")
    }
    let status = H5Pset_chunk(list.id, CInt(chunk.count), chunk.map(hsize_t.init))
    try place.check(status, operation)
    if storage.shuffle { try place.check(H5Pset_shuffle(list.id), operation) }
    if storage.deflate > 0 {
      try place.check(H5Pset_deflate(list.id, UInt32(clamping: storage.deflate)), operation)
    }
    return list
  }

  private func datasetAccess(_ place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let list = try HDF5Handle(H5Pcreate(ais_h5_dataset_access()), place, "set up access")
    // Room for the largest chunk that `HDF5Storage` makes; complete chunks are evicted first.
    try place.check(H5Pset_chunk_cache(list.id, 12_421, 16 << 20, 1), "set up access")
    return list
  }
}
