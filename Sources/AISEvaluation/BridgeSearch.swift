/// Searches for the layers that bridges replace best.
///
/// Sets of layers are compared by the measured distance of the bridged model from the full one.
///
/// Not thread-safe.
public final class BridgeSearch {
  /// A set of replaced layers, and the distance of the bridged model from the full one.
  public struct Candidate: Sendable, Equatable {
    /// The runs that the layers form.
    ///
    /// One bridge replaces each run.
    public let runs: [LayerRun]
    /// Mean KL(base‖bridged), in nats.
    public let kl: Double
    /// The share of positions with the same most probable token.
    public let topOneAgreement: Double

    /// The number of replaced layers.
    public var layerCount: Int { runs.reduce(0) { $0 + $1.layers.count } }
    /// "8-15,20".
    public var text: String { runs.map(\.text).joined(separator: ",") }

    /// A candidate from its parts.
    public init(runs: [LayerRun], kl: Double, topOneAgreement: Double) {
      self.runs = runs
      self.kl = kl
      self.topOneAgreement = topOneAgreement
    }
  }

  private let model: DecoderModel
  private let comparison: PlanComparison
  private let first: Int
  private let makeBridge: (LayerRun) throws -> Bridge
  private var bridges: [LayerRun: Bridge] = [:]
  private var known: [[LayerRun]: Candidate] = [:]
  /// Called after each measured candidate.
  public var measured: (Candidate) -> Void = { _ in }

  /// A search.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - comparison: the texts that candidates are measured on.
  ///   - first: the first layer that may be replaced.
  ///   - makeBridge: fits a bridge over a run, independently of other bridges.
  public init(
    _ model: DecoderModel, on comparison: PlanComparison, from first: Int = 0,
    makeBridge: @escaping (LayerRun) throws -> Bridge
  ) {
    self.model = model
    self.comparison = comparison
    self.first = first
    self.makeBridge = makeBridge
  }

  /// Every run of `length` layers.
  public func runs(of length: Int) -> [LayerRun] {
    Self.runs(of: length, layerCount: model.config.layerCount, from: first)
  }

  /// Every run of `length` layers of a model, from layer `first` on.
  public static func runs(of length: Int, layerCount: Int, from first: Int) -> [LayerRun] {
    guard length > 0, first + length <= layerCount else { return [] }
    return (first...layerCount - length).map { LayerRun($0, $0 + length - 1) }
  }

  /// Measures a set of runs.
  ///
  /// Adjacent runs become one run.
  ///
  /// - Throws: errors of the fit and of a forward pass.
  public func candidate(_ runs: [LayerRun]) throws -> Candidate {
    let joined = LayerRun.runs(of: runs.flatMap { Array($0.layers) })
    if let known = known[joined] { return known }
    let plan = try Bridges(joined.map { try bridge($0) }).plan(for: model)
    let rows = try comparison.compare(plan).flatMap { $0 }
    let candidate = Candidate(
      runs: joined, kl: rows.reduce(0) { $0 + $1.klBaseSkip } / Double(max(rows.count, 1)),
      topOneAgreement: Double(rows.count(where: \.topOneAgrees)) / Double(max(rows.count, 1)))
    known[joined] = candidate
    measured(candidate)
    return candidate
  }

  /// The bridge over a run, fitted once.
  private func bridge(_ run: LayerRun) throws -> Bridge {
    if let known = bridges[run] { return known }
    let bridge = try makeBridge(run)
    bridges[run] = bridge
    return bridge
  }

  /// Measures every single run of `count` layers.
  public func contiguous(_ count: Int) throws -> [Candidate] {
    try runs(of: count).map { try candidate([$0]) }
  }

  /// Adds pieces one at a time until `count` layers are replaced.
  ///
  /// Each time it adds the piece with the least distance from the full model.
  ///
  /// - Parameters:
  ///   - count: the number of layers to replace.
  ///   - length: the number of layers of a piece. The last piece may be shorter.
  ///   - tried: how many pieces are measured at each step: those of least distance alone, and
  ///     those adjacent to the replaced layers.
  /// - Returns: the set that was found; `nil` if nothing can be replaced.
  /// - Throws: as `candidate`.
  public func greedy(_ count: Int, pieces length: Int, tried: Int = 8) throws -> Candidate? {
    var current: Candidate?
    while current?.layerCount ?? 0 < count {
      let out = current?.runs ?? []
      let wanted = min(length, count - (current?.layerCount ?? 0))
      let free = runs(of: wanted).filter { piece in
        out.allSatisfy { $0.last < piece.first || piece.last < $0.first }
      }
      let alone = try free.map { (run: $0, kl: try candidate([$0]).kl) }.sorted { $0.kl < $1.kl }
      let touching = free.filter { piece in
        out.contains { $0.last + 1 == piece.first || piece.last + 1 == $0.first }
      }
      let pieces = Set(alone.prefix(tried).map(\.run) + touching)
      let next = try pieces.sorted { $0.first < $1.first }.map { try candidate(out + [$0]) }
      guard let best = next.min(by: { $0.kl < $1.kl }) else { return current }
      current = best
    }
    return current
  }

  /// Moves one end of a run at a time as long as that reduces the distance from the full model.
  ///
  /// The number of replaced layers stays the same.
  ///
  /// - Parameters:
  ///   - start: a set of runs.
  ///   - rounds: the most moves.
  /// - Returns: the best set that was measured, possibly `start`.
  /// - Throws: as `candidate`.
  public func improved(_ start: Candidate, rounds: Int = 3) throws -> Candidate {
    var best = start
    for _ in 0..<rounds {
      let moves = moves(best.runs).filter {
        $0.reduce(0) { $0 + $1.layers.count } == best.layerCount
      }
      let measured = try moves.map { try candidate($0) }
      guard let next = measured.min(by: { $0.kl < $1.kl }), next.kl < best.kl else { break }
      best = next
    }
    return best
  }

  /// The sets that differ by one move: a layer removed at one end of a run, and a layer added at an
  /// end of the same or another run.
  private func moves(_ runs: [LayerRun]) -> [[LayerRun]] {
    let layers = Set(runs.flatMap { Array($0.layers) })
    let ends = runs.flatMap { [$0.first, $0.last] }
    let beside = runs.flatMap { [$0.first - 1, $0.last + 1] }
      .filter { (first..<model.config.layerCount).contains($0) && !layers.contains($0) }
    return Set(ends).sorted().flatMap { given in
      Set(beside).sorted().map { taken in
        LayerRun.runs(of: Array(layers.subtracting([given]).union([taken])))
      }
    }
  }
}
