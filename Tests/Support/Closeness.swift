import Testing

/// Every number within `tolerance` of the expected one.
public func expectClose(
  _ found: [Float], _ expected: [Float], tolerance: Float,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, sourceLocation: sourceLocation)
  let distance = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
  #expect(distance <= tolerance, sourceLocation: sourceLocation)
}
