import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais bench`: how fast a model runs here, compared with the device's ceilings.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Times prefill and decode, beside the device's measured ceilings.")

  @OptionGroup var model: ModelOptions
  @Option(help: "Tokens of each prompt.") var prefill = 512
  @Option(help: "Tokens to decode for each sequence.") var decode = 128
  @Option(help: "Batch sizes, as 1,4,8.") var batch = "1,4,8"
  @Option(help: "Timed runs of each.") var repeats = 7
  @Flag(help: "Print a line of JSON for each measurement.") var json = false

  func validate() throws {
    for (name, value) in [("prefill", prefill), ("decode", decode), ("repeats", repeats)]
    where value < 1 {
      throw ValidationError("--\(name) \(value): expected at least 1")
    }
    _ = try batchSizes()
  }

  private func batchSizes() throws -> [Int] {
    let sizes = batch.split(separator: ",").map { Int($0.trimmingPrefix(" ")) ?? 0 }
    guard !sizes.isEmpty, sizes.allSatisfy({ (1...1_024).contains($0) }) else {
      throw ValidationError("--batch '\(batch)': expected sizes from 1 to 1024, as 1,4,8")
    }
    return sizes
  }

  func run() throws {
    let loaded = try LoadedModel(model)
    let decoder = loaded.decoder
    let longest = decoder.config.contextLength
    guard prefill + decode <= longest else {
      throw ValidationError(
        "--prefill \(prefill) and --decode \(decode): expected at most \(longest) together, the "
          + "model's context")
    }
    StandardStreams.writeError("bench: measures the device's ceilings\n")
    let ceiling = try MachineCeiling.measure(
      of: loaded.device, threads: model.threadCount, computeTypes: [model.dtype],
      gigaflops: ProductRate(of: loaded.device, threads: model.threadCount).gigaflops)
    if !json {
      let rates = String(
        format: "ceilings %.0f GFLOP/s in products of many rows, %.1f GB/s from memory",
        ceiling.gemmGigaflops[model.dtype] ?? 0, ceiling.readGigabytesPerSecond)
      try StandardStreams.writeOutput(
        "engine   \(decoder.summary)\n\(rates)\n"
          + "phase     batch     tok/s  95 %               GFLOP/s   GB/s  of the ceilings\n")
    }
    for size in try batchSizes() {
      for rate in try [prefill(decoder, size, ceiling), decode(decoder, size, ceiling)] {
        try StandardStreams.writeOutput((json ? try rate.line() : rate.row) + "\n")
      }
    }
  }

  private func prefill(
    _ decoder: DecoderModel, _ size: Int, _ ceiling: MachineCeiling
  ) throws -> BenchRate {
    let prompts = PackedTokens(tokens(decoder, size))
    var context = try decoder.makeContext(sequences: size, capacity: prefill)
    let seconds = try timed("prefill of \(size): runs") {
      context.removeAll()
      try decoder.forward(prompts, in: &context)
    }
    return rate(
      "prefill", size, tokens: prefill * size, seconds,
      [
        ModelWork(
          config: decoder.config, sequences: size, rows: prefill, weights: decoder.weightSizes)
      ], ceiling)
  }

  private func decode(
    _ decoder: DecoderModel, _ size: Int, _ ceiling: MachineCeiling
  ) throws -> BenchRate {
    var context = try decoder.makeContext(sequences: size, capacity: prefill + decode)
    try decoder.forward(PackedTokens(tokens(decoder, size)), in: &context, logits: .none)
    let next = PackedTokens(decoding: (0..<size).map { Int32($0 % 100) })
    let seconds = try timed("decode of \(size): runs") {
      context.truncate(to: prefill)
      if decoder.decodesAhead(DepthPlan.full, in: context) {
        _ = try decoder.decode(next.tokens, count: decode, in: &context)
      } else {
        for _ in 0..<decode { try decoder.forward(next, in: &context) }
      }
    }
    let works = (0..<decode).map {
      ModelWork(
        config: decoder.config, sequences: size, rows: 1, position: prefill + $0,
        weights: decoder.weightSizes)
    }
    return rate("decode", size, tokens: decode * size, seconds, works, ceiling)
  }

  /// The times of all runs except the first, which warms up; each is printed as it ends.
  private func timed(_ label: String, _ run: () throws -> Void) throws -> [Double] {
    let meter = ProgressMeter(label, total: repeats + 1)
    try run()
    meter.advance()
    return try (0..<repeats).map { _ in
      let seconds = try InterleavedTiming.milliseconds(of: run) / 1_000
      meter.advance()
      return seconds
    }
  }

  private func rate(
    _ phase: String, _ size: Int, tokens: Int, _ seconds: [Double], _ works: [ModelWork],
    _ ceiling: MachineCeiling
  ) -> BenchRate {
    let median = Bootstrap().median(of: seconds)
    let sum = { (part: (ModelWork) -> Double) in works.reduce(0) { $0 + part($1) } }
    return BenchRate(
      phase: phase, batch: size, tokensPerSecond: Double(tokens) / median.value,
      lower: Double(tokens) / median.interval.upper, upper: Double(tokens) / median.interval.lower,
      gigaflopsPerSecond: sum(\.floatingPointOperations) / median.value / 1e9,
      gigabytesPerSecond: sum { $0.parts.reduce(0) { $0 + $1.bytes } } / median.value / 1e9,
      ofCeilings: SideWork.rows("", baseline: works, variant: [])
        .seconds(at: ceiling, in: model.dtype) / median.value,
      ceilingGigaflopsPerSecond: ceiling.gemmGigaflops[model.dtype] ?? 0,
      ceilingGigabytesPerSecond: ceiling.readGigabytesPerSecond, repeats: seconds.count)
  }

  private func tokens(_ decoder: DecoderModel, _ sequences: Int) -> [[Int32]] {
    (0..<sequences).map {
      PassWorkload.prompt($0, count: prefill, vocabulary: decoder.config.vocabularySize)
    }
  }
}

/// One measurement of `ais bench`.
private struct BenchRate: Encodable {
  let phase: String
  let batch: Int
  let tokensPerSecond: Double
  let lower: Double
  let upper: Double
  let gigaflopsPerSecond: Double
  let gigabytesPerSecond: Double
  /// The time at the device's ceilings (each part at the one that limits it) over the time taken.
  let ofCeilings: Double
  let ceilingGigaflopsPerSecond: Double
  let ceilingGigabytesPerSecond: Double
  let repeats: Int

  enum CodingKeys: String, CodingKey {
    case phase
    case batch
    case tokensPerSecond = "tokens_per_s"
    case lower = "tokens_per_s_lower"
    case upper = "tokens_per_s_upper"
    case gigaflopsPerSecond = "gflop_per_s"
    case gigabytesPerSecond = "gb_per_s"
    case ofCeilings = "of_ceilings"
    case ceilingGigaflopsPerSecond = "ceiling_gflop_per_s"
    case ceilingGigabytesPerSecond = "ceiling_gb_per_s"
    case repeats
  }

  /// For a person.
  var row: String {
    let name = phase.padding(toLength: 8, withPad: " ", startingAt: 0)
    return name
      + String(
        format: "%7d %9.1f  [%.1f, %.1f]  %9.0f %6.1f  %5.1f %%", batch, tokensPerSecond, lower,
        upper, gigaflopsPerSecond, gigabytesPerSecond, ofCeilings * 100)
  }

  /// For a program.
  func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
