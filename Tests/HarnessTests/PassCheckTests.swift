import AISHarness
import AISKit
import TestSupport
import Testing

/// The checks of whole passes that `ais selftest` runs.
@Suite struct PassCheckTests {
  @Test(arguments: [ComputeType.f32, .bf16]) func theProcessorPasses(type: ComputeType) throws {
    for check in try PassChecks.run(CPUBackend(type: type)) {
      #expect(check.passes, "\(check.name): \(check.error)")
    }
  }

  @Test func aDeviceThatComputesLatePasses() throws {
    for check in try PassChecks.run(DeferredBackend(CPUBackend(type: .f32))) {
      #expect(check.passes, "\(check.name): \(check.error)")
    }
  }

  @Test func decodesOfPromptsAreCompared() throws {
    let model = try SyntheticModel().load()
    let check = try PassChecks.decodes(of: 40, model)
    #expect(check.passes && check.name.contains("40 prompts"))
  }
}
