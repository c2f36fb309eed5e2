import AISHarness
import AISKit

extension Exp019 {
  /// One prompt after one layer.
  struct Row: ResultRow {
    var prompt = 0
    var category = ""
    var layer = 0
    var positions = 0
    var agrees = 0
    var first = 0
    var stays = 0
    var settled = 0
    var settledAsSeed = 0
    var cosine = 0.0

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "the prompt's own category"),
      Column("layer", \.layer, "the layer whose output is looked at"),
      Column("positions", \.positions, "positions after the template's opening"),
      Column(
        "agrees", \.agrees, "positions whose own readout has the full model's top token", .within(1)
      ),
      Column("first", \.first, "of those, positions where no earlier layer's has", .within(1)),
      Column(
        "stays", \.stays,
        "positions where this and every later layer's has, but not the one before", .within(1)),
      Column(
        "settled", \.settled,
        "positions whose cosine to the last layer's output is above the threshold", .within(1)),
      Column(
        "settled_as_seed", \.settledAsSeed,
        "the same with the last layer's output after the final norm, the last layer with itself",
        .within(1)),
      Column(
        "cosine", \.cosine, "mean cosine to the last layer's output", .decimals(3, within: 1e-3)),
    ]

    /// A row for each layer of one prompt.
    static func rows(
      _ labels: LabelledRows, prompt: Int, category: String, threshold: Double
    ) -> [Row] {
      let last = labels.layers.count - 1
      var rows = labels.layers.map { layer in
        var row = Row()
        (row.prompt, row.category, row.layer) = (prompt, category, layer)
        row.positions = labels.count
        row.agrees = labels.agrees[layer].count { $0 }
        row.settled = labels.cosines[layer].count { Double($0) > threshold }
        row.settledAsSeed =
          layer == last
          ? labels.count : labels.cosinesToNormed[layer].count { Double($0) > threshold }
        row.cosine = Bootstrap.mean(labels.cosines[layer].map(Double.init))
        return row
      }
      for position in 0..<labels.count {
        let agrees = labels.agrees.map { $0[position] }
        // A readout without a top token agrees with nothing, not even at the last layer.
        rows[agrees.firstIndex(of: true) ?? last].first += 1
        rows[agrees.lastIndex(of: false).map { min($0 + 1, last) } ?? 0].stays += 1
      }
      return rows
    }
  }
}
