import AISKit

/// How often a layer's own readout has the full model's token, in one text.
package struct LensRow: RawRow {
  package var prompt = 0
  package var layer = 0
  package var readout = ""
  package var positions = 0
  package var agreements = 0

  package init() {}

  package static let tableName = "lens_prompts"
  package static let columns: [Column<LensRow>] = [
    Column("prompt", \.prompt, "index of the prompt in the sample"),
    Column("layer", \.layer, "the layer that is read out"),
    Column("readout", \.readout, "by the head alone, or after an exit bridge"),
    Column("positions", \.positions, "its judged positions"),
    Column(
      "agreements", \.agreements, "positions with the full model's most probable token",
      .within(2)),
  ]
}

/// Reads layers out by the model's own head, on their states as they are and after exit bridges.
package struct LensStudy {
  private static let readouts = ["head alone", "exit bridge"]

  private let model: DecoderModel
  private let bridges: ExitBridges
  private let capture: HiddenStateCapture

  /// A study of the layers that have bridges.
  package init(_ model: DecoderModel, _ bridges: ExitBridges) {
    (self.model, self.bridges) = (model, bridges)
    capture = HiddenStateCapture(layers: bridges.layers)
  }

  /// Reads one text's layers out.
  ///
  /// - Parameters:
  ///   - text: its tokens.
  ///   - prompt: its index.
  ///   - opening: its first positions, which do not count.
  /// - Returns: a row for each layer and readout.
  /// - Throws: what a forward pass throws.
  package func rows(_ text: [Int32], _ prompt: Int, from opening: Int) throws -> [LensRow] {
    capture.rows = Array(opening..<text.count)
    var context = try model.makeContext(capacity: text.count)
    try model.forward(PackedTokens(text), in: &context, observer: capture, logits: .all)
    let final = capture.rows.map { row in
      context.withLogits(row: row) { Int32($0.firstLargest) }
    }
    return try bridges.layers.flatMap { layer in
      try zip(Self.readouts, [nil, bridges[layer]]).map { readout, bridge in
        let tops = try model.topTokens(
          ofHiddenStates: capture.captured[layer] ?? [], through: bridge,
          firstRows: opening == 0 ? [0] : [])
        var row = LensRow()
        (row.prompt, row.layer, row.readout) = (prompt, layer, readout)
        row.positions = final.count
        row.agreements = zip(tops, final).count { $0 == $1 }
        return row
      }
    }
  }

  /// Adds the agreement of each layer's readouts, as a table and a picture.
  package static func tabulate(_ rows: [LensRow], in report: inout Report) {
    let groups = Set(rows.map(\.layer)).sorted().flatMap { layer in
      Self.readouts.map { readout in
        (
          layer: layer, readout: readout,
          rows: rows.filter { $0.layer == layer && $0.readout == readout }
        )
      }
    }
    report.tabulate(
      "lens", "What layers say by themselves", groups,
      [
        .cell("layer", "the layer that is read out") { $0.layer },
        .cell("readout", "by the head alone, or after an exit bridge") { $0.readout },
        .estimate("agreement", "positions with the full model's most probable token", .share) {
          Bootstrap(resamples: 1_000).ratio(
            $0.rows.map { Double($0.agreements) }, over: $0.rows.map { Double($0.positions) })
        },
      ])
    report.draw(
      .lines(
        "lens", "Agreement of a layer's own readout with the full model", "agreement", by: "layer",
        series: "readout", xLabel: "layer", yLabel: "positions with the full model's token"))
  }
}
