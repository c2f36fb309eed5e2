/// A layer's attention: its heads, and what happens to queries, keys and scores.
///
/// A row of fused queries, keys and values holds the query heads, then the key heads, then the
/// value heads, each `headDim` wide.
package struct AttentionShape: Sendable {
  package var queryHeads: Int
  package var kvHeads: Int
  package var headDim: Int
  /// Rotary embedding; `nil`: none.
  package var rotary: RotaryShape?
  /// Normalizes each head's queries before they rotate.
  ///
  /// Width `headDim`.
  package var queryNorm: NormWeights?
  /// Normalizes each head's keys before they rotate.
  ///
  /// Width `headDim`.
  package var keyNorm: NormWeights?
  /// Multiplies the dot products of queries and keys.
  package var scale: Float
  /// Scores s become softCap · tanh(s / softCap); 0: no cap.
  package var softCap: Float
  /// ALiBi (Press et al., 2022): what a head's score loses for each position of distance.
  ///
  /// Shape: [queryHeads].
  package var slopes: (any DeviceBuffer)?
  /// Positions that a row sees, itself included; 0: all earlier ones.
  package var window: Int

  package init(
    queryHeads: Int, kvHeads: Int, headDim: Int, rotary: RotaryShape?, queryNorm: NormWeights?,
    keyNorm: NormWeights?, scale: Float, softCap: Float, slopes: (any DeviceBuffer)?, window: Int
  ) {
    self.queryHeads = queryHeads
    self.kvHeads = kvHeads
    self.headDim = headDim
    self.rotary = rotary
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
    self.scale = scale
    self.softCap = softCap
    self.slopes = slopes
    self.window = window
  }
}

/// Which dimensions of a head rotate (Su et al., 2021).
package struct RotaryShape: Sendable {
  /// Leading dimensions that rotate; even.
  package var dimension: Int
  /// Whether pairs are (2i, 2i + 1) instead of (i, i + dimension / 2).
  package var isInterleaved: Bool

  package init(dimension: Int, isInterleaved: Bool) {
    self.dimension = dimension
    self.isInterleaved = isInterleaved
  }
}

/// The angles by which positions rotate, on the device.
package struct RotaryAngles: Sendable {
  /// Shape: [variants, positions, dimension / 2].
  package let cosines: any DeviceBuffer
  /// Shape: as `cosines`.
  package let sines: any DeviceBuffer
  /// Positions in each variant.
  package let positions: Int
  /// Half of the dimensions that rotate.
  package let pairs: Int
  /// LongRoPE: sequences with a longer expected length than this use the second variant; `nil`:
  /// there is one variant.
  package let originalContext: Int?

  package init(
    cosines: any DeviceBuffer, sines: any DeviceBuffer, positions: Int, pairs: Int,
    originalContext: Int?
  ) {
    self.cosines = cosines
    self.sines = sines
    self.positions = positions
    self.pairs = pairs
    self.originalContext = originalContext
  }
}

/// The cached positions that a row does not see because they exited.
package struct CacheHoles {
  /// The first step that each position did not run.
  ///
  /// Shape: [sequences, capacity] Int32.
  package let exitSteps: any DeviceBuffer
  /// The step that attends.
  ///
  /// It does not see positions that exited before it.
  package let step: Int

  package init(exitSteps: any DeviceBuffer, step: Int) {
    self.exitSteps = exitSteps
    self.step = step
  }
}
