import AISHarness
import AISKit
import Foundation
import Testing

/// The kernels of GPUs, compiled without one.
@Suite struct GPUKernelTests {
  /// NVRTC, where set-up or a toolkit has put it.
  private static let compiler = try? KernelCompiler.open(
    in: CUDAFolders.places().compilerFolders)

  @Test(
    .enabled(if: compiler != nil, "no NVRTC here; sh Sources/Setup/cuda.sh fetches it"),
    arguments: ["sm_80", "sm_90", "sm_100", "sm_120"], [ComputeType.f32, .bf16, .f16, .native])
  func everyKernelCompiles(architecture: String, type: ComputeType) throws {
    let compiler = try #require(Self.compiler)
    // Native formats have bf16's activations, so files of both are compiled once.
    for file in KernelFile.all where file.serves(type) {
      if type == .native, file.serves(.bf16) { continue }
      let image = try compiler.compile(file, architecture: architecture, type: type)
      let start = file.callsDriver ? Array("//".utf8) : [0x7F] + Array("ELF".utf8)
      #expect(image.starts(with: start), "\(file.name)")
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
    #expect(KernelFile.all.count == 10)
    for file in KernelFile.all { #expect(!file.kernels.isEmpty, "\(file.name)") }
  }

  @Test func aMissingDriverIsNamed() {
    do { _ = try GPU.all() } catch {
      #expect(error.description.hasPrefix("CUDA: looking for GPUs failed: "))
      #expect(!error.reason.isEmpty)
    }
  }
}

/// Where NVRTC is looked for.
@Suite struct CUDAFoldersTests {
  @Test func theChosenToolkitComesFirstAndTheUsualOneLast() {
    let chosen = CUDAFolders.places(environment: ["AIS_CACHE": "/c", "CUDA_HOME": "/t"])
    #expect(
      chosen.compilerFolders.map(\.path) == ["/t/lib64", "/c/cuda/lib", "/usr/local/cuda/lib64"])
    let usual = CUDAFolders.places(environment: ["AIS_CACHE": "/c", "CUDA_HOME": ""])
    #expect(usual.compilerFolders.map(\.path) == ["/c/cuda/lib", "/usr/local/cuda/lib64"])
    #expect(usual.cache?.path == "/c/cuda/kernels")
  }
}
