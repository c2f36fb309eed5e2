extension ResultCollection {
  /// The columns of `Member.answer`.
  static let answerHeader = ["model", "run", "verdict", "answer"]
}

/// What a result says, as its page and the index show it.
extension ResultCollection.Member {
  /// Its model, its run, the verdict on each claim, and the answer in a sentence.
  var answer: [String] { [model, run, verdicts, sentence] }

  private var verdicts: String {
    let words = result.provenance.shownJudgements.map { judgement in
      (judgement.claim.isEmpty ? "" : "\(MarkdownReport.line(judgement.claim)) ")
        + "**\(judgement.verdict.word)**"
    }
    return words.isEmpty ? "not judged" : words.joined(separator: ", ")
  }

  private var sentence: String {
    let conclusion = MarkdownReport.line(result.provenance.conclusion ?? "")
    if !conclusion.isEmpty { return conclusion }
    // Without a conclusion the reasons must serve.
    return result.provenance.shownJudgements.map { MarkdownReport.line($0.reason) }
      .filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// What the answer rests on: how often its rows were judged, and how many they were then.
  var size: String {
    let looks = result.provenance.looks ?? []
    if looks.isEmpty { return MarkdownReport.count(result.rows.count, "row") }
    let sizes = looks.map { look in
      [
        look.rows > 0 ? MarkdownReport.count(look.rows, "row") : "",
        look.processes > 0 ? Workload.count(look.processes, "processes") : "",
      ].filter { !$0.isEmpty }.joined(separator: " and ")
    }.filter { !$0.isEmpty }
    return MarkdownReport.count(looks.count, "look")
      + (sizes.isEmpty ? "" : " (\(sizes.joined(separator: ", then ")))")
  }
}
