/// A piece of work on which engines are compared: all of them do it in every round.
package struct PeerCell: Sendable, Hashable {
  /// What is timed.
  package let phase: PassWorkload.Phase
  /// Sequences in the batch.
  package let sequences: Int
  /// Tokens of each sequence; in a decode, those before the timed ones.
  package let tokens: Int
  /// Steps of a timed decode.
  package let steps: Int

  /// A piece of work.
  package init(_ phase: PassWorkload.Phase, _ sequences: Int, _ tokens: Int, steps: Int = 1) {
    (self.phase, self.sequences, self.tokens, self.steps) = (phase, sequences, tokens, steps)
  }

  /// Positions that a sequence reaches.
  package var positions: Int { tokens + (phase == .decode ? steps : 0) }

  /// A name for progress and messages.
  package var name: String { "\(phase.rawValue)_\(sequences)_\(tokens)" }

  /// The prompts, the same for every engine; for a model of few tokens, `vocabulary` says how many.
  ///
  /// Shape: [sequences][tokens].
  package func prompts(vocabulary: Int = .max) -> [[Int32]] {
    let (first, count) = vocabulary > 200 ? (100, min(20_000, vocabulary - 100)) : (0, vocabulary)
    return (0..<sequences).map { sequence in
      (0..<tokens).map { Int32(($0 * 31 + sequence * 17 + 7) % count + first) }
    }
  }
}
