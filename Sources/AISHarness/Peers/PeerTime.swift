/// One engine's time for a piece of work in one round.
package struct PeerTime: RawRow {
  /// What is timed, as `PassWorkload.Phase` names it.
  package var phase = ""
  /// Sequences in the batch.
  package var sequences = 0
  /// Tokens of each; in a decode, those before the timed ones.
  package var tokens = 0
  /// Steps of a timed run.
  package var steps = 1
  /// Who computes.
  package var engine = ""
  /// What the weights are.
  package var format = ""
  /// Blocks that run.
  package var layers = 0
  /// The process that times.
  package var process = 0
  /// Its place among that process's rounds.
  package var round = 0
  /// The time of all steps.
  package var milliseconds = 0.0

  /// An empty row.
  package init() {}

  /// The time of a piece of work.
  package init(
    _ cell: PeerCell, engine: String, format: String, layers: Int, process: Int, round: Int,
    milliseconds: Double
  ) {
    phase = cell.phase.rawValue
    (sequences, tokens, steps) = (cell.sequences, cell.tokens, cell.steps)
    (self.engine, self.format, self.layers) = (engine, format, layers)
    (self.process, self.round, self.milliseconds) = (process, round, milliseconds)
  }

  /// What is done, whoever does it.
  package var work: String { "\(phase)_\(sequences)_\(tokens)" }
  /// The engine and its format.
  package var side: String { "\(engine) \(format)" }
  /// The piece of work; `nil` if no phase has the name.
  package var cell: PeerCell? {
    PassWorkload.Phase(rawValue: phase).map { PeerCell($0, sequences, tokens, steps: steps) }
  }

  /// The table of all times of engines that take turns.
  package static let tableName = "peer_times"
  /// The work, the engine, and its time.
  package static let columns: [Column<PeerTime>] = [
    Column("phase", \.phase, "prefill of all tokens, or decode of one each"),
    Column("sequences", \.sequences, "sequences in the batch"),
    Column("tokens", \.tokens, "tokens of each; in decode, tokens before the timed ones"),
    Column("steps", \.steps, "steps of a timed run"),
    Column("engine", \.engine, "who computes"),
    Column("format", \.format, "what the weights are"),
    Column("layers", \.layers, "blocks that run"),
    Column("process", \.process, "the process that times"),
    Column("round", \.round, "its place among that process's rounds"),
    Column("ms", \.milliseconds, "time of all steps", .unchecked(unit: "ms")),
  ]
}
