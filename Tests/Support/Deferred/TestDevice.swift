import AISKit
import Testing

/// The device on which a test's models compute.
public enum TestDevice: Sendable {
  /// The processor, each operation at once.
  case processor
  /// A device that computes late and in another order.
  case deferred

  /// The device of the test that is running.
  @TaskLocal public static var current = TestDevice.processor

  /// Loads a model for this device.
  ///
  /// - Throws: what loading throws.
  public func load(_ checkpoint: Checkpoint, type: ComputeType = .f32) throws -> DecoderModel {
    switch self {
    case .processor: try .load(checkpoint, type: type)
    case .deferred: try .load(checkpoint, backend: DeferredBackend(CPUBackend(type: type)))
    }
  }
}

/// Runs each test of a suite on the processor and again on a device that computes late.
public struct EveryDevice: TestTrait, SuiteTrait, TestScoping {
  /// The trait holds for the tests of a suite.
  public var isRecursive: Bool { true }

  /// Runs a test twice.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await function()
    // The suite itself has no case: its tests come here one by one.
    guard testCase != nil else { return }
    try await TestDevice.$current.withValue(.deferred) { try await function() }
  }
}

extension Trait where Self == EveryDevice {
  /// Every test runs on the processor and on a device that computes late.
  public static var everyDevice: EveryDevice { EveryDevice() }
}
