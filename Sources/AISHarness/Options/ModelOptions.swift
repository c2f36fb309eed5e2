import AISKit
import ArgumentParser
import Foundation

/// Which model runs, in which number format, on how many threads.
public struct ModelOptions: ParsableArguments {
  /// A known name, a GGUF file, a Hugging Face folder, or a fetched model's name on the hub.
  @Option(
    name: .customLong("model"),
    help: "A .gguf file, a Hugging Face folder, a known name, or owner/name once fetched.")
  public var model: String = ModelCatalog.defaultName

  /// The format that weights are held and multiplied in.
  @Option(help: "The number format to compute in: f32, bf16.")
  public var dtype: WeightFormat = .f32

  /// How many threads compute; without it, one per core.
  @Option(help: "How many threads compute. (default: one per core)")
  public var threads: Int?

  /// Options at their defaults.
  public init() {}

  /// Checks what one option alone cannot.
  public func validate() throws {
    if dtype.computeType == nil {
      throw ValidationError(
        "--dtype \(dtype.rawValue) is not available yet; available: "
          + WeightFormat.allCases.filter { $0.computeType != nil }.map(\.rawValue)
          .joined(separator: ", "))
    }
    if let threads, !(1...1_024).contains(threads) {
      throw ValidationError("--threads \(threads) is out of range, expected 1 to 1024")
    }
  }

  /// The model's file or folder.
  ///
  /// - Throws: `ModelCatalogError` where there is none.
  public func location() throws(ModelCatalogError) -> URL { try ModelCatalog.resolve(model) }

  /// How many threads compute.
  public var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// The format as the engine knows it.
  public var computeType: ComputeType { dtype.computeType ?? .f32 }
}

/// The number formats that a user may ask a model to compute in.
public enum WeightFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// IEEE single precision.
  case f32
  /// The upper half of single precision, with sums in single precision.
  case bf16
  /// Eight-bit integers with scales.
  case int8
  /// The format that the file stores.
  case native

  /// The format as the engine knows it; `nil` where it cannot compute in it yet.
  public var computeType: ComputeType? {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .int8, .native: nil
    }
  }
}
