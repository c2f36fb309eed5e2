import AISHarness
import AISKit

/// Prompts of three splits: to fit routers, to choose thresholds, to judge both.
struct CalibrationSample {
  let fitting: PromptDraw
  /// Texts to choose thresholds on, each once.
  let choosing: [[Int32]]
  let test: [[Int32]]
  let categories: [String]
  /// The number of tokens that all prompts begin with.
  let opening: Int
  let summary: String

  init(_ lab: Lab<Exp020.Row>, _ language: LanguageModel, count: Int, maximumTokens: Int) throws {
    func draw(_ split: Split, _ share: Double) throws -> PromptDraw {
      try lab.prompts(
        max(1, Int(Double(count) * share)), of: split, atMost: maximumTokens, language)
    }
    fitting = try draw(.calibration, 0.4)
    let (choosing, judging) = (try draw(.validation, 0.3), try draw(.test, 0.3))
    // Calibration reads equal texts once, and so does the run with executed exits.
    var seen: Set<[Int32]> = []
    self.choosing = choosing.tokens.filter { seen.insert($0).inserted }
    test = judging.tokens
    categories = judging.prompts.map(\.category)
    opening = try PromptDraw.sharedOpening(language).count
    summary =
      "  sample   \(fitting.tokens.count) prompts to train, \(self.choosing.count) to choose a "
      + "threshold, \(test.count) to judge; "
      + "\(fitting.tokenCount + choosing.tokenCount + judging.tokenCount) tokens"
  }

  /// The texts for calibration: every sixth prompt to fit tells when to stop instead.
  var texts: [CalibrationText] {
    fitting.tokens.enumerated().map { index, tokens in
      CalibrationText(tokens, role: index % 6 == 5 ? .stop : .train, firstPosition: opening)
    }
      + choosing.map { CalibrationText($0, role: .guarantee, firstPosition: opening) }
  }
}
