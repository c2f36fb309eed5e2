import AISHarness
import AISKit

/// Neighbours, silhouettes and the picture of a corpus's probes.
struct ClusterReport {
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

  func report(in lab: Lab<Exp013.Row>) throws {
    let lists = try NeighborLists(
      leavingOneOut: map, width: width, k: max(neighbors, Self.pictureNeighbors))
    let within = NeighborAgreement(
      leavingOneOut: lists.ids.map { Array($0.prefix(neighbors)) }, labels: corpus.mapLabels)
    let tried = try vote(heldOut, among: map)
    let silhouette = Silhouette(rows: map, width: width, labels: corpus.mapLabels)
    tabulate(within, tried, silhouette, in: lab)
    try draw(lists, within, silhouette, in: lab)
    summarize(within, tried, silhouette, in: lab)
    try summarizeCentred(in: lab)
  }

  /// The categories that held-out prompts' neighbours vote for.
  private func vote(_ queries: [Float], among entries: [Float]) throws -> NeighborAgreement {
    let lists = try NeighborLists(of: queries, among: entries, width: width, k: neighbors)
    return NeighborAgreement(
      neighbors: lists.ids, labels: corpus.heldOutLabels, entryLabels: corpus.mapLabels)
  }

  private func summarize(
    _ within: NeighborAgreement, _ tried: NeighborAgreement, _ silhouette: Silhouette,
    in lab: Lab<Exp013.Row>
  ) {
    let homogeneity = Bootstrap(resamples: 1_000).mean(of: within.shares)
    keep(
      "homogeneity", homogeneity, "same-category share of \(neighbors) neighbours, leave-one-out",
      chance: within.chance, in: lab)
    let mean = Bootstrap(resamples: 1_000).mean(of: silhouette.values)
    keep("silhouette", mean, "mean silhouette of the map's prompts", chance: nil, in: lab)
    let accuracy = tried.accuracy
    lab.summarize(
      SummaryValue(
        "held_out_accuracy", accuracy.rate, in: accuracy.wilson(),
        "k-NN accuracy, n = \(accuracy.trials), "
          + "always the most frequent: \((tried.majority * 1_000).rounded() / 10) %",
        compare: .absolute(0.02), show: .percent(1)))
  }

  private func keep(
    _ name: String, _ estimate: Estimate, _ meaning: String, chance: Double?,
    in lab: Lab<Exp013.Row>
  ) {
    let beside = chance.map { ", by chance \(($0 * 1_000).rounded() / 1_000)" } ?? ""
    lab.summarize(
      SummaryValue(
        name, estimate.value, in: estimate.interval, "\(meaning)\(beside)",
        compare: .absolute(0.01), show: .decimals(4)))
    for (end, value) in [
      ("lower", estimate.interval.lower), ("upper", estimate.interval.upper),
    ] {
      lab.summarize(
        SummaryValue(
          "\(name)_\(end)", value, "\(end) end of its 95 % interval", compare: .absolute(0.01),
          show: .hidden))
    }
  }

  /// The same vote with the mean probe subtracted: without that, all cosines are near 1.
  private func summarizeCentred(in lab: Lab<Exp013.Row>) throws {
    var mean = [Double](repeating: 0, count: width)
    for place in map.indices { mean[place % width] += Double(map[place]) }
    for place in mean.indices { mean[place] /= Double(corpus.mapCount) }
    func centred(_ rows: [Float]) -> [Float] {
      rows.indices.map { Float(Double(rows[$0]) - mean[$0 % width]) }
    }
    let accuracy = try vote(centred(heldOut), among: centred(map)).accuracy
    lab.summarize(
      SummaryValue(
        "held_out_accuracy_centred", accuracy.rate, in: accuracy.wilson(),
        "the same with the map's mean probe taken off", compare: .absolute(0.02), show: .percent(1))
    )
  }

