import AISKit
import ArgumentParser
import Foundation

/// Which model runs, in which number format, on which device, with how many threads.
public struct ModelOptions: ParsableArguments {
  /// A known name, a GGUF file, a Hugging Face folder, a fetched model's name on the hub, or
  /// `random:` and a shape.
  @Option(
    name: .customLong("model"),
    help: "A .gguf file, a Hugging Face folder, a known name, owner/name fetched, or random:3b.")
  public var model: String = ModelCatalog.defaultName

  /// How matrix products are computed.
  @Option(help: "The number format: f32, bf16, f16 (on a GPU), int8, native (as stored).")
  public var dtype: ComputeType = .f32

  /// Where the model computes.
  @Option(help: "Where the model computes: cpu, cuda (an NVIDIA GPU).")
  public var device: DeviceName = .cpu

  /// How many threads compute; by default one per core.
  @Option(help: "How many threads compute. (default: one per core)")
  public var threads: Int?

  /// Options at their defaults.
  public init() {}

  /// Checks the options' values.
  public func validate() throws {
    if let threads, !(1...1_024).contains(threads) {
      throw ValidationError("--threads \(threads) is out of range, expected 1 to 1024")
    }
    try device.refuseOthers([dtype], of: "--dtype \(dtype.rawValue)")
  }

  /// The model's file or folder.
  ///
  /// - Throws: as `ModelCatalog.resolve`, if there is none.
  public func location() throws -> URL { try ModelCatalog.resolve(model) }

  /// The arguments that give another tool the same model, number format, device and threads.
  package var arguments: [String] {
    ["--model", model, "--dtype", dtype.rawValue, "--device", device.rawValue]
      + (threads.map { ["--threads", "\($0)"] } ?? [])
  }

  /// How many threads compute.
  public var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

extension ComputeType: ExpressibleByArgument {}
