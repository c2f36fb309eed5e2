import AISKit
import Foundation

/// How long parts of runs took on this machine, kept in the cache for the next plan.
///
/// If a record cannot be read or written, the next estimate is only less exact.
package struct RateBook: Sendable {
  /// The work and time of a part.
  package struct Record: Codable, Equatable, Sendable {
    /// Its work, in tokens through all layers.
    package var tokens: Double
    /// Its time, in seconds.
    package var seconds: Double

    package init(tokens: Double, seconds: Double) {
      self.tokens = tokens
      self.seconds = seconds
    }
  }

  /// Everything that affects the time of a token.
  package struct Place: Sendable {
    let key: String

    /// How this program was built: without the compiler's optimizations it is much slower.
    #if DEBUG
    private static let build = "debug"
    #else
    private static let build = "release"
    #endif

    /// - Parameters:
    ///   - modelSHA256: the model's digest.
    ///   - dtype: the number format that is computed in.
    ///   - threads: threads that compute.
    ///   - cpu: the processor's name.
    ///   - device: what computes.
    package init(
      modelSHA256: String, dtype: String, threads: Int,
      cpu: String = MachineFacts.current.cpuModel, device: ComputeDevice = .processor
    ) {
      let own = [modelSHA256, dtype, "\(threads) threads", cpu, Self.build]
      key = (own + (device.option == .cpu ? [] : [device.name])).joined(separator: " · ")
    }
  }

  private let file: URL
  private let place: Place

  /// The book of one place, in a cache folder.
  package init(cache: URL = CacheFolder.location(), place: Place) {
    file = cache.appendingPathComponent("run-times.json")
    self.place = place
  }

  /// How long parts took here, by name.
  package var records: [String: Record] { all[place.key] ?? [:] }

  /// Keeps a part's time, unless the stored record comes from much more work: the time of a short
  /// run is mostly start-up.
  package func keep(_ record: Record, of part: String) {
    guard record.tokens > 0, record.seconds > 0 else { return }
    var all = all
    if let known = all[place.key]?[part], known.tokens > 2 * record.tokens { return }
    all[place.key, default: [:]][part] = record
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(all) else { return }
    try? FileBytes.makeFolder(file.deletingLastPathComponent())
    try? FileBytes.replace(file.path, with: data)
  }

  private var all: [String: [String: Record]] {
    guard let data = try? Data(contentsOf: file) else { return [:] }
    return (try? JSONDecoder().decode([String: [String: Record]].self, from: data)) ?? [:]
  }
}
