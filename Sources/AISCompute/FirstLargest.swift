extension UnsafeBufferPointer<Float> {
  /// The index of the largest number; of equals the first.
  ///
  /// 0 if the first element is NaN.
  @inlinable public var firstLargest: Int {
    var best = 0
    for index in indices where self[index] > self[best] { best = index }
    return best
  }
}
