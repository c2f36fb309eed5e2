import AISHarness

/// What the page says about this engine beside others on a GPU.
struct DeviceReport {
  private let gpu: String
  private let model: String
  private let leftOut: Set<String>
  private let figures: [PeerFigures]

  /// The figures of such a run; `nil` for another run.
  init?(_ evidence: Evidence<Bench.Row>) {
    guard let gpu = evidence.text(DeviceTrial.facts.gpu) else { return nil }
    self.gpu = gpu
    model = evidence.text(DeviceTrial.facts.model) ?? ""
    leftOut = Set(
      (evidence.text(DeviceTrial.facts.leftOut) ?? "").split(separator: ",").map(String.init))
    let bytes = Dictionary(
      evidence.rows(of: WorkItem.self).map { ($0.comparison, $0.bytes) }, uniquingKeysWith: max)
    let reading = evidence.rows(of: TimingProcess.self).filter {
      $0.ceiling == TimingProcess.reading
    }
    figures = PeerFigures.all(
      evidence.rows(of: PeerTime.self), own: Bench.own,
      readRates: Dictionary(reading.map { ($0.process, $0.rate) }, uniquingKeysWith: max)
    ) { cell, format in
      bytes[DeviceTrial.name(of: cell, format: format)]
    }
  }

  var report: Report {
    var report = Report()
    for row in figures where row.lead != nil {
      report.judge(
        "\(Bench.ahead), \(Self.work(row.cell)), \(row.format) / \(row.engine)",
        .timed(row.lead, atLeast: 1, show: .decimals(2)))
    }
    for cell in CUDAPeers.cells where leftOut.contains(cell.name) {
      report.judge("\(Bench.ahead), \(Self.work(cell))", .open("WORK left it out"))
    }
    for target in DeviceTarget.all(of: model, on: gpu) {
      report.judge("\(Bench.targets), \(target.name)", target.finding(in: figures, of: Bench.own))
    }
    report.conclude(conclusion)
    for phase in [PassWorkload.Phase.decode, .prefill] {
      report.tabulate(
        "\(phase.rawValue)_on_gpu", "Engines on \(gpu): \(phase.rawValue)",
        figures.filter { $0.cell.phase == phase }, Self.cells(phase))
    }
    return report
  }

  private static func work(_ cell: PeerCell) -> String {
    "\(cell.phase.rawValue) \(cell.sequences) × \(cell.tokens)"
  }

  private var conclusion: String {
    let parts = [PassWorkload.Phase.decode, .prefill].compactMap { phase -> String? in
      let leads = figures.filter { $0.cell.phase == phase }.compactMap(\.lead?.value)
      guard let least = leads.min(), let most = leads.max() else { return nil }
      return "\(phase.rawValue) \(least.shown(.decimals(2))) to \(most.shown(.decimals(2)))"
    }
    return "On \(gpu) it is this many times as fast as other engines: "
      + parts.joined(separator: ", ") + "."
  }

  private static func cells(_ phase: PassWorkload.Phase) -> [Cells<PeerFigures>] {
    let work: [Cells<PeerFigures>] = [
      .cell("engine", "who computes", \.engine),
      .cell("format", "what the weights are", \.format),
      .cell("sequences", "sequences in the batch", \.cell.sequences),
      .cell("tokens", "tokens of each; in decode, tokens before the timed ones", \.cell.tokens),
      .cell("ms", "median time; in decode, of one step", .unchecked(3, unit: "ms"), \.milliseconds),
      .estimate(
        "tokens_per_s", "tokens of all sequences together", .unchecked(0, unit: "1/s"),
        \.tokenRate),
    ]
    let own: Cells<PeerFigures> =
      phase == .prefill
      ? .estimate(
        "requests_per_s", "prompts of all sequences together", .unchecked(1, unit: "1/s"),
        \.requestRate)
      : .estimate(
        "of_reading",
        "the time to read a step's weights, keys and values at the device's rate, over its time",
        .uncheckedShare(digits: 1), \.readingShare)
    return work + [
      own,
      .estimate(
        "lead", "how many times as fast \(Bench.own) is in the same rounds", .unchecked(2),
        \.lead),
      .cell("processes", "processes that timed it in turns") { $0.tokenRate?.count ?? 0 },
    ]
  }
}
