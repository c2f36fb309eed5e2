/// Answers to questions beside another's answers to the same questions, as a row of a table.
public struct PairedAnswers: ResultRow {
  /// What answered.
  public private(set) var way = ""
  /// What it is compared with.
  public private(set) var beside = ""
  private var questions = 0
  private var clusters = 0
  private var accuracy = 0.0
  private var besideAccuracy = 0.0
  private var difference = EstimateCells()
  private var lost = 0
  private var gained = 0
  private var pValue = Double.nan

  /// An empty row.
  public init() {}

  /// A row from the answers; the other's are the baseline.
  public init(_ way: String, beside: String, _ pairs: ClusteredPairs) {
    let all = pairs.questions
    (self.way, self.beside) = (way, beside)
    (questions, clusters) = (all.count, pairs.clusters.count)
    (accuracy, besideAccuracy) = (all.variant.rate, all.baseline.rate)
    difference = EstimateCells(pairs.differenceEstimate)
    (lost, gained, pValue) = (all.lost, all.gained, all.pValue)
  }

  /// Both accuracies, their difference, and the questions that only one of the two has right.
  public static let columns = Column<PairedAnswers>.list(
    [
      Column("way", \.way, "what answered"),
      Column("beside", \.beside, "what it is compared with"),
      Column("questions", \.questions, "questions asked"),
      Column("clusters", \.clusters, "their subjects, which are resampled"),
      Column("accuracy", \.accuracy, "right answers", .share),
      Column("beside_accuracy", \.besideAccuracy, "the other's right answers", .share),
    ],
    Column.estimate("difference", \.difference, "the first less the other's", .share),
    [
      Column("lost", \.lost, "questions that only the other has right", .within(2)),
      Column("gained", \.gained, "questions that only the first has right", .within(2)),
      Column(
        "p", \.pValue, "how likely flips this lopsided are by chance (exact McNemar)", .unchecked(3)
      ),
    ])
}
