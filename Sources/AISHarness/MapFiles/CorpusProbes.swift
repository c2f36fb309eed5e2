import AISKit
import Foundation

/// Computes a corpus's probes in windows; a resumed run continues after the last whole one.
public final class CorpusProbes {
  /// Prompts that are computed, and kept, together.
  public static let window = 128

  /// Floats in a probe.
  public let width: Int
  private let corpus: Corpus
  private let reader: ProbeReader
  private let file: ProbeFile

  /// The probes of a corpus, kept in `folder`.
  ///
  /// - Parameters:
  ///   - corpus: the prompts.
  ///   - model: the model that computes them.
  ///   - pivot: the layer whose output is the probe.
  ///   - folder: where they are kept.
  ///   - modelSHA256: the model's digest.
  ///   - dtype: the number format that is computed in.
  ///   - device: what computes.
  ///   - fresh: whether probes that are there already are dropped.
  /// - Throws: what a forward pass throws, `ResultWriteError`, `ResultError`.
  public init(
    _ corpus: Corpus, model: DecoderModel, pivot: Int, folder: URL, modelSHA256: String,
    dtype: String, device: DeviceName = .cpu, fresh: Bool
  ) throws {
    self.corpus = corpus
    width = model.config.hiddenSize
    reader = try ProbeReader(model: model, pivot: pivot, sharing: corpus.sharedPrefix)
    file = try ProbeFile(
      folder: folder,
      identity: ProbeFile.Identity(
        modelSHA256: modelSHA256, dtype: dtype, device: device, pivot: pivot, width: width,
        tokensSHA256: Self.digest(corpus.tokens), rows: corpus.tokens.count, window: Self.window),
      fresh: fresh)
  }

  /// Computes the probes that are not on disk yet, window by window, and returns all.
  ///
  /// - Parameter windowDone: called with each window's prompts, with the seconds it took to compute,
  ///   or `nil` if it was on disk already.
  /// - Returns: the probes of all prompts. Shape: [prompts, width].
  /// - Throws: what a forward pass or `windowDone` throws, `ResultWriteError`.
  public func compute(
    windowDone: (_ prompts: Range<Int>, _ seconds: Double?) throws -> Void = { _, _ in }
  ) throws -> [Float] {
    for first in stride(from: 0, to: corpus.tokens.count, by: Self.window) {
      let range = first..<min(first + Self.window, corpus.tokens.count)
      var seconds: Double?
      if range.upperBound > file.rows {
        var probes: [Float] = []
        seconds =
          try ContinuousClock().measure {
            probes = try reader.probes(of: Array(corpus.tokens[range]))
          } / .seconds(1)
        try file.append(probes)
      }
      try windowDone(range, seconds)
    }
    let probes = try file.read()
    file.release()
    return probes
  }

  private static func digest(_ tokens: [[Int32]]) -> String {
    var hash = SHA256()
    for list in tokens {
      ([Int32(list.count)] + list).withUnsafeBytes { hash.update($0) }
    }
    return hash.finish()
  }
}
