/// Trains exit routers for a model and chooses the threshold above which tokens exit.
///
/// ```swift
/// let calibration = RouterCalibration(model: model.decoder)
/// let (routers, report) = try calibration.run(texts.map { CalibrationText($0) }, folder: "/tmp")
/// try routers.write(to: "routers.safetensors")
/// ```
public struct RouterCalibration: Sendable {
  /// The condition for a row to have settled after a layer.
  public enum Label: String, Sendable, CaseIterable {
    /// The readout after the layer has the full model's top token.
    case agreement
    /// The cosine of the layer's output and the last layer's, both before the final norm, is above
    /// the convergence threshold. TIDE's labels compare with the state *after* the norm, which is not
    /// comparable with earlier states.
    case cosine
  }

  /// The progress of a calibration.
  public enum Progress: Sendable, Equatable {
    /// Tokens read so far, and the total.
    case read(Int, of: Int)
    /// Checkpoints trained so far, and the total.
    case trained(Int, of: Int)
  }

  /// The fewest rows of each label that a router needs: in the training texts and in the stopping
  /// texts.
  public static let fewestRows = (train: 20, stop: 4)
  /// The fewest texts that each role needs.
  public static let fewestTexts = 5

  /// The model.
  public let model: DecoderModel
  /// The settings of token exit, which the routers' file stores.
  public var configuration: TokenExitConfiguration
  /// The condition for a row to have settled.
  public var label = Label.agreement
  /// The distance between labelled positions of a text.
  public var labelEvery = 4
  /// Bridges that map a state to the final state before its readout; `nil`: none.
  ///
  /// Use the bridges that token exit will use with these routers. Routers always score states
  /// without bridges.
  public var exitBridges: ExitBridges?
  /// How routers are trained.
  ///
  /// `bottleneck` is set from the configuration.
  public var training = RouterTraining()
  /// The risk that the threshold bounds.
  public var risk = RiskControl()
  /// Decides labelled positions, first weights and the order of rows.
  public var seed: UInt64 = 0

  /// A calibration with its defaults.
  public init(
    model: DecoderModel, configuration: TokenExitConfiguration = TokenExitConfiguration()
  ) {
    self.model = model
    self.configuration = configuration
  }

  /// Checks that every setting is in range and fits the model.
  ///
  /// - Throws: `RequestError`.
  public func validate() throws {
    try configuration.validate()
    try risk.validate()
    try training.validate()
    guard labelEvery >= 1 else {
      throw RequestError("label_every", expected: "at least 1", found: "\(labelEvery)")
    }
    let layerCount = model.config.layerCount
    if configuration.checkpoints(layerCount: layerCount).isEmpty {
      throw RequestError(
        "checkpoint_interval", expected: "less than the model's \(layerCount) layers",
        found: "\(configuration.checkpointInterval)")
    }
    if configuration.exits(layerCount: layerCount).isEmpty {
      throw RequestError(
        "min_layers",
        expected: "few enough that tokens may exit before the last of \(layerCount) layers",
        found: "\(configuration.minLayers)")
    }
  }

