import AISKit
import CAllocationCount
import TestSupport
import Testing

/// A forward pass allocates no memory after the first pass of its size.
///
/// Only the thread that runs the pass is counted. The pool's workers run C code that does not
/// allocate.
@Suite(
  .enabled(
    if: allocation_count_is_available(),
    "a sanitizer has a malloc of its own: allocations are not counted"))
struct AllocationTests {
  private func allocations(_ pass: () throws -> Void) rethrows -> Int {
    for _ in 0..<3 { try pass() }
    let before = allocation_count()
    try pass()
    return allocation_count() - before
  }

  @Test func theCounterCounts() {
    let before = allocation_count()
    let buffer = HostBuffer(byteCount: 4_096)
    #expect(allocation_count() > before && buffer.byteCount == 4_096)
  }

  @Test(arguments: CPUBackend.types) func passesAllocateNothing(type: ComputeType) throws {
    let shape = SyntheticModel()
    let model = try shape.load(type: type)
    var context = try model.makeContext(sequences: 3, capacity: 64)
    let prompts = PackedTokens([shape.tokens(9), shape.tokens(2), shape.tokens(17)])
    #expect(
      try allocations {
        context.removeAll()
        try model.forward(prompts, in: &context)
      } == 0, "prefill")
    let next = PackedTokens(decoding: [1, 2, 3])
    #expect(
      try allocations {
        context.truncate(to: 17)
        try model.forward(next, in: &context)
      } == 0, "decode")
    let plan = try DepthPlan.skipping([1])
    #expect(
      try allocations {
        context.removeAll()
        try model.forward(prompts, in: &context, policy: plan)
      } == 0, "with a skipped layer")
  }
}
