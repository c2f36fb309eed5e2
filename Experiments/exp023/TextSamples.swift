import AISHarness

/// The beginnings of some texts, one below the other.
struct TextSamples {
  /// The number of prompts shown: the first of the sample, of different categories if possible.
  private static let shownPrompts = 6
  private static let shownCharacters = (prompt: 90, text: 160)

  private let rows: [Exp023.Row]
  private let prompts: [String]

  init(rows: [Exp023.Row], prompts: [String]) {
    self.rows = rows
    self.prompts = prompts
  }

  func report(in lab: Lab<Exp023.Row>) {
    let lines = prompts.indices.prefix(Self.shownPrompts).flatMap { prompt in
      rows.filter { $0.prompt == prompt }.enumerated().map { place, row in
        TextSample(
          // Only in the prompt's first row, so that the texts stand out.
          prompt: place > 0
            ? "" : TextMeasure.oneLine(prompts[prompt], characters: Self.shownCharacters.prompt),
          setting: row.setting, prefix: row.prefix, tokens: row.tokens,
          text: TextMeasure.oneLine(row.text, characters: Self.shownCharacters.text))
      }
    }
    lab.tabulate(DerivedTable("samples", title: "Texts side by side", rows: lines))
  }
}

/// The beginning of one text.
struct TextSample: ResultRow {
  var prompt = ""
  var setting = ""
  var prefix = 0
  var tokens = 0
  var text = ""

  static let columns: [Column<TextSample>] = [
    Column("prompt_text", \.prompt, "what was asked", compare: .ignored),
    Column("setting", \.setting, "the threshold, or full for the model without routers"),
    Column(
      "prefix", \.prefix, "tokens before the first difference from the full model's text",
      compare: .ignored),
    Column("tokens", \.tokens, "tokens of the text", compare: .ignored),
    Column("text", \.text, "how it begins", compare: .ignored),
  ]
}
