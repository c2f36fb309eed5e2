/// Looks for the layers that bridges stand for best, by the measured distance of the bridged model to
/// the full one, never by what a layer costs alone.
///
/// Not thread-safe.
public final class BridgeSearch {
  /// Layers left out, and how far the bridged model then is from the full one.
  public struct Candidate: Sendable, Equatable {
    /// The runs that they form; a bridge stands for each.
    public let runs: [LayerRun]
    /// Mean KL(base‖bridged), nats.
    public let kl: Double
    /// Positions with the same most probable token.
    public let topOneAgreement: Double

    /// Layers that are left out.
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
  /// Called after each candidate that was measured.
  public var measured: (Candidate) -> Void = { _ in }

  /// A search.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - comparison: the texts that candidates are measured on.
  ///   - first: the first layer that may be left out.
  ///   - makeBridge: fits a bridge over a run, independently of others.
  public init(
    _ model: DecoderModel, on comparison: PlanComparison, from first: Int = 0,
    makeBridge: @escaping (LayerRun) throws -> Bridge
  ) {
    self.model = model
    self.comparison = comparison
    self.first = first
    self.makeBridge = makeBridge
  }

  /// Every run of so many layers.
  public func runs(of length: Int) -> [LayerRun] {
    Self.runs(of: length, layerCount: model.config.layerCount, from: first)
  }

  /// Every run of so many layers of a model, from a layer on.
  public static func runs(of length: Int, layerCount: Int, from first: Int) -> [LayerRun] {
    guard length > 0, first + length <= layerCount else { return [] }
    return (first...layerCount - length).map { LayerRun($0, $0 + length - 1) }
  }

  /// Measures a set of runs; neighbours become one run.
  ///
  /// - Throws: what fitting and a forward pass throw.
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

  /// Every single run of `count` layers.
  public func contiguous(_ count: Int) throws -> [Candidate] {
    try runs(of: count).map { try candidate([$0]) }
  }

  /// Adds pieces one at a time, each time the one that leaves the model nearest to the full one, until
  /// `count` layers are out.
  ///
  /// - Parameters:
  ///   - count: layers to leave out.
  ///   - length: layers of a piece; the last one may be shorter.
  ///   - tried: how many pieces are measured at each step: those that cost least alone, and those that
  ///     touch what is out already.
  /// - Returns: the set that was come to; `nil` where nothing can be left out.
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

  /// Moves one end of a run at a time, as many layers staying out, as long as that brings the model
  /// nearer to the full one.
  ///
  /// - Parameters:
  ///   - start: a set of runs.
  ///   - rounds: of moves, at most.
  /// - Returns: the best set met, which may be `start`.
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

  /// What is a layer given up at one end of a run, and one taken at an end of the same or of another.
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
