import Testing

/// Expects every number to be within `tolerance` of the expected one.
public func expectClose(
  _ found: [Float], _ expected: [Float], tolerance: Float,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, sourceLocation: sourceLocation)
  // A NaN is close to nothing.
  let worst = zip(found, expected).map { abs($0 - $1) }.first { !($0 <= tolerance) }
  #expect(worst == nil, sourceLocation: sourceLocation)
}