  private func tabulate(
    _ within: NeighborAgreement, _ tried: NeighborAgreement, _ silhouette: Silhouette,
    in lab: Lab<Exp013.Row>
  ) {
    let (labels, held) = (corpus.mapLabels, corpus.heldOutLabels)
    let rows = corpus.categories.indices.map { label in
      let members = labels.indices.filter { labels[$0] == label }
      let asked = held.indices.filter { held[$0] == label }
      let recall = Proportion(of: asked.map { tried.votes[$0] == label })
      var row = SeparationRow()
      row.category = corpus.categories[label]
      row.prompts = members.count
      row.chance = Double(members.count) / Double(labels.count)
      row.homogeneity = Bootstrap.mean(members.map { within.shares[$0] })
      row.silhouette = Bootstrap.mean(members.map { silhouette.values[$0] })
      row.heldOut = asked.count
      row.recall = recall.rate
      (row.recallLower, row.recallUpper) = (recall.wilson().lower, recall.wilson().upper)
      return row
    }
    lab.tabulate(DerivedTable("separation", title: "By category", rows: rows))
    let votes = held.indices.map { index in
      let vote = tried.votes[index].map { corpus.categories[$0] } ?? ""
      return VoteRow(
        prompt: corpus.mapCount + index, category: corpus.categories[held[index]], vote: vote,
        isRight: tried.votes[index] == held[index])
    }
    lab.tabulate(
      DerivedTable("votes", title: "Held-out prompts", rows: votes, isShown: false))
    let confusion = corpus.categories.flatMap { category in
      corpus.categories.map { vote in
        let asked = votes.filter { $0.category == category }
        return ConfusionRow(
          category: category, vote: vote,
          share: Double(asked.filter { $0.vote == vote }.count) / Double(max(asked.count, 1)))
      }
    }
    lab.tabulate(
      DerivedTable("confusion", title: "Taken for", rows: confusion, isShown: false))
  }

  private func draw(
    _ lists: NeighborLists, _ within: NeighborAgreement, _ silhouette: Silhouette,
    in lab: Lab<Exp013.Row>
  ) throws {
    var settings = NeighborEmbedding.Settings()
    settings.seed = seed
    let start = try PrincipalComponents(rows: map, width: width, count: 2).project(map)
    let near = NeighborLists(
      ids: lists.ids.map { Array($0.prefix(Self.pictureNeighbors)) },
      distances: lists.distances.map { Array($0.prefix(Self.pictureNeighbors)) })
    let points = NeighborEmbedding(neighbors: near, start: start, settings: settings).points
    let rows = corpus.mapLabels.enumerated().map { prompt, label in
      PointRow(
        prompt: prompt, category: corpus.categories[label], x: points[2 * prompt],
        y: points[2 * prompt + 1], sameCategory: Float(within.shares[prompt]),
        silhouette: Float(silhouette.values[prompt]))
    }
    lab.tabulate(DerivedTable("picture", title: "The map's prompts", rows: rows, isShown: false))
    lab.draw(
      Figure(
        name: "map", title: "Prompts at the pivot layer (UMAP)", table: "picture",
        kind: .scatter(x: "x", y: "y", group: "category")))
    lab.draw(
      Figure(
        name: "confusion", title: "What held-out prompts are taken for", table: "confusion",
        kind: .heatmap(x: "vote", y: "category", value: "share"),
        xLabel: "neighbours' vote", yLabel: "own category"))
  }

  static func findings(_ table: ResultTable<Exp013.Row>) -> [NamedFinding] {
    func estimate(_ name: String) -> Estimate {
      Estimate(
        value: table.number(name) ?? .nan,
        interval: Interval(
          lower: table.number("\(name)_lower") ?? .nan,
          upper: table.number("\(name)_upper") ?? .nan),
        count: table.rows.filter { $0.split == Split.map.rawValue }.count)
    }
    let heldOut = table.rows.filter { $0.split == Split.test.rawValue }.count
    let right = Int(((table.number("held_out_accuracy") ?? 0) * Double(heldOut)).rounded())
    return [
      NamedFinding(
        "held out",
        .atLeast(
          Proportion(successes: right, trials: heldOut), threshold: Exp013.accuracy,
          of: "prompts")),
      NamedFinding(
        "homogeneity",
        .atLeast(estimate("homogeneity"), threshold: Exp013.homogeneity, of: "prompts")),
      NamedFinding(
        "silhouette",
        .atLeast(
          estimate("silhouette"), threshold: Exp013.silhouette, of: "prompts",
          show: .decimals(4))),
    ]
  }
}
