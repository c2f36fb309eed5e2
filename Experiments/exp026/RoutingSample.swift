import AISHarness
import AISKit

/// Prompts of three splits, disjoint from each other and from the map.
///
/// There are equally many to choose plans and to judge them, and half as many to train the network
/// of plans, which is only a reference.
struct RoutingSample {
  let calibration: PromptDraw
  let validation: PromptDraw
  let test: PromptDraw
  /// The probes that train routers of plans.
  ///
  /// Shape: [calibration prompts, hiddenSize].
  let calibrationProbes: [Float]
  /// The probes that stop the training.
  ///
  /// Shape: [validation prompts, hiddenSize].
  let validationProbes: [Float]
  private let maximumTokens: Int

  /// - Throws: what the chat template and a forward pass throw, `SplitError`, `RequestError`.
  init(
    _ lab: Lab<Exp026.Row>, _ language: LanguageModel, _ map: TopologicalMap, count: Int,
    maximumTokens: Int
  ) throws {
    (calibration, validation, test) = (
      try lab.prompts((count + 1) / 2, of: .calibration, atMost: maximumTokens, language),
      try lab.prompts(count, of: .validation, atMost: maximumTokens, language),
      try lab.prompts(count, atMost: maximumTokens, language)
    )
    try Split.check([
      (.map, map.entries.map(\.text)), (.calibration, calibration.prompts.map(\.text)),
      (.validation, validation.prompts.map(\.text)), (.test, test.prompts.map(\.text)),
    ])
    let reader = try ProbeReader(model: language.decoder, pivot: map.pivot)
    let meter = ProgressMeter(
      "probes: prompts", total: calibration.prompts.count + validation.prompts.count)
    calibrationProbes = try Self.probes(of: calibration.tokens, reader, meter)
    validationProbes = try Self.probes(of: validation.tokens, reader, meter)
    self.maximumTokens = maximumTokens
  }

  private static func probes(
    of prompts: [[Int32]], _ reader: ProbeReader, _ meter: ProgressMeter
  ) throws -> [Float] {
    try stride(from: 0, to: prompts.count, by: window).flatMap { first in
      let probes = try reader.probes(of: Array(prompts[first..<min(first + window, prompts.count)]))
      meter.advance(by: min(window, prompts.count - first))
      return probes
    }
  }

  /// Prompts between two updates of the progress line.
  private static let window = 32

  /// A line about the sample, for the terminal.
  var summary: String {
    let draws = [calibration, validation, test]
    return
      "  sample   \(draws.map { "\($0.prompts.count)" }.joined(separator: " + ")) prompts of the "
      + "calibration, validation and test splits, \(draws.reduce(0) { $0 + $1.tokenCount }) "
      + "tokens; \(test.leftOutCount) of the data are longer than \(maximumTokens)"
  }
}
