import AISHarness
import AISKit

/// Prompts of three splits: to fit, to choose by, to judge.
struct CalibrationSample {
  let fitting: PromptDraw
  let choosing: PromptDraw
  let test: [[Int32]]
  let categories: [String]
  /// What all prompts begin with.
  let opening: Int
  let summary: String

  init(_ lab: Lab<Exp020.Row>, _ language: LanguageModel, count: Int, maximumTokens: Int) throws {
    let data = try DataFiles.prompts(lab.dataFile(DataFiles.dolly))
    func draw(_ split: Split, _ share: Double) throws -> PromptDraw {
      try PromptDraw(
        data: data, language: language, split: split, count: max(1, Int(Double(count) * share)),
        maximumTokens: maximumTokens, seed: lab.seed)
    }
    fitting = try draw(.calibration, 0.4)
    choosing = try draw(.validation, 0.3)
    let judging = try draw(.test, 0.3)
    lab.sayShortages(fitting, choosing, judging)
    test = judging.tokens
    categories = judging.prompts.map(\.category)
    opening = try PromptDraw.sharedOpening(language).count
    summary =
      "  sample   \(fitting.tokens.count) prompts to train, \(choosing.tokens.count) to choose a "
      + "threshold, \(test.count) to judge; "
      + "\(fitting.tokenCount + choosing.tokenCount + judging.tokenCount) tokens"
  }

  /// What calibration reads: every sixth prompt to fit says when to stop.
  var texts: [CalibrationText] {
    fitting.tokens.enumerated().map { index, tokens in
      CalibrationText(tokens, role: index % 6 == 5 ? .stop : .train, firstPosition: opening)
    }
      + choosing.tokens.map { CalibrationText($0, role: .guarantee, firstPosition: opening) }
  }
}
