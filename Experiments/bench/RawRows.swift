import AISHarness
import AISKit

/// A piece of this engine's work that is timed in turns with something else.
struct WorkItem: RawRow {
  var comparison = ""
  var format = ""
  var phase = ""
  var sequences = 0
  var tokens = 0
  var layers = 0
  var against = ""
  /// How many times the work of the other side this side does.
  var share = 1.0
  var operations = 0.0
  var bytes = Double.nan
  /// Steps of a timed decode.
  var steps = 1

  static let tableName = "items"
  static let columns: [Column<WorkItem>] = [
    Column("comparison", \.comparison, "its name among the timed pairs"),
    Column("format", \.format, "what the weights are"),
    Column("phase", \.phase, "products, prefill of all tokens, or decode of one each"),
    Column("sequences", \.sequences, "sequences in the batch"),
    Column("tokens", \.tokens, "tokens of each; in decode, tokens before the timed ones"),
    Column("layers", \.layers, "blocks that run"),
    Column("against", \.against, "what its rate is compared with"),
    Column("share", \.share, "its work over the other side's"),
    Column("operations", \.operations, "multiplications and additions of a step or pass"),
    Column("bytes", \.bytes, "weights, keys and values that a step of decode reads"),
    Column("steps", \.steps, "steps of a timed run"),
  ]
}

/// A load of the model from a file in the system's cache, and the memory of another load.
struct LoadRow: RawRow {
  /// Tokens of the first pass.
  private static let tokens = 40

  var format = ""
  var process = 0
  var load = 0
  var milliseconds = 0.0
  var weightBytes = 0.0
  var peakBytes = 0.0
  var layers = 0

  static let tableName = "loads"
  static let columns: [Column<LoadRow>] = [
    Column("format", \.format, "what the weights become"),
    Column("process", \.process, "the process that loads"),
    Column("load", \.load, "its place among that process's loads"),
    Column("ms", \.milliseconds, "time of the load", .unchecked(unit: "ms")),
    Column("weight_bytes", \.weightBytes, "bytes of the weights, made ready"),
    Column(
      "peak_bytes", \.peakBytes, "memory that a load and a pass over \(tokens) tokens hold",
      .unchecked),
    Column("layers", \.layers, "blocks"),
  ]

  static func measure(_ type: ComputeType, loads: Int, in lab: TimingLab) throws {
    func model() throws -> DecoderModel {
      try lab.languageModel(type).decoder
    }
    // Reads the file into the system's cache.
    _ = try model()
    for place in 0..<loads {
      // A new process has no freed memory to reuse.
      ProcessMemory.returnFreeMemory()
      var row = LoadRow()
      (row.format, row.process, row.load) = (type.rawValue, lab.process, place)
      do {
        // Freeing the model is not part of the time.
        var loaded: DecoderModel?
        row.milliseconds = try InterleavedTiming.milliseconds { loaded = try model() }
        row.weightBytes = Double(loaded?.weightBytes ?? 0)
        row.layers = loaded?.config.layerCount ?? 0
      }
      // A GPU's memory is not the process's.
      let peak = lab.device.option == .cpu ? try growth(model) : nil
      row.peakBytes = peak.map { Double($0) } ?? .nan
      try lab.record(raw: row)
    }
  }

  /// The memory that a load and a first pass hold at once.
  private static func growth(_ load: () throws -> DecoderModel) throws -> Int? {
    try ProcessMemory.growth {
      let model = try load()
      let tokens = min(Self.tokens, model.config.contextLength)
      var context = try model.makeContext(capacity: tokens)
      try model.forward(
        PackedTokens((0..<tokens).map { Int32($0 % model.config.vocabularySize) }), in: &context)
    }
  }
}
