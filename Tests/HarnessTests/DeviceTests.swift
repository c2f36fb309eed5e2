import AISHarness
import AISKit
import ArgumentParser
import Foundation
import TestSupport
import Testing

extension ComputeDevice {
  /// A GPU that no test uses: only its description matters.
  static func someGPU(_ name: String = "NVIDIA H200") -> ComputeDevice {
    .gpu(
      GPU(
        ordinal: 0, name: name, capability: (9, 0), multiprocessors: 132,
        memoryBytes: 150_000_000_000, driverVersion: "13.0"),
      KernelPlaces(cache: nil, compilerFolders: []))
  }
}

/// The choice of a device, and what names it.
@Suite struct DeviceTests {
  private static let hasGPU = (try? GPU.first()) != nil

  private struct Probe: ParsableCommand {
    @OptionGroup var model: ModelOptions
  }

  private func parse(_ arguments: String...) throws -> ModelOptions {
    try #require(try Probe.parseAsRoot(arguments) as? Probe).model
  }

  // MARK: Options

  @Test func theProcessorIsTheDefault() throws {
    #expect(try parse().device == .cpu)
    #expect(try parse("--device", "cuda", "--dtype", "bf16").device == .cuda)
    #expect(try parse("--device", "cpu", "--dtype", "int8").device == .cpu)
  }

  @Test func whatAnotherToolIsGivenIsTheSameModelOnTheSameDevice() throws {
    let options = try parse(
      "--model", "a b.gguf", "--dtype", "bf16", "--device", "cuda", "--threads", "2")
    let words = options.arguments
    let passed = try #require(try Probe.parseAsRoot(words) as? Probe).model
    #expect(passed.device == .cuda && passed.dtype == .bf16 && passed.threads == 2)
    #expect(passed.model == "a b.gguf")
    #expect(try parse().arguments.contains("cpu"))
  }

  @Test func aFormatThatTheDeviceDoesNotComputeIsRefused() {
    let outcome = HarnessMain.outcome(of: Probe.self, arguments: ["--dtype", "f16"])
    #expect(
      outcome
        == .init(
          status: .wrongRequest,
          standardError: "--dtype f16: --device cpu computes f32, bf16, int8, native"))
  }

  // MARK: Without a GPU

  private static let refusal =
    "--device cuda: expected a GPU that can be used, found none, since looking for GPUs failed: "

  @Test(.disabled(if: hasGPU, "there is a GPU here"))
  func aDeviceThatIsMissingIsAWrongRequestBeforeAnyWork() throws {
    let scratch = try ScratchFolder()
    let model = scratch.file("model")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    let arguments = [
      "--model", model.path, "--out", scratch.file("out").path, "--device", "cuda",
    ]
    let plan = PlanCommand.outcome(of: Squares.self, arguments, asData: false)
    for outcome in [HarnessMain.outcome(of: Squares.self, arguments: arguments), plan] {
      #expect(outcome.status == .wrongRequest && outcome.standardOutput == nil)
      let line = try #require(outcome.standardError)
      #expect(line.hasPrefix(Self.refusal) && line.count > Self.refusal.count)
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out").path))
  }

  @Test(
    .disabled(if: hasGPU, "there is a GPU here"),
    arguments: ["exp012", "exp016", "exp020", "exp024", "bench"])
  func aToolSaysInOneLineThatTheDeviceIsMissing(name: String) throws {
    guard RunningTool.path(of: name) != nil else { return }
    let scratch = try ScratchFolder()
    let tool = try RunningTool(
      name, ["--device", "cuda", "--out", scratch.file("out").path],
      environment: ["AIS_CACHE": scratch.file("cache").path])
    #expect(tool.wait() == 2)
    #expect(tool.output.isEmpty, "\(tool.output)")
    #expect(tool.errors.hasPrefix("\(name): \(Self.refusal)"), "\(tool.errors)")
    #expect(tool.errors.split(separator: "\n").count == 1, "\(tool.errors)")
  }

  // MARK: What a run says

  @Test func aRunOnTheProcessorSaysThatAGPUIsHere() {
    #expect(
      DeviceRemark.line(.processor, .f32) { true } == "  device   cpu (a GPU is here: DEVICE=cuda)")
    #expect(DeviceRemark.line(.processor, .f32) { false } == nil)
    #expect(
      DeviceRemark.line(.someGPU(), .f32) { false } == "  device   cuda NVIDIA H200, CUDA 13.0")
    #expect(DeviceRemark.hasGPU() == Self.hasGPU)
  }

  // MARK: Names and records

  @Test func fileNamesTellAGPUsResultsApart() {
    #expect(ResultName.stem("m", dtype: "f32", device: .cpu) == "m-f32")
    #expect(ResultName.stem("m", dtype: "bf16", device: .cuda) == "m-bf16-cuda")
    #expect(
      ResultName.stem("m", dtype: "f32", device: .cuda, isStarter: true) == "m-f32-cuda-starter")
    #expect(ResultName.model(URL(fileURLWithPath: "/a/m.Q4_1.gguf")) == "m.Q4_1")
    #expect(ResultName.model(URL(fileURLWithPath: "/a/b.c/")) == "b.c")
  }

  @Test func aGPUItsDriverAndItsKernelsAreRecorded() throws {
    let scratch = try ScratchFolder()
    let gpu = ComputeDevice.someGPU()
    #expect(gpu.option == .cuda && ComputeDevice.processor.option == .cpu)
    var origin = Provenance.sample()
    origin.libraryVersions = LibraryVersions.loaded(device: gpu)
    let file = scratch.file("m-f32-cuda.h5").path
    try ResultFile.write(StoredResult(provenance: origin, columns: [], rows: []), to: file)
    let read = try ResultFile.read(file).provenance.libraryVersions
    #expect(read == origin.libraryVersions)
    #expect(read.contains("device cuda NVIDIA H200, CUDA 13.0"))
    #expect(read.contains("kernels cuda \(KernelFile.digest)"))
    #expect(read.allSatisfy { !$0.hasPrefix("bf16-products") })
    #expect(LibraryVersions.loaded().contains("device cpu"))
  }

  @Test func placebosAreOfFormatsThatTheDeviceComputes() {
    func types(_ type: ComputeType, _ device: DeviceName) -> [ComputeType] {
      FormatPlacebo.all(besides: type, on: device).map(\.type)
    }
    #expect(types(.f32, .cpu) == [.bf16, .int8] && types(.f32, .cuda) == [.bf16, .int8])
    #expect(types(.bf16, .cpu) == [.int8, .f32] && types(.bf16, .cuda) == [.int8, .f32])
  }

  // MARK: Ceilings

  @Test func aDevicesMemoryIsReadByAProductWithALargeMatrix() throws {
    let reader = try MatrixReader(CPUBackend(type: .f32), bytes: 4 << 20)
    #expect(abs(reader.bytes - 4 << 20) < 1 << 20)
    let milliseconds = try InterleavedTiming.milliseconds { try reader.read() }
    #expect(milliseconds > 0)
    #expect(try ComputeDevice.processor.makeReader(bytes: 1 << 20) is MemoryReader)
  }
}
