import AISHarness
import AISKit
import ArgumentParser

/// `ais tune`: measures which kernels multiply bfloat16 numbers fastest here, and keeps the choice.
struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Measures which kernels multiply bf16 fastest on this processor, in seconds.",
    discussion: """
      Set-up does this once. The choice lies in the cache and counts for every tool until the \
      kernels change. Results name the kernels that made them.
      """)

  @Flag(help: "Measure nothing if this processor was measured with these kernels.")
  var ifMissing = false

  func run() throws {
    if Threads.instructionSet == "reference" {
      return StandardStreams.say("tune: nothing to choose, the processor runs the plain loops")
    }
    if ifMissing, TuningFile.read() != nil { return }
    let tuning = try TuningFile.measure().bf16
    StandardStreams.say("GFLOP/s, all threads, by rows")
    for way in BFloat16Tuning.Way.allCases {
      let rates = tuning.rates.filter { $0.way == way }
      if rates.isEmpty { continue }
      let cells = rates.map { "\($0.rows): \(Int($0.gigaflops.rounded()))" }
      StandardStreams.say("\(name(way))  \(cells.joined(separator: "   "))")
    }
    StandardStreams.say("bf16 uses \(tuning.summary)")
    for rows in tuning.slowerThanFloats {
      StandardStreams.say("note: at \(rows) rows bf16 is slower than f32 on this processor")
    }
  }

  private func name(_ way: BFloat16Tuning.Way) -> String {
    switch way {
    case .f32: "f32                    "
    case .widened: "bf16, widened to floats"
    case .dot: "bf16, AVX-512 BF16     "
    case .tiles: "bf16, AMX tiles        "
    }
  }
}