  /// Reads texts, trains a router for every checkpoint that can have one, and chooses a threshold.
  ///
  /// - Parameters:
  ///   - texts: at least `fewestTexts` of each role. Only the first of texts with the same tokens is
  ///     read, and at most `calibrationSamples` texts.
  ///   - folder: a folder for temporary activations: `hiddenSize` × 4 bytes for each checkpoint
  ///     and labelled row. They are removed at the end.
  ///   - notes: further notes for the routers' file.
  ///   - progress: called after each step of the work.
  /// - Returns: the routers and the report. The routers' `exitThreshold` is the chosen one, or
  ///   above every score if none can be guaranteed.
  /// - Throws: `RequestError` for settings out of range, for too few texts, or if no checkpoint can
  ///   have a router; errors of a forward pass; `CheckpointError` if the folder has no room.
  public func run(
    _ texts: [CalibrationText], folder: String, notes: [String: String] = [:],
    progress: (Progress) -> Void = { _ in }
  ) throws -> (routers: TokenRouters, report: CalibrationReport) {
    try validate()
    let clock = ContinuousClock()
    let used = try usable(texts)
    let tokens = used.reduce(0) { $0 + $1.tokens.count }
    var keeping = LabelReader.Keeping()
    keeping.activationFolder = folder
    let layers = configuration.checkpoints(layerCount: model.config.layerCount)
    let reader = try LabelReader(
      model: model, layers: layers, labelEvery: labelEvery, seed: seed, keeping: keeping,
      exitBridges: exitBridges)
    var done = 0
    let rows = try reader.read(
      used.map(\.tokens), firstPositions: used.map(\.firstPosition)
    ) {
      done += $0
      progress(.read(done, of: tokens))
    }
    let begin = clock.now
    let parts = CalibrationParts(rows, used.map(\.role), label, configuration)
    var drafts: [CheckpointDraft] = []
    for place in layers.indices {
      drafts.append(try train(place, rows, parts))
      progress(.trained(place + 1, of: layers.count))
    }
    let middle = clock.now
    let trained = drafts.compactMap(\.outcome?.router)
    guard !trained.isEmpty else { throw nothingToLearn(drafts) }
    var routers = try TokenRouters(trained, configuration: configuration)
    let held = parts.range(.guarantee)
    let scores = try rows.scores(of: routers, rows: held)
    let outcomes = ExitOutcomes(
      scores: scores, agrees: rows.agreement(of: routers, rows: held),
      texts: Array(rows.texts[held]), minLayers: configuration.minLayers)
    let choice = risk.choose(outcomes)
    let report = CalibrationReport(
      checkpoints: drafts.enumerated().map { place, draft in
        draft.judged(
          scores: scores, labels: parts.labels[place], texts: rows.texts, held: held,
          agreement: rows.agrees[place])
      },
      outcomes: outcomes, choice: choice,
      texts: Dictionary(grouping: used, by: \.role).mapValues(\.count), tokens: tokens,
      droppedTexts: texts.count - used.count,
      seconds: [
        .init(name: "passes", seconds: reader.passSeconds),
        .init(name: "labels", seconds: reader.labelSeconds),
        .init(name: "training", seconds: (middle - begin) / .seconds(1)),
        .init(name: "threshold", seconds: (clock.now - middle) / .seconds(1)),
      ])
    routers.configuration.exitThreshold = choice.threshold ?? RiskControl.never
    routers.notes = notes.merging(self.notes(choice, report)) { given, _ in given }
    return (routers, report)
  }

  /// The usable texts, each once, grouped by role.
  private func usable(_ texts: [CalibrationText]) throws -> [CalibrationText] {
    var seen: Set<[Int32]> = []
    let kept = texts.prefix(configuration.calibrationSamples).filter {
      $0.firstPosition < $0.tokens.count && seen.insert($0.tokens).inserted
    }
    let roles = CalibrationText.Role.allCases
    let parts = roles.map { role in kept.filter { $0.role == role } }
    guard parts.allSatisfy({ $0.count >= Self.fewestTexts }) else {
      let found = zip(roles, parts).map { "\($1.count) to \($0.rawValue)" }
      throw RequestError(
        "calibration texts",
        expected: "at least \(Self.fewestTexts) different ones to train, to stop and to guarantee",
        found: found.joined(separator: ", "))
    }
    return parts.flatMap { $0 }
  }

  private func train(
    _ place: Int, _ rows: LabelledRows, _ parts: CalibrationParts
  ) throws -> CheckpointDraft {
    var draft = CheckpointDraft(
      layer: rows.layers[place], parts: parts, labels: parts.labels[place])
    guard draft.missing == nil else { return draft }
    var training = training
    training.bottleneck = configuration.routerBottleneckDim
    training.seed = seed
    draft.outcome = try training.train(
      layer: rows.layers[place], states: rows.activations[place], labels: parts.labels[place],
      training: parts.range(.train), stopping: parts.range(.stop))
    return draft
  }

  private func nothingToLearn(_ drafts: [CheckpointDraft]) -> RequestError {
    let found = drafts.map {
      "\($0.positives[.train] ?? 0) of \($0.rows[.train] ?? 0) after layer \($0.layer)"
    }
    return RequestError(
      "labels by \(label.rawValue)",
      expected: "a layer after which at least \(Self.fewestRows.train) rows have settled, and as "
        + "many have not", found: "settled: " + found.joined(separator: ", "))
  }

  private func notes(
    _ choice: RiskControl.Choice, _ report: CalibrationReport
  ) -> [String: String] {
    var notes = [
      "label": label.rawValue, "readout": exitBridges == nil ? "head" : "bridge",
      "label_every": "\(labelEvery)", "seed": "\(seed)",
      "balance": training.balance.rawValue, "guarantee_delta": "\(risk.risk)",
      "guarantee_epsilon": "\(risk.error)", "guarantee_unit": risk.unit.rawValue,
      "guarantee_texts": "\(choice.texts)", "guarantee_tokens": "\(choice.rows)",
      "guarantee_threshold": choice.threshold.map { "\($0)" } ?? "none",
      "guarantee_min_layers": "\(configuration.minLayers)",
      "guarantee_exit_rate": "\(choice.exitRate)", "calibration_tokens": "\(report.tokens)",
    ]
    for role in CalibrationText.Role.allCases {
      notes["texts_\(role.rawValue)"] = "\(report.texts[role] ?? 0)"
    }
    return notes
  }
}
