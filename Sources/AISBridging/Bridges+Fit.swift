extension Bridges {
  /// Texts to fit to, and others that choose the penalty.
  public struct Texts: Sendable {
    /// Fitted to.
    public let fit: [[Int32]]
    /// Choose the penalty; no text of `fit` is among them.
    public let choose: [[Int32]]

    /// Texts by their use.
    public init(fit: [[Int32]], choose: [[Int32]]) {
      self.fit = fit
      self.choose = choose
    }

    /// Texts of unknown origin, one in ten by a hash of its tokens chosen to choose by.
    public init(splitting texts: [[Int32]]) {
      var (fit, choose) = ([[Int32]](), [[Int32]]())
      for text in texts {
        let place = text.withUnsafeBytes { StableHash.place(of: $0) }
        if place < 0.1 { choose.append(text) } else { fit.append(text) }
      }
      self.init(fit: fit, choose: choose)
    }

    /// The same without the texts on which a calibration of routers chooses its threshold, so that its
    /// guarantee holds for states behind these bridges.
    public init(splittingForExits texts: [[Int32]]) {
      self.init(splitting: texts.filter { CalibrationText.Role.of($0) != .guarantee })
    }

    /// Tokens of all texts.
    public var tokenCount: Int { (fit + choose).reduce(0) { $0 + $1.count } }
  }

  /// Fits bridges that are crossed together.
  ///
  /// - Parameters:
  ///   - runs: the layers that each stands for.
  ///   - form: what stands for them. A run gets a map where the block before it cannot be grafted on,
  ///     or another of the runs leaves it out.
  ///   - model: in float32.
  ///   - texts: what they are fitted to.
  ///   - rank: the most that a map may have; `nil`: any.
  ///   - corrects: whether a bridge reads states of the model with the earlier bridges, so that it makes
  ///     up for their errors. Texts are then read once for each.
  ///   - notes: what the file is to tell besides.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Returns: the bridges, and a report for each.
  /// - Throws: `DepthError` for a run that comes twice or, where a later bridge is to correct an earlier
  ///   one, shares layers with it; `BridgeError`, and what a forward pass throws.
  public static func fit(
    _ runs: [LayerRun], _ form: BridgeForm, _ model: DecoderModel, _ texts: Texts,
    rank: Int? = nil, corrects: Bool = true, notes: [String: String] = [:],
    progress: (Int) -> Void = { _ in }
  ) throws -> (bridges: Bridges, reports: [BridgeFitter.Report]) {
    let runs = runs.sorted { ($0.first, $0.last) < ($1.first, $1.last) }
    for (first, second) in zip(runs, runs.dropFirst())
    where first == second || corrects && first.last >= second.first {
      throw DepthError(
        "runs", expected: "no layer in two of them", found: "\(first.text) and \(second.text)")
    }
    func possibleForm(_ run: LayerRun) -> BridgeForm {
      let before = run.first - 1
      let isLeftOut = runs.contains { $0.layers.contains(before) }
      return model.canGraft(on: before) && !isLeftOut ? form : .map
    }
    var fitted: [Bridge] = []
    var reports: [BridgeFitter.Report] = []
    let groups = corrects ? runs.map { [$0] } : [runs]
    for group in groups {
      let plan = try fitted.isEmpty ? .full : Bridges(fitted).plan(for: model)
      // Runs without a graft need no activations, and a fitter has one kind of inputs.
      for (readsActivations, part) in Dictionary(
        grouping: group, by: { possibleForm($0).readsActivations }
      ).sorted(by: { !$0.key && $1.key }) {
        let fitter = try BridgeFitter(
          model, runs: part, forms: readsActivations ? [form] : [.map], plan: plan)
        try fitter.read(texts.fit, for: .fit, progress: progress)
        try fitter.read(texts.choose, for: .choose, progress: progress)
        for run in part {
          let (bridge, report) = try fitter.fit(run, possibleForm(run), rank: rank)
          fitted.append(bridge)
          reports.append(report)
        }
      }
    }
    let order = fitted.indices.sorted { fitted[$0].run.first < fitted[$1].run.first }
    var all = notes
    all["form"] = form.rawValue
    if let rank, form.hasMap, rank < (model.config.hiddenSize + 1) / 2 { all["rank"] = "\(rank)" }
    all["corrects"] = "\(corrects)"
    all["fit_texts"] = "\(texts.fit.count)"
    all["fit_tokens"] = "\(texts.fit.reduce(0) { $0 + $1.count })"
    all["choice_texts"] = "\(texts.choose.count)"
    for index in order {
      let (run, report) = (fitted[index].run, reports[index])
      all["ridge_\(run.first)_\(run.last)"] = "\(report.ridge)"
      all["error_\(run.first)_\(run.last)"] = "\(report.choiceError ?? report.fitError)"
    }
    return (try Bridges(order.map { fitted[$0] }, notes: all), order.map { reports[$0] })
  }
}
