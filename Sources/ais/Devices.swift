import AISHarness
import AISKit
import ArgumentParser

/// `ais devices`: lists what can compute here, and why something cannot.
struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the devices that can compute here, and why one cannot.")

  @Option(help: "List nothing; end with 2 and say why if this device, cpu or cuda, is not here.")
  var require: DeviceName?

  func run() throws {
    if let require {
      _ = try require.resolve()
    } else {
      list()
    }
  }

  private func list() {
    StandardStreams.say("cpu     \(Threads.instructionSet) kernels, \(Threads.count) threads")
    do {
      let gpus = try GPU.all()
      if gpus.isEmpty { StandardStreams.say("cuda    a driver, but no GPU") }
      for (place, gpu) in gpus.enumerated() {
        StandardStreams.say("cuda    \(line(gpu))\(place == 0 ? "" : "; not used, the first is")")
      }
    } catch {
      StandardStreams.say("cuda    not usable: \(error.reason)")
    }
    do {
      let compiler = try KernelCompiler.open(in: CUDAFolders.places().compilerFolders)
      StandardStreams.say("        kernels' compiler: NVRTC \(compiler.version)")
    } catch {
      StandardStreams.say("        no kernels' compiler, make setup DEVICE=cuda fetches one")
    }
  }

  private func line(_ gpu: GPU) -> String {
    let memory = (Double(gpu.memoryBytes) / 1e9).shown(.decimals(0), unit: "GB")
    return "\(gpu.name), compute capability \(gpu.capability.major).\(gpu.capability.minor), "
      + "\(memory), driver for CUDA \(gpu.driverVersion)"
  }
}
