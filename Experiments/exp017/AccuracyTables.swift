import AISHarness

/// One of several ways of answering the same questions; the first is what others are compared with.
struct Answering {
  /// A way of answering: its name, and whether it is right.
  typealias Side = (name: String, isRight: (Exp017.Row) -> Bool)

  private let model: String
  private let share: ClusteredShare
  /// Its answers beside the first way's; `nil` for the first.
  private let pairs: ClusteredPairs?

  /// The ways, each compared with the first.
  static func all(_ rows: [Exp017.Row], _ sides: [Side]) -> [Answering] {
    sides.enumerated().map { place, side in
      Answering(
        model: side.name, share: ClusteredShare(rows, by: \.subject, where: side.isRight),
        pairs: place == 0
          ? nil
          : ClusteredPairs(
            rows, by: \.subject, baseline: sides[0].isRight, variant: side.isRight))
    }
  }

  static var cells: [Cells<Answering>] {
    [
      .cell(
        "model", "full, routed, or one plan for all that was found on other prompts", \.model),
      .cell("questions", "the same questions for all", \.share.rows.trials),
      .estimate(
        "accuracy", "answers that are right; subjects are resampled",
        .share(within: 0.01, digits: 2), \.share.estimate),
      .cell(
        "design_effect", "its variance over that of as many independent questions",
        .decimals(2, within: 0.1), \.share.designEffect),
      .estimate(
        "difference", "accuracy less the first row's, paired", .share(within: 0.01, digits: 2),
        \.pairs?.differenceEstimate),
      .cell(
        "flips", "right only here, and only in the first row; exact McNemar of these", .unchecked
      ) {
        guard let all = $0.pairs?.questions else { return "" }
        return "+\(all.gained) −\(all.lost), p = \(all.pValue.shown(.decimals(4)))"
      },
    ]
  }
}
