extension Bridges {
  /// Texts for the fit, and other texts for choosing the penalty.
  public struct Texts: Sendable {
    /// The texts for the fit.
    public let fit: [[Int32]]
    /// The texts for choosing the penalty.
    ///
    /// No text of `fit` may be among them.
    public let choose: [[Int32]]

    /// Texts for both uses.
    public init(fit: [[Int32]], choose: [[Int32]]) {
      self.fit = fit
      self.choose = choose
    }

    /// Splits texts by a hash of their tokens: one in ten is for choosing the penalty.
    public init(splitting texts: [[Int32]]) {
      var (fit, choose) = ([[Int32]](), [[Int32]]())
      for text in texts {
        let place = text.withUnsafeBytes { StableHash.place(of: $0) }
        if place < 0.1 { choose.append(text) } else { fit.append(text) }
      }
      self.init(fit: fit, choose: choose)
    }

    /// The number of tokens in all texts.
    public var tokenCount: Int { (fit + choose).reduce(0) { $0 + $1.count } }
  }

  /// Fits bridges that are used together.
  ///
  /// - Parameters:
  ///   - runs: the layers that each bridge replaces.
  ///   - form: the kind of bridge. A run gets a map instead if the block before it cannot take a
  ///     graft or is replaced by another bridge.
  ///   - model: in float32.
  ///   - texts: the texts for the fit and for choosing the penalty.
  ///   - rank: the highest rank of a map; `nil`: no limit.
  ///   - corrects: whether a bridge is fitted to states of the model with the earlier bridges, so that
  ///     it corrects their errors. Texts are then read once for each bridge.
  ///   - notes: further notes for the file.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Returns: the bridges, and a report for each.
  /// - Throws: `RequestError` for a run that is given twice or, with `corrects`, shares layers with
  ///   another; errors of the fit and of a forward pass.
  public static func fit(
    _ runs: [LayerRun], _ form: BridgeForm, _ model: DecoderModel, _ texts: Texts,
    rank: Int? = nil, corrects: Bool = true, notes: [String: String] = [:],
    progress: (Int) -> Void = { _ in }
  ) throws -> (bridges: Bridges, reports: [BridgeFitter.Report]) {
    let runs = runs.sorted { ($0.first, $0.last) < ($1.first, $1.last) }
    for (first, second) in zip(runs, runs.dropFirst())
    where first == second || corrects && first.last >= second.first {
      throw RequestError(
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
