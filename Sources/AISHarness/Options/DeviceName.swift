import AISKit
import ArgumentParser

/// A device as options name it.
public enum DeviceName: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// The processor.
  case cpu
  /// The first GPU that CUDA's driver lists.
  case cuda

  /// The device.
  ///
  /// - Throws: `EngineError` if there is no such device.
  public func resolve() throws(EngineError) -> ComputeDevice {
    switch self {
    case .cpu: .processor
    case .cuda: .gpu(try GPU.first(), CUDAFolders.places())
    }
  }
}
