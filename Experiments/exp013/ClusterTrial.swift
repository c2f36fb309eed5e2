import AISHarness
import AISKit

/// Finds each prompt's neighbours, its silhouette and its place in the picture.
struct ClusterTrial {
  /// Neighbours of each prompt that the picture is made from.
  private static let pictureNeighbors = 15

  /// The fewest map prompts for this many neighbours; a prompt is not its own neighbour.
  static func fewestMapPrompts(neighbors: Int) -> Int { max(neighbors, pictureNeighbors) + 1 }

  private let corpus: Corpus
  private let width: Int
  private let map: [Float]
  private let heldOut: [Float]
  private let neighbors: Int
  private let seed: UInt64

  init(corpus: Corpus, probes: [Float], width: Int, neighbors: Int, seed: UInt64) {
    self.corpus = corpus
    self.width = width
    self.neighbors = neighbors
    self.seed = seed
    map = Array(probes.prefix(corpus.mapCount * width))
    heldOut = Array(probes.dropFirst(corpus.mapCount * width))
  }

  /// Keeps what is not there yet; each table is kept as a whole.
  func run(in lab: Lab<Exp013.Row>) throws {
    if lab.rows(of: MapPromptRow.self).isEmpty { try lab.record(raw: try mapRows()) }
    if lab.rows(of: HeldOutRow.self).isEmpty { try lab.record(raw: try heldOutRows()) }
  }

  private func mapRows() throws -> [MapPromptRow] {
    let lists = try NeighborLists(
      leavingOneOut: map, width: width, k: max(neighbors, Self.pictureNeighbors))
    let shares = NeighborAgreement(
      leavingOneOut: lists.ids.map { Array($0.prefix(neighbors)) }, labels: corpus.mapLabels
    ).shares
    let silhouettes = Silhouette(rows: map, width: width, labels: corpus.mapLabels).values
    let points = try places(lists)
    return corpus.mapLabels.enumerated().map { prompt, label in
      MapPromptRow(
        prompt: prompt, category: corpus.categories[label], sameCategory: shares[prompt],
        silhouette: silhouettes[prompt], x: Double(points[2 * prompt]),
        y: Double(points[2 * prompt + 1]))
    }
  }

  /// Places in the plane that keep neighbours together.
  ///
  /// Shape: [map prompts, 2].
  private func places(_ lists: NeighborLists) throws -> [Float] {
    var settings = NeighborEmbedding.Settings()
    settings.seed = seed
    let start = try PrincipalComponents(rows: map, width: width, count: 2).project(map)
    let near = NeighborLists(
      ids: lists.ids.map { Array($0.prefix(Self.pictureNeighbors)) },
      distances: lists.distances.map { Array($0.prefix(Self.pictureNeighbors)) })
    return NeighborEmbedding(neighbors: near, start: start, settings: settings).points
  }

  private func heldOutRows() throws -> [HeldOutRow] {
    let votes = try vote(heldOut, among: map)
    // Without the mean taken off, all cosines are near 1.
    let centred = try vote(centred(heldOut), among: centred(map))
    return corpus.heldOutLabels.enumerated().map { index, label in
      HeldOutRow(
        prompt: corpus.mapCount + index, category: corpus.categories[label],
        vote: votes[index].map { corpus.categories[$0] } ?? "", isRight: votes[index] == label,
        isRightCentred: centred[index] == label)
    }
  }

  /// The categories that held-out prompts' neighbours vote for.
  private func vote(_ queries: [Float], among entries: [Float]) throws -> [Int?] {
    let lists = try NeighborLists(of: queries, among: entries, width: width, k: neighbors)
    return NeighborAgreement(
      neighbors: lists.ids, labels: corpus.heldOutLabels, entryLabels: corpus.mapLabels
    ).votes
  }

  /// Probes less the map's mean probe.
  private func centred(_ rows: [Float]) -> [Float] {
    var mean = [Double](repeating: 0, count: width)
    for place in map.indices { mean[place % width] += Double(map[place]) }
    for place in mean.indices { mean[place] /= Double(corpus.mapCount) }
    return rows.indices.map { Float(Double(rows[$0]) - mean[$0 % width]) }
  }
}
