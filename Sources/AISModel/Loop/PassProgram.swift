/// A recorded pass that decodes one token of each sequence and goes on to the next position.
///
/// It can run again as long as it would be recorded the same: the plan, the rows, and all memory. It holds that memory,
/// so that nothing else can take its place.
struct PassProgram {
  let program: any DeviceProgram
  private let plan: DepthPlan
  private let rows: Int
  private let reach: Int
  private let memory: [AnyObject?]

  init(_ program: any DeviceProgram, _ pass: Pass, _ plan: DepthPlan, reach: Int) {
    self.program = program
    self.plan = plan
    self.reach = reach
    rows = pass.rowCount
    memory = Self.memory(of: pass)
  }

  /// Whether it does what a pass would do that reaches a position.
  func serves(_ pass: Pass, _ plan: DepthPlan, reach: Int) -> Bool {
    self.plan == plan && rows == pass.rowCount && self.reach >= reach && isCurrent(pass)
  }

  /// Whether the pass still uses the memory that was recorded.
  func isCurrent(_ pass: Pass) -> Bool {
    zip(memory, Self.memory(of: pass)).allSatisfy { $0 === $1 }
  }

  /// Everything that recorded operations access.
  private static func memory(of pass: Pass) -> [AnyObject?] {
    pass.arena.all.map { $0 } + [pass.table, pass.cache.device, pass.history]
      + pass.angles.flatMap { [$0.cosines, $0.sines] as [AnyObject?] }
  }
}
