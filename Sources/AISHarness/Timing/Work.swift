import AISKit

/// What one run of something has to do at the least.
public struct Work: Sendable, Equatable {
  /// Multiplications and additions in matrix products, counted separately.
  public let floatingPointOperations: Double
  /// Bytes that must come from memory: the weights, as a rule, where they exceed the caches.
  public let bytesRead: Double
  /// The number format the products are computed in.
  public let computeType: ComputeType

  /// Work from its parts; leave out what is not known.
  public init(
    floatingPointOperations: Double = 0, bytesRead: Double = 0, computeType: ComputeType = .f32
  ) {
    self.floatingPointOperations = floatingPointOperations
    self.bytesRead = bytesRead
    self.computeType = computeType
  }
}

extension Work {
  /// What a forward pass has to do.
  ///
  /// Weights that the last-level cache may hold need not come from memory and count as no bytes.
  public init(_ work: ModelWork, _ type: ComputeType) {
    let isBeyondCaches = work.weightBytes > 2 * MachineFacts.lastLevelCacheBytes
    self.init(
      floatingPointOperations: work.floatingPointOperations,
      bytesRead: isBeyondCaches ? work.weightBytes : 0, computeType: type)
  }
}

/// A time that the machine cannot have taken, so something was not done or not waited for.
public struct ImpossibleTiming: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was timed.
  public let name: String
  /// The rate its time would mean.
  public let rate: Double
  /// The highest rate that the machine was measured to reach.
  public let ceiling: Double
  /// What both rates are in, such as `GB/s`.
  public let unit: String

  /// What is impossible about it, in one line.
  public var description: String {
    let times = (rate / ceiling * 100).rounded() / 100
    return "impossible timing: \(name) would mean \(Int(rate)) \(unit), \(times) times the "
      + "\(Int(ceiling)) \(unit) this machine reaches; the run fails"
  }
}
