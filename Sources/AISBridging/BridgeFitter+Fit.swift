/// The fit of a bridge to the sums that a fitter has read.
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
