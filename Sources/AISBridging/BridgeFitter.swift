/// Fits bridges by least squares: to the change that the replaced layers make to the residual
/// stream on texts.
///
/// It keeps sums, not rows, so memory does not depend on the number of tokens. Rows at position 0
/// are not fitted; their mean change gives the shift at position 0. The penalty is the one of
/// `ridges` with the least error on texts that are not in the fit.
///
/// Not thread-safe.
public final class BridgeFitter {
  /// The use of a text.
  public enum Role: Sendable {
    /// Bridges are fitted to it.
    case fit
    /// The penalty is chosen by the error on it.
    case choose
  }

  /// The penalties that are tried, as multiples of each input's own variance.
  public static let ridges = [1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 3e-1, 1]

  let model: DecoderModel
  let readsActivations: Bool
  private let passes: BridgePasses
  let runs: [LayerRun]
  private(set) var inputs: [Role: [Int: InputMoments]] = [:]
  private(set) var targets: [Role: [LayerRun: TargetMoments]] = [:]
  private(set) var firstInputs: [Int: RowSum] = [:]
  private(set) var firstTargets: [LayerRun: RowSum] = [:]
  /// Tokens read so far, by role.
  public private(set) var tokens: [Role: Int] = [:]

  /// A sum of rows.
  struct RowSum {
    private(set) var sums: [Double]
    private(set) var count = 0.0

    init(width: Int) { sums = [Double](repeating: 0, count: width) }

    mutating func add(_ rows: [Double]) {
      for (place, value) in rows.enumerated() { sums[place % sums.count] += value }
      count += Double(rows.count / sums.count)
    }

    var mean: [Double] { sums.map { $0 / count } }
  }

  /// A fitter that has not read any text.
  ///
  /// - Parameters:
  ///   - model: in float32, so that states are not rounded.
  ///   - runs: the layers that each bridge will replace.
  ///   - forms: the forms that will be fitted.
  ///   - plan: the plan of the passes that give the inputs. With earlier bridges in it, a later
  ///     bridge corrects their errors. Targets always come from the full model.
  /// - Throws: `RequestError` for a run or a plan that does not fit the model, or for a graft on a
  ///   block that cannot take one.
  public init(
    _ model: DecoderModel, runs: [LayerRun], forms: Set<BridgeForm> = [.map],
    plan: DepthPlan = .full
  ) throws {
    try plan.validate(for: model.config)
    readsActivations = forms.contains(where: \.readsActivations)
    for run in runs {
      guard run.last < model.config.layerCount else {
        throw RequestError(
          "bridge \(run.text)", expected: "layers 0 to \(model.config.layerCount - 1)",
          found: "layer \(run.last)")
      }
      if readsActivations,
        !model.canGraft(on: run.first - 1) || plan[run.first - 1] != .run
          || model.backend.activationBytes != 4
      {
        throw RequestError(
          "bridge \(run.text)",
          expected: "in float32, a block before the run to graft on: one that the plan runs, its "
            + "feed-forward network dense and without a norm after it",
          found: run.first == 0 ? "no layer" : "another, in \(model.backend.computeType.rawValue)")
      }
    }
    self.model = model
    self.runs = runs
    passes = try BridgePasses(
      model, spans: runs.map(Self.span), readsActivations: readsActivations, plan: plan)
  }

  private static func span(_ run: LayerRun) -> BridgePasses.Span {
    BridgePasses.Span(input: run.first - 1, target: run.last)
  }

  var width: Int { model.config.hiddenSize }
  var inputWidth: Int { width + (readsActivations ? model.config.intermediateSize : 0) }

  /// Reads texts.
  ///
  /// - Parameters:
  ///   - texts: their tokens.
  ///   - role: the texts' use. The caller must not read a text for both roles.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Throws: what a forward pass throws.
  public func read(
    _ texts: [[Int32]], for role: Role, progress: (Int) -> Void = { _ in }
  ) throws {
    try passes.read(texts) { positions, rows in
      let fitted = positions.indices.filter { positions[$0] > 0 }
      let first = role == .fit ? positions.indices.filter { positions[$0] == 0 } : []
      var known: [Int: [Double]] = [:]
      for run in runs {
        let states = rows(Self.span(run))
        if known[run.first] == nil {
          let block = inputRows(fitted, states)
          inputMoments(role, run).add(block)
          known[run.first] = block
          firstInputs[run.first, default: RowSum(width: inputWidth)].add(
            inputRows(first, states))
        }
        targetMoments(role, run).add(
          targetRows(fitted, states), inputs: known[run.first] ?? [])
        firstTargets[run, default: RowSum(width: width)].add(targetRows(first, states))
      }
      tokens[role, default: 0] += positions.count
      progress(positions.count)
    }
  }

  private func inputMoments(_ role: Role, _ run: LayerRun) -> InputMoments {
    if let known = inputs[role]?[run.first] { return known }
    let moments = InputMoments(width: inputWidth)
    inputs[role, default: [:]][run.first] = moments
    return moments
  }

  private func targetMoments(_ role: Role, _ run: LayerRun) -> TargetMoments {
    if let known = targets[role]?[run] { return known }
    let moments = TargetMoments(width: width, inputs: inputWidth)
    targets[role, default: [:]][run] = moments
    return moments
  }

  private func inputRows(_ rows: [Int], _ states: BridgePasses.Rows) -> [Double] {
    let inner = inputWidth - width
    return [Double](unsafeUninitializedCapacity: rows.count * inputWidth) { target, count in
      for row in rows {
        for place in row * width..<(row + 1) * width {
          target.initializeElement(at: count, to: Double(states.before[place]))
          count += 1
        }
        for place in row * inner..<(row + 1) * inner {
          target.initializeElement(at: count, to: Double(states.activations[place]))
          count += 1
        }
      }
    }
  }

  private func targetRows(_ rows: [Int], _ states: BridgePasses.Rows) -> [Double] {
    [Double](unsafeUninitializedCapacity: rows.count * width) { target, count in
      for row in rows {
        for place in row * width..<(row + 1) * width {
          target.initializeElement(
            at: count, to: Double(states.after[place]) - Double(states.before[place]))
          count += 1
        }
      }
    }
  }
}
