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

  private let model: DecoderModel
  private let readsActivations: Bool
  private let passes: BridgePasses
  private let runs: [LayerRun]
  private var inputs: [Role: [Int: InputMoments]] = [:]
  private var targets: [Role: [LayerRun: TargetMoments]] = [:]
  private var firstInputs: [Int: RowSum] = [:]
  private var firstTargets: [LayerRun: RowSum] = [:]
  /// Tokens read so far, by role.
  public private(set) var tokens: [Role: Int] = [:]

  /// A sum of rows.
  private struct RowSum {
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

  private var width: Int { model.config.hiddenSize }
  private var inputWidth: Int { width + (readsActivations ? model.config.intermediateSize : 0) }

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

extension BridgeFitter {
  /// The result of a fit.
  public struct Report: Sendable, Equatable {
    /// The chosen penalty.
    public let ridge: Double
    /// The squared error divided by the squares of the layers' change, on the fitted texts.
    ///
    /// 0 is exact, 1 is the error of a hard skip.
    public let fitError: Double
    /// The same on the texts that chose the penalty; `nil` if there were none and the penalty is
    /// `defaultRidge`.
    public let choiceError: Double?
  }

  /// The penalty if no text chooses one.
  public static let defaultRidge = 1e-3

  /// Fits a bridge to the texts that were read.
  ///
  /// - Parameters:
  ///   - run: one of the fitter's runs.
  ///   - form: the kind of bridge.
  ///   - rank: the highest rank of the residual stream's map. A low rank replaces one product by
  ///     two thin ones. `nil`, or a rank too high to save anything, means no limit. Forms without a
  ///     map ignore it.
  ///   - shiftsFirst: whether position 0 gets the mean change of the layers there, or no change.
  /// - Returns: the bridge, and the report of its fit.
  /// - Throws: `RequestError` if too little was read or the equations have no solution.
  public func fit(
    _ run: LayerRun, _ form: BridgeForm, rank: Int? = nil, shiftsFirst: Bool = true
  ) throws -> (bridge: Bridge, report: Report) {
    precondition(runs.contains(run) && (readsActivations || !form.readsActivations), "as announced")
    precondition(rank.map { $0 > 0 } ?? true, "a rank of at least 1")
    guard let fitting = try equations(run, form, .fit), fitting.count > 0 else {
      throw RequestError(
        "bridge \(run.text)", expected: "texts of at least two tokens to fit to", found: "none")
    }
    let choosing = try equations(run, form, .choose).flatMap { $0.count > 0 ? $0 : nil }
    let bound = rank.flatMap { form.hasMap && $0 < (width + 1) / 2 ? $0 : nil }
    let solutions = try (choosing == nil ? [Self.defaultRidge] : Self.ridges).map { ridge in
      let (solution, factors) =
        try bound.map { rank in
          let (solution, factors) = try fitting.solve(ridge: ridge, rank: rank, bounded: width)
          return (solution, factors)
        } ?? (fitting.solve(ridge: ridge), nil as NormalEquations.Factors?)
      return (ridge, solution, factors, (choosing ?? fitting).squaredError(solution))
    }
    guard let (ridge, solution, factors, error) = solutions.min(by: { $0.3 < $1.3 }) else {
      preconditionFailure("there are penalties")
    }
    let report = Report(
      ridge: ridge, fitError: fitting.squaredError(solution) / plainSquares(run, .fit),
      choiceError: choosing == nil ? nil : error / plainSquares(run, .choose))
    return (try bridge(run, form, solution, factors, shiftsFirst), report)
  }

  /// Σ ‖y‖² of the run's own change y.
  private func plainSquares(_ run: LayerRun, _ role: Role) -> Double {
    max(targets[role]?[run]?.squares ?? 0, .leastNormalMagnitude)
  }

  private func equations(
    _ run: LayerRun, _ form: BridgeForm, _ role: Role
  ) throws -> NormalEquations? {
    guard let input = inputs[role]?[run.first], let target = targets[role]?[run] else { return nil }
    let columns =
      switch form {
      case .map: 0..<width
      case .merged, .graft: width..<inputWidth
      case .both: 0..<inputWidth
      }
    let plain = NormalEquations(input, target, columns: columns)
    guard form == .merged else { return plain }
    return plain.through(try ownDown(run).map(Double.init))
  }

  /// The down-projection before a run, read from the packed matrix by multiplying the identity.
  ///
  /// Shape: [width, intermediate].
  private func ownDown(_ run: LayerRun) throws -> [Float] {
    guard let matrix = model.downProjection(of: run.first - 1) else {
      preconditionFailure("checked before anything was read")
    }
    return try matrix.numbers(model.backend)
  }

  private func bridge(
    _ run: LayerRun, _ form: BridgeForm, _ solution: NormalEquations.Solution,
    _ factors: NormalEquations.Factors?, _ shiftsFirst: Bool
  ) throws -> Bridge {
    let columns = solution.weights.count / width
    let map: Bridge.Map =
      if let factors {
        .factors(
          up: factors.up.map(Float.init), down: factors.down.map(Float.init),
          rank: factors.up.count / width)
      } else if form.hasMap {
        .full(
          (0..<width).flatMap { row in
            solution.weights[row * columns..<row * columns + width].map(Float.init)
          })
      } else {
        .none
      }
    var graft: [Double]?
    switch form {
    case .map: break
    case .graft:
      graft = zip(try ownDown(run), solution.weights).map { Double($0) + $1 }
    case .merged:
      // The block then adds T·D·x instead of D·x.
      graft = Matrices.product(
        solution.weights, try ownDown(run).map(Double.init), rows: width, inner: width,
        columns: model.config.intermediateSize)
    case .both:
      let change = (0..<width).flatMap { row in
        solution.weights[row * columns + width..<(row + 1) * columns]
      }
      graft = zip(try ownDown(run), try throughMap(change, solution.weights)).map {
        Double($0) + $1
      }
    }
    return try Bridge(
      run: run, width: width, map: map, bias: solution.bias.map(Float.init),
      firstPosition: .shifted(
        try firstShift(run, graft, solution.bias, hasMap: map != .none, shiftsFirst)),
      graft: graft?.map(Float.init))
  }

  /// V' with (I + W)·V' = V.
  ///
  /// At use, W reads the state after the grafted block, but it was fitted to the state after the
  /// original block.
  private func throughMap(_ change: [Double], _ weights: [Double]) throws -> [Double] {
    var matrix = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0..<width {
        matrix[row * width + column] = weights[row * inputWidth + column] + (row == column ? 1 : 0)
      }
    }
    guard
      let solved = Matrices.solve(
        matrix, change, size: width, columns: model.config.intermediateSize)
    else {
      throw RequestError(
        "the map of a bridge", expected: "I + W of full rank", found: "a singular matrix")
    }
    return solved
  }

  /// What is added at position 0 after the grafted block: the mean change of the layers there,
  /// minus the change that the graft has already made.
  private func firstShift(
    _ run: LayerRun, _ graft: [Double]?, _ bias: [Double], hasMap: Bool, _ shifts: Bool
  ) throws -> [Float] {
    let zeros = [Double](repeating: 0, count: width)
    guard let states = firstInputs[run.first], let added = firstTargets[run], states.count > 0
    else { return zeros.map(Float.init) }
    var shift = shifts ? added.mean : zeros
    if let graft {
      let change = zip(graft, try ownDown(run)).map { $0 - Double($1) }
      let activations = Array(states.mean[width...])
      let changed = Matrices.product(
        change, activations, rows: width, inner: activations.count, columns: 1)
      for place in shift.indices { shift[place] -= changed[place] + (hasMap ? 0 : bias[place]) }
    }
    return shift.map(Float.init)
  }
}
