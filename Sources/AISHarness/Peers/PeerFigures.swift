import AISKit

/// What the times of engines that take turns say about one of them at one piece of work.
package struct PeerFigures: Sendable {
  /// Who computes.
  package let engine: String
  /// What the weights are.
  package let format: String
  /// What is done.
  package let cell: PeerCell
  /// The median time; in a decode, of one step.
  package let milliseconds: Double
  /// Tokens in a second, of all sequences together: a prefill's prompts, or what a decode makes.
  package let tokenRate: Estimate?
  /// The time that reading a step's weights, keys and values takes the device, over the step's own;
  /// `nil` if that is not known.
  package let readingShare: Estimate?
  /// How much faster the project's own engine is; `nil` for that engine itself.
  package let lead: Estimate?

  /// Prompts in a second; `nil` for a decode.
  package var requestRate: Estimate? {
    guard cell.phase == .prefill else { return nil }
    let tokens = Double(cell.tokens)
    return tokenRate?.mapped { $0 / tokens }
  }

  /// The figures of every engine, in the order of the times.
  ///
  /// - Parameters:
  ///   - times: the times of all engines.
  ///   - own: the name of the project's own engine.
  ///   - readRates: the device's rate of reading that each process saw, in 10^9 bytes a second.
  ///   - stepBytes: the bytes that a step of a decode reads in a format; `nil` if not known.
  /// - Returns: figures for each work, format and engine.
  package static func all(
    _ times: [PeerTime], own: String, readRates: [Int: Double],
    stepBytes: (PeerCell, _ format: String) -> Double?
  ) -> [PeerFigures] {
    times.grouped { "\($0.work) \($0.format)" }.flatMap { work -> [PeerFigures] in
      guard let cell = work.rows[0].cell else { return [] }
      let ownTimes = work.rows.filter { $0.engine == own }
      return work.rows.grouped(by: \.engine).map { side in
        let isOwn = side.key == own
        let bytes = isOwn ? stepBytes(cell, side.rows[0].format) : nil
        return PeerFigures(
          engine: side.key, format: side.rows[0].format, cell: cell,
          milliseconds: Bootstrap.median(side.rows.map(\.milliseconds)) / Double(cell.steps),
          tokenRate: ratio(of: side.rows) { _ in 1_000 * Double(cell.tokensMade) },
          readingShare: ratio(of: side.rows) { time in
            guard let bytes, let rate = readRates[time.process], rate > 0 else { return nil }
            return bytes * Double(cell.steps) / rate / 1e6
          },
          lead: isOwn ? nil : speedup(of: ownTimes, over: side.rows))
      }
    }
  }

  /// A quantity over an engine's time, run by run.
  private static func ratio(
    of times: [PeerTime], _ quantity: (PeerTime) -> Double?
  ) -> Estimate? {
    let pairs = times.compactMap { time in
      quantity(time).map {
        TimedPair(
          "", process: time.process, pair: time.round, baseline: $0, variant: time.milliseconds)
      }
    }
    return TimingComparison(pairs)?.speedup
  }

  /// How much faster one engine is than another in the same rounds.
  private static func speedup(of times: [PeerTime], over others: [PeerTime]) -> Estimate? {
    ratio(of: times) { time in
      others.first { $0.process == time.process && $0.round == time.round }?.milliseconds
    }
  }
}

extension PeerCell {
  /// Tokens that a timed run goes through: a prefill's prompts, or what a decode makes.
  package var tokensMade: Int { sequences * (phase == .decode ? steps : tokens) }
}
