/// How a new dataset is stored in its file.
public struct HDF5Storage: Equatable, Sendable {
  /// Extent of a chunk along every axis, or `nil` for one that suits reading and writing by rows.
  public var chunk: [Int]?
  /// Deflate level, 0 (off) to 9.
  public var deflate: Int
  /// Whether bytes of equal significance are grouped before deflating, which helps numbers.
  public var shuffle: Bool
  /// Whether rows can be appended.
  public var isExtendable: Bool

  /// A storage; chunked and deflated by default.
  public init(
    chunk: [Int]? = nil, deflate: Int = 4, shuffle: Bool = true, isExtendable: Bool = false
  ) {
    self.chunk = chunk
    self.deflate = deflate
    self.shuffle = shuffle
    self.isExtendable = isExtendable
  }

  /// Chunked and deflated, of fixed shape.
  public static let compressed = HDF5Storage()
  /// Chunked and deflated; rows can be appended.
  public static let growing = HDF5Storage(isExtendable: true)
  /// Values as in memory, of fixed shape: fastest to write.
  public static let contiguous = HDF5Storage(deflate: 0, shuffle: false)

  /// Whether the dataset needs chunks at all.
  var isChunked: Bool { isExtendable || deflate > 0 || shuffle || chunk != nil }

  /// The chunk for a dataset of `shape`.
  ///
  /// Small rows are grouped into chunks of up to a quarter MiB; a row above four MiB is divided
  /// along its longest axis. HDF5 re-compresses a chunk whenever it leaves the cache, so both
  /// bounds are well below the cache's 16 MiB.
  func chunk(shape: [Int], elementSize: Int) -> [Int] {
    if let chunk { return chunk }
    let small = (256 << 10) / elementSize
    let large = (4 << 20) / elementSize
    var extents = shape.map { max($0, 1) }
    extents[0] = 1
    while Self.product(extents, limit: large) > large,
      let longest = extents.indices.max(by: { extents[$0] < extents[$1] })
    {
      extents[longest] = (extents[longest] + 1) / 2
    }
    let rows = max(1, small / max(1, Self.product(extents, limit: small)))
    // An extendable dataset's first extent says nothing about its last.
    extents[0] = isExtendable ? min(rows, 4096) : min(rows, max(shape[0], 1))
    return extents
  }

  /// The product of `extents`, or `limit + 1` as soon as it is larger.
  private static func product(_ extents: [Int], limit: Int) -> Int {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow || next > limit { return limit + 1 }
      product = next
    }
    return product
  }
}
