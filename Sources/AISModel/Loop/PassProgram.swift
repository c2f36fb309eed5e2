/// What a recorded pass does, apart from its rows and its memory.
struct ProgramKey: Hashable {
  let plan: DepthPlan
  /// The exit rule's key, the fill, and the fewest layers; `nil`: no row exits.
  private let exit: [AnyHashable]?

  /// `nil` if the exits cannot be recorded.
  init?(_ plan: DepthPlan, _ exit: RowExit?) {
    self.plan = plan
    guard let exit else {
      self.exit = nil
      return
    }
    guard let rule = exit.rule as? any RecordableExitRule else { return nil }
    self.exit = [
      ObjectIdentifier(type(of: rule)), rule.recordingKey, exit.fill, exit.minLayers,
    ]
  }
}

/// A recorded pass that decodes one token of each sequence and goes on to the next position.
///
/// It can run again as long as it would be recorded the same: the plan, the exits, the rows, and all
/// memory. It holds that memory, so that nothing else can take its place.
struct PassProgram {
  let program: any DeviceProgram
  let key: ProgramKey
  private let exits: RecordedExits?
  /// What the cache holds for positions that exited: attention may have to leave them out.
  private let fill: KVFill?
  private let rows: Int
  private let reach: Int
  private let memory: [AnyObject?]

  init(
    _ program: any DeviceProgram, _ pass: Pass, _ key: ProgramKey, _ exits: RecordedExits?,
    reach: Int
  ) {
    self.program = program
    self.key = key
    self.exits = exits
    self.reach = reach
    fill = pass.cache.exits?.fill
    rows = pass.rowCount
    memory = Self.memory(of: pass, exits)
  }

  /// Whether it does what a pass would do that reaches a position.
  func serves(_ pass: Pass, _ key: ProgramKey, _ exits: RecordedExits?, reach: Int) -> Bool {
    self.key == key && self.exits?.segments == exits?.segments && rows == pass.rowCount
      && self.reach >= reach && isCurrent(pass, exits)
  }

  /// Whether the pass still uses the memory that was recorded.
  func isCurrent(_ pass: Pass) -> Bool { isCurrent(pass, exits) }

  private func isCurrent(_ pass: Pass, _ exits: RecordedExits?) -> Bool {
    let current = Self.memory(of: pass, exits)
    return fill == pass.cache.exits?.fill && memory.count == current.count
      && zip(memory, current).allSatisfy { $0 === $1 }
  }

  /// Everything that recorded operations access.
  private static func memory(of pass: Pass, _ exits: RecordedExits?) -> [AnyObject?] {
    pass.arena.all.map { $0 } + [pass.table, pass.cache.device, pass.cache.exits?.deviceSteps]
      + (pass.recordMemory?.parts ?? [])
      + (exits?.memoryParts ?? [])
      + pass.angles.flatMap { [$0.cosines, $0.sines] as [AnyObject?] }
  }
}
