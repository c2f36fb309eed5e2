import AISHarness
import AISKit
import Foundation

/// Times loading a model whose file is already in the system's cache, and measures how much memory
/// a load and a first pass take in addition to the weights.
struct LoadTrial {
  private let lab: Lab<Bench.Row>
  private let type: ComputeType
  private let loads: Int
  /// Tokens of the first pass.
  private static let tokens = 40

  init(_ lab: Lab<Bench.Row>, _ type: ComputeType, loads: Int) {
    self.lab = lab
    self.type = type
    self.loads = loads
  }

  func run() throws {
    try lab.measureEach(
      [Bench.loading, Bench.memory], "\(type.rawValue): loading", by: { "\(type.rawValue) \($0)" },
      rowKey: { "\($0.format) \($0.phase)" },
      { try $0 == Bench.loading ? loading() : memory() })
  }

  private func load() throws -> DecoderModel {
    try LanguageModel(path: lab.model.path, type: type).decoder
  }

  private func loading() throws -> Bench.Row {
    var row = Bench.Row()
    row.layers = try load().config.layerCount
    var seconds: [Double] = []
    for _ in 0..<loads {
      // A new process has no freed memory to reuse.
      ProcessMemory.returnFreeMemory()
      // Freeing the model is not part of the time.
      var model: DecoderModel?
      seconds.append(try InterleavedTiming.milliseconds { model = try load() } / 1_000)
      row.gigabytes = Double(model?.weightBytes ?? 0) / 1e9
    }
    try lab.keepTimes("\(type.rawValue)_loading", seconds: seconds)
    let median = Bootstrap().median(of: seconds)
    row.milliseconds = median.value * 1_000
    row.gigabytes /= median.value
    return finished(
      row, Bench.loading, against: "\(Bench.loadSeconds) s",
      Estimate(
        value: Bench.loadSeconds / median.value,
        interval: Interval(
          lower: Bench.loadSeconds / median.interval.upper,
          upper: Bench.loadSeconds / median.interval.lower), count: loads))
  }

  private func memory() throws -> Bench.Row {
    var row = Bench.Row()
    var ratios: [Double] = []
    for _ in 0..<loads {
      var weights = 0
      let peak = try ProcessMemory.growth {
        let model = try load()
        weights = model.weightBytes
        row.layers = model.config.layerCount
        row.tokens = min(Self.tokens, model.config.contextLength)
        var context = try model.makeContext(capacity: row.tokens)
        try model.forward(
          PackedTokens((0..<row.tokens).map { Int32($0 % model.config.vocabularySize) }),
          in: &context)
      }
      ratios.append(peak.map { Double(weights) / Double($0) } ?? .nan)
    }
    row.milliseconds = .nan
    return finished(row, Bench.memory, against: "peak memory", Bootstrap().median(of: ratios))
  }

  private func finished(
    _ row: Bench.Row, _ phase: String, against: String, _ ratio: Estimate
  ) -> Bench.Row {
    var row = row
    (row.engine, row.format, row.phase) = (Bench.own, type.rawValue, phase)
    (row.sequences, row.against, row.runs) = (1, against, ratio.count)
    row.ratio = ratio.value
    (row.ratioLower, row.ratioUpper) = (ratio.interval.lower, ratio.interval.upper)
    return row
  }
}
