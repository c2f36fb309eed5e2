extension UnsafeBufferPointer<Float> {
  /// The index of the largest number, the first of equals; 0 if the first is not a number.
  @inlinable public var firstLargest: Int {
    var best = 0
    for index in indices where self[index] > self[best] { best = index }
    return best
  }
}
