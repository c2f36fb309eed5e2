extension RandomAccessCollection where Element: Comparable {
  /// The index of the largest element, the first of equals; the first index if that element is not a number.
  @inlinable public var firstLargest: Index {
    var best = startIndex
    for index in indices where self[index] > self[best] { best = index }
    return best
  }
}
