import AISHarness
import AISKit
import ArgumentParser

/// `ais devices`: lists what can compute here, and why something cannot.
struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the devices that can compute here, and why one cannot.")

  func run() throws {
    StandardStreams.say("cpu     \(Threads.instructionSet) kernels, \(Threads.count) threads")
    let gpus: [GPU]
    do { gpus = try GPU.all() } catch {
      return StandardStreams.say("cuda    not usable: \(error.reason)")
    }
    if gpus.isEmpty { StandardStreams.say("cuda    a driver, but no GPU") }
    for gpu in gpus {
      let memory = Double(gpu.memoryBytes) / 1e9
      StandardStreams.say(
        "cuda    \(gpu.name), compute capability \(gpu.capability.major).\(gpu.capability.minor), "
          + "\(NumberFormat.text(memory, .decimals(0), unit: "GB")), driver for CUDA \(gpu.driverVersion)"
      )
    }
    do {
      let compiler = try KernelCompiler.open(in: CUDAFolders.places().compilerFolders)
      StandardStreams.say("        kernels' compiler: NVRTC \(compiler.version)")
    } catch {
      StandardStreams.say("        no compiler for kernels: \(error.reason)")
    }
  }
}
