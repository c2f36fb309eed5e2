import AISHarness
import AISKit
import Foundation

/// A way to save: how far it is from the full float32 model, and how long it takes.
struct Way {
  static let bootstrap = Bootstrap(resamples: 1_000)

  let point: Point
  /// The test prompts under it.
  let rows: [Exp024.Row]
  let kl: Estimate
  let topOne: Estimate
  /// The full model's time over this way's; `nil` if it was not timed.
  let prefill: Estimate?
  let decode: Estimate?
  private let answers: [AnswerRow]

  init(
    _ point: Point, _ rows: [Exp024.Row], _ answers: [AnswerRow], _ evidence: Evidence<Exp024.Row>
  ) {
    (self.point, self.rows, self.answers) = (point, rows, answers)
    let positions = rows.map { Double($0.positions) }
    kl = Self.bootstrap.ratio(rows.map(\.kl), over: positions)
    topOne = Self.bootstrap.ratio(rows.map { Double($0.agreements) }, over: positions)
    prefill = evidence.comparison(point.timingName(.prefill))?.speedup
    decode = evidence.comparison(point.timingName(.decode))?.speedup
  }

  /// The full float32 model's time over this way's in a phase; `nil` if it was not timed.
  func speed(_ phase: PassWorkload.Phase) -> Estimate? { phase == .prefill ? prefill : decode }

  /// Two ways' answers to the questions that both answered; `nil` if there are none.
  func pairs(with other: Way) -> ClusteredPairs? {
    let others = Dictionary(
      other.answers.map { ($0.question, $0.isRight) }, uniquingKeysWith: { first, _ in first })
    let asked = answers.filter { others[$0.question] != nil }
    guard !asked.isEmpty else { return nil }
    return ClusteredPairs(
      asked, by: \.subject, baseline: { others[$0.question] ?? false }, variant: \.isRight)
  }

  static var cells: [Cells<Way>] {
    [
      .cell("kind", "how it saves", \.point.kindText),
      .cell("setting", Point.settingMeaning, \.point.setting),
      .cell("chosen", "how the layers were chosen", \.point.choiceText),
      .cell("no_sink", Point.sinkMeaning, \.point.leavesOutSink),
      .cell("prompts", "test prompts that it is judged on", \.rows.count),
      .cell(
        "layers_out", "blocks that a token of a prompt does not run, mean",
        .decimals(1, within: 0.2)
      ) {
        Double($0.rows.reduce(0) { $0 + $1.layersOut })
          / Double($0.rows.reduce(0) { $0 + $1.positions })
      },
      .estimate("kl", "mean KL(full‖this) of the next token, test prompts", .nats(), \.kl),
      .cell("validation_kl", Point.validationMeaning, .nats(), \.point.validationKL),
      .estimate("top1", "positions with the same most probable token", .share, \.topOne),
      .estimate(
        "perplexity_ratio", "perplexity of the prompts over the full model's",
        .decimals(3, relative: 0.02)
      ) {
        bootstrap.ratio(
          $0.rows.map { $0.nats - $0.fullNats }, over: $0.rows.map { Double($0.scored) }
        ).mapped { exp($0) }
      },
      .cell("cloze", "MMLU cloze accuracy; not a number where none was asked", .share) {
        Proportion(of: $0.answers.map(\.isRight)).rate
      },
      .estimate(
        "prefill", "full float32 time over this one's, prefill of one prompt", .unchecked(3),
        \.prefill
      ),
      .estimate("decode", "the same in decode, one token at a time", .unchecked(3), \.decode),
    ]
  }
}
