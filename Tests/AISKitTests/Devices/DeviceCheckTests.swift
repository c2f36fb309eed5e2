import AISKit
import TestSupport
import Testing

/// The checks that `ais selftest` runs, on devices whose answer is known.
@Suite struct DeviceCheckTests {
  @Test(arguments: [ComputeType.f32, .bf16]) func theProcessorPasses(type: ComputeType) throws {
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
