import AISHarness
import AISKit
import ArgumentParser

/// `ais selftest`: compares a device's operations, and passes of a small random model, with the
/// reference, on this machine.
struct SelfTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Checks a device's operations and passes, against plain loops and each other.",
    discussion: """
      Numbers are random; the passes are those of a small random model, which is made in the cache. \
      Ends with 1 if a result differs by more than its tolerance.
      """)

  @Option(help: "The device to test: cpu, cuda.") var device: DeviceName = .cpu
  @Option(help: "The number format to test. (default: all that can be compared)")
  var dtype: ComputeType?

  func validate() throws {
    if let dtype, !types.contains(dtype) {
      let known = types.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--dtype \(dtype.rawValue): expected one of \(known)")
    }
    if let prompts, prompts < 1 {
      throw ValidationError("--prompts \(prompts): expected at least 1")
    }
    if model != nil, prompts == nil {
      throw ValidationError("--model: expected together with --prompts")
    }
  }

  /// On the processor `int8` and `native` round activations to 8 bits, which the reference does not.
  private var types: [ComputeType] { device == .cpu ? [.f32, .bf16] : device.computeTypes }

  @Flag(help: "Show checks that pass, too.") var verbose = false

  @Option(help: "Also compare decodes of this many prompts, each alone and among 32, bit for bit.")
  var prompts: Int?
  @Option(help: "The model that decodes the prompts. (default: smollm2-135m)") var model: String?

  func run() throws {
    let place = try device.resolve()
    let types = dtype.map { [$0] } ?? self.types
    var failed = 0
    for type in types {
      let backend = try place.makeBackend(type)
      StandardStreams.say(backend.summary)
      var checks =
        try DeviceChecks.run(backend, hasLargeMatrices: device != .cpu) + PassChecks.run(backend)
      if !PassChecks.promisesBits(backend) {
        StandardStreams.say("  not compared: bits of batches, which this engine does not promise")
      }
      if let prompts { checks.append(try compareDecodes(prompts, backend)) }
      for check in checks where verbose || !check.passes {
        let error = NumberFormat.text(check.error, .automatic, unit: "")
        let asked = NumberFormat.text(check.tolerance, .automatic, unit: "")
        StandardStreams.say(
          "  \(check.passes ? "passes" : "FAILS ")  \(check.name): error \(error), at most \(asked)"
        )
      }
      let wrong = checks.count { !$0.passes }
      failed += wrong
      StandardStreams.say("  \(checks.count - wrong) of \(checks.count) checks pass")
    }
    if failed > 0 { throw ExitCode(1) }
  }

  private func compareDecodes(_ prompts: Int, _ backend: any Backend) throws -> DeviceCheck {
    let file = try ModelCatalog.resolve(model ?? ModelCatalog.defaultName)
    let model = try DecoderModel.load(Checkpoint.open(path: file.path), backend: backend)
    let meter = ProgressMeter("\(backend.computeType.rawValue): prompts", total: prompts)
    return try PassChecks.decodes(of: prompts, model) { meter.advance(by: $0) }
  }
}
