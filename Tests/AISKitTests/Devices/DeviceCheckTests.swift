import AISKit
import CAISKernels
import Foundation
import TestSupport
import Testing

/// The checks that `ais selftest` runs, on devices whose answer is known.
@Suite struct DeviceCheckTests {
  /// Matrix tiles add in another order from 24 rows on, so products there depend on the rows beside.
  private static let types: [ComputeType] = ais_has_matrix_tiles() ? [.f32] : [.f32, .bf16]

  @Test(arguments: types) func theProcessorPasses(type: ComputeType) throws {
    for check in try DeviceChecks.run(CPUBackend(type: type)) {
      #expect(check.passes, "\(check.name): \(check.error)")
    }
  }

  @Test func aDeviceThatComputesLatePasses() throws {
    for check in try DeviceChecks.run(DeferredBackend(CPUBackend(type: .f32))) {
      #expect(check.passes, "\(check.name): \(check.error)")
    }
  }

  @Test func aWrongDeviceFails() throws {
    // int8 rounds what the reference does not.
    let checks = try DeviceChecks.run(CPUBackend(type: .int8))
    #expect(checks.contains { $0.name.hasPrefix("product") && !$0.passes })
    #expect(checks.contains { $0.name.hasPrefix("RMSNorm") && $0.passes })
  }
}

/// The kernels of GPUs, compiled without one.
@Suite struct GPUKernelTests {
  /// NVRTC, where set-up or a toolkit has put it.
  private static let compiler: KernelCompiler? = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["AIS_CACHE"] ?? (environment["HOME"] ?? "") + "/.cache/ais"
    let home = environment["CUDA_HOME"] ?? "/usr/local/cuda"
    let folders = [cache + "/cuda/lib", home + "/lib64"]
    return try? KernelCompiler.open(in: folders.map { URL(fileURLWithPath: $0) })
  }()

  @Test(
    .enabled(if: compiler != nil, "no NVRTC here; sh Sources/Setup/cuda.sh fetches it"),
    arguments: ["sm_80", "sm_90", "sm_100", "sm_120"], [ComputeType.f32, .bf16])
  func everyKernelCompiles(architecture: String, type: ComputeType) throws {
    let compiler = try #require(Self.compiler)
    for file in KernelFile.all {
      let image = try compiler.compile(file, architecture: architecture, type: type)
      #expect(image.starts(with: [0x7F] + Array("ELF".utf8)), "\(file.name)")
    }
  }

  @Test(.enabled(if: compiler != nil, "no NVRTC here; sh Sources/Setup/cuda.sh fetches it"))
  func anErrorNamesItsPlace() throws {
    let compiler = try #require(Self.compiler)
    let wrong = KernelFile(name: "wrong.cu", text: "__global__ void k() { missing(); }")
    let error = #expect(throws: EngineError.self) {
      try compiler.compile(wrong, architecture: "sm_90", type: .f32)
    }
    #expect(error?.description.contains("wrong.cu(1)") == true)
  }

  @Test func everyFileHasKernels() {
    #expect(KernelFile.all.count == 4)
    for file in KernelFile.all { #expect(!file.kernels.isEmpty, "\(file.name)") }
  }

  @Test func aMissingDriverIsNamed() {
    do { _ = try GPU.all() } catch {
      #expect(error.description.hasPrefix("CUDA: looking for GPUs failed: "))
      #expect(!error.reason.isEmpty)
    }
  }
}
