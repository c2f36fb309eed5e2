import AISKit
import ArgumentParser

/// A device as options, file names and caches name it.
public enum DeviceName: String, Sendable, CaseIterable, Codable, ExpressibleByArgument {
  /// The processor.
  case cpu
  /// The first GPU that CUDA's driver lists.
  case cuda

  /// The number formats that the device computes.
  public var computeTypes: [ComputeType] {
    switch self {
    case .cpu: CPUBackend.types
    case .cuda: CUDABackend.types
    }
  }

  /// The name as a part of a file's name: empty for the processor, the default.
  var fileWord: String { self == .cpu ? "" : rawValue }

  /// Refuses number formats that the device does not compute.
  ///
  /// - Throws: `ValidationError` that names the option that asks for them.
  package func refuseOthers(_ types: [ComputeType], of option: String) throws {
    guard types.allSatisfy(computeTypes.contains) else {
      let known = computeTypes.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("\(option): --device \(rawValue) computes \(known)")
    }
  }

  /// The device.
  ///
  /// - Throws: `RequestError` that says what is missing if there is no such device.
  public func resolve() throws(RequestError) -> ComputeDevice {
    switch self {
    case .cpu: return .processor
    case .cuda:
      do {
        return .gpu(try GPU.first(), CUDAFolders.places())
      } catch {
        throw refusal(error)
      }
    }
  }

  /// Checks that the device can compute in a format, by opening it.
  ///
  /// - Throws: `RequestError` that says what is missing.
  func check(_ type: ComputeType) throws(RequestError) {
    guard self != .cpu else { return }
    let device = try resolve()
    do { _ = try device.makeBackend(type) } catch { throw refusal(error) }
  }

  private func refusal(_ error: EngineError) -> RequestError {
    RequestError(
      "--device \(rawValue)", expected: "a GPU that can be used",
      found: "none, since \(error.operation) failed: \(error.reason)")
  }
}

extension ComputeDevice {
  /// The device as options name it.
  public var option: DeviceName {
    switch self {
    case .processor: .cpu
    case .gpu: .cuda
    }
  }
}
