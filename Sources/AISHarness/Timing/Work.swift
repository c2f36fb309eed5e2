import AISKit

/// The least work of one run.
public struct Work: Sendable, Equatable {
  /// Operations in matrix products; a multiplication and an addition count as two.
  public let floatingPointOperations: Double
  /// Bytes that must come from memory: usually the weights, if they exceed the caches.
  public let bytesRead: Double
  /// The number format the products are computed in.
  public let computeType: ComputeType

  /// Work from its parts; unknown parts may be omitted.
  public init(
    floatingPointOperations: Double = 0, bytesRead: Double = 0, computeType: ComputeType = .f32
  ) {
    self.floatingPointOperations = floatingPointOperations
    self.bytesRead = bytesRead
    self.computeType = computeType
  }
}

extension Work {
  /// The work of a forward pass of a model.
  ///
  /// Weights that may stay in the device's caches count as no bytes.
  public init(_ work: ModelWork, _ model: DecoderModel, _ type: ComputeType) {
    let isBeyondCaches = work.weightBytes > model.backend.cacheBytes
    self.init(
      floatingPointOperations: work.floatingPointOperations,
      bytesRead: isBeyondCaches ? work.weightBytes : 0, computeType: type)
  }
}

/// A time that this machine cannot reach, so some work was not done or not waited for.
public struct ImpossibleTiming: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name of the timed side.
  public let name: String
  /// The rate that its time implies.
  public let rate: Double
  /// The highest rate that the machine was measured to reach.
  public let ceiling: Double
  /// The unit of both rates, such as `GB/s`.
  public let unit: String

  /// What is impossible about it, in one line.
  public var description: String {
    let times = (rate / ceiling * 100).rounded() / 100
    return "impossible timing: \(name) would mean \(Int(rate)) \(unit), \(times) times the "
      + "\(Int(ceiling)) \(unit) this machine reaches; the run fails"
  }
}
