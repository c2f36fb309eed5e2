import AISHarness
import AISKit

/// Tables, figures and findings of the suite.
struct SuiteReport {
  private let evidence: Evidence<Exp010.Row>
  private let tasks: [TaskResult]
  private let documents: [DocumentRow]
  private let written: [WrittenRow]

  init(_ evidence: Evidence<Exp010.Row>) {
    self.evidence = evidence
    documents = evidence.rows(of: DocumentRow.self)
    written = evidence.rows(of: WrittenRow.self)
    let rows = Dictionary(grouping: evidence.rows, by: \.task)
    tasks = SuiteTask.all.compactMap { task in rows[task.name].map { TaskResult(task, $0) } }
  }

  var report: Report {
    var report = Report()
    report.judge([
      NamedFinding("macro", macroFinding), NamedFinding("each task", eachTask),
      NamedFinding("not chance", aboveChance), NamedFinding("perplexity", perplexity),
      NamedFinding("written", writtenFinding),
    ])
    guard !tasks.isEmpty || !documents.isEmpty || !written.isEmpty else { return report }
    report.conclude(conclusion)
    if !tasks.isEmpty {
      report.summarize(
        "macro_full", Bootstrap.mean(tasks.map(\.fullRate)),
        "the full model's accuracies, mean over tasks",
        .share(within: 0.01))
      report.summarize(
        "macro_difference", macro,
        "the variant's less the full model's, mean over tasks; tasks and items are resampled",
        .share(within: 0.01, digits: 2))
      report.tabulate("tasks", "Accuracy by task", tasks, TaskResult.cells)
      report.tabulate("metrics", "Both ways of choosing an answer", tasks, TaskResult.metricCells)
      var picture = Figure.intervals(
        "tasks", "Accuracy lost and gained by task", "difference", by: "task", xLabel: "task",
        yLabel: "accuracy less the full model's", reference: 0)
      picture.sample = Workload.count(evidence.rows.count, "items")
      report.draw(picture)
    }
    let texts = Texts.all(documents, evidence.rows.filter { $0.task == "lambada_openai" })
    if !texts.isEmpty { report.tabulate("perplexities", "Perplexity", texts, Texts.cells) }
    if !written.isEmpty {
      report.tabulate(
        "written_answers", "Written answers (GSM8K)",
        [PairedAnswers("variant", beside: "full", writtenPairs)])
    }
    return report
  }

  // MARK: Findings

  /// Differences of every task, by cluster.
  private var macro: Estimate { Bootstrap().macroMean(of: tasks.map(\.differences)) }

  private var macroFinding: Finding {
    guard !tasks.isEmpty else { return .open("no task with answers was measured") }
    return .atLeast(
      macro, threshold: -Exp010.points / 100, of: "tasks", show: .percent(2),
      fewest: Self.fewestTasks)
  }

  /// With fewer tasks nothing is said about tasks in general.
  private static let fewestTasks = 5

  private var eachTask: Finding {
    guard let worst = tasks.min(by: { $0.difference.value < $1.difference.value }) else {
      return .open("no task with answers was measured")
    }
    return .atLeast(
      worst.difference.amongst(tasks.count), threshold: -Exp010.taskPoints / 100,
      of: "items of \(worst.task.name)",
      show: .percent(2))
  }

  private var aboveChance: Finding {
    guard !tasks.isEmpty else { return .open("no task with answers was measured") }
    return .atLeast(
      Bootstrap().macroMean(of: tasks.map(\.aboveChance)), threshold: 0, of: "tasks",
      show: .percent(1),
      fewest: Self.fewestTasks)
  }

  private var perplexity: Finding {
    guard !documents.isEmpty else { return .open("wikitext was not measured") }
    return .atMost(
      Texts.wordRatio(documents), threshold: Exp010.perplexityRatio, of: "documents")
  }

  private var writtenPairs: ClusteredPairs {
    ClusteredPairs(
      written, by: \.row, baseline: { WrittenNumber.matches($0.baselineText, $0.gold) },
      variant: { WrittenNumber.matches($0.variantText, $0.gold) })
  }

  private var writtenFinding: Finding {
    guard !written.isEmpty else { return .open("gsm8k was not measured") }
    let right = written.count { WrittenNumber.matches($0.baselineText, $0.gold) }
    return .atLeast(
      writtenPairs.differenceEstimate, threshold: -Exp010.taskPoints / 100, of: "questions",
      show: .percent(2)
    ).needing(right > 0, "the full model reaches no right number, so there is nothing to lose")
  }

  // MARK: In words

  private var conclusion: String {
    var parts: [String] = []
    if !tasks.isEmpty {
      let full = Bootstrap.mean(tasks.map(\.fullRate))
      parts.append(
        "mean accuracy is \((full + macro.value).shown(.percent(1))), not \(full.shown(.percent(1)))"
      )
    }
    if !documents.isEmpty {
      parts.append(
        "perplexity is \(Texts.wordRatio(documents).value.shown(.decimals(2))) times as high")
    }
    if !written.isEmpty {
      let all = writtenPairs.questions
      parts.append(
        "\(all.bothRight + all.gained) written answers are right, not \(all.bothRight + all.lost)")
    }
    let layers = "layers \(SkipMode.participle(evidence.parameters))"
    let way =
      switch evidence.parameters["policy"].flatMap(SuitePolicy.init) ?? .plan {
      case .plan: layers
      case .map: "\(layers) by the map"
      case .exit: "tokens exiting"
      }
    return "With \(way), " + parts.joined(separator: "; ") + "."
  }
}
