import AISKit
import Foundation

/// What `ais tune` measured on this processor, kept in the cache.
///
/// Every tool reads it at its start. Without the file, or with one of another processor, of other
/// kernels or of another instruction set, products are computed by the default of the processor's
/// maker.
public struct TuningFile: Codable, Equatable, Sendable {
  /// The processor, its extensions, and the instruction set in use.
  public let processor: String
  /// The digest of the kernels' sources; `unknown` without a clone.
  public let kernels: String
  /// When it was measured, ISO 8601.
  public let utc: String
  /// The rates of the ways to multiply bfloat16 numbers.
  public let bf16: BFloat16Tuning

  /// The file's place; one for each processor, so that machines may share a cache.
  static func location(cache: URL = CacheFolder.location()) -> URL {
    let name = processor.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return cache.appendingPathComponent("tuning/\(String(name)).json")
  }

  static var processor: String {
    let facts = MachineFacts.current
    return "\(facts.cpuModel) \(facts.isa) \(Threads.instructionSet)"
  }

  private static var kernels: String {
    KernelSources.own ?? "unknown"
  }

  /// What was measured here with these kernels; `nil` if nothing was.
  public static func read(cache: URL = CacheFolder.location()) -> TuningFile? {
    guard let data = try? Data(contentsOf: location(cache: cache)),
      let file = try? JSONDecoder().decode(TuningFile.self, from: data),
      file.processor == processor, file.kernels == kernels
    else { return nil }
    return file
  }

  /// Says in a line how bfloat16 numbers are multiplied here, and why so.
  public static func line(cache: URL = CacheFolder.location()) -> String {
    let reason =
      read(cache: cache).map { "measured here, \($0.utc)" }
      ?? "not measured here: `ais tune` does"
    return "products  bf16 by \(BFloat16Tuning.kernelsInUse), \(reason)"
  }

  /// Makes this process multiply as was measured; does nothing without a measurement.
  public static func use(cache: URL = CacheFolder.location()) { read(cache: cache)?.bf16.use() }

  /// Measures, writes the file, and makes this process multiply so.
  ///
  /// - Throws: `ResultWriteError` if the file can't be written, `EngineError`.
  public static func measure(cache: URL = CacheFolder.location()) throws -> TuningFile {
    let file = TuningFile(
      processor: processor, kernels: kernels, utc: Date().formatted(.iso8601),
      bf16: try BFloat16Tuning.measure())
    let place = location(cache: cache)
    try FileBytes.makeFolder(place.deletingLastPathComponent())
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try FileBytes.replace(place.path, with: encoder.encode(file))
    file.bf16.use()
    return file
  }
}
