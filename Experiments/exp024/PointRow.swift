import AISHarness

extension Exp024 {
  /// One way to save depth or numbers: how far it is from the full float32 model, and how long it takes.
  struct Row: ResultRow {
    var kind = ""
    var setting = ""
    var isMain = false
    var prompts = 0
    var layersOut = 0.0
    var kl = 0.0
    var klLower = 0.0
    var klUpper = 0.0
    var validationKL = Double.nan
    var topOne = 0.0
    var topOneLower = 0.0
    var topOneUpper = 0.0
    var perplexityRatio = 0.0
    var cloze = Double.nan
    var clozeDifference = Double.nan
    var clozeLost = 0
    var clozeGained = 0
    var clozeP = Double.nan
    var questions = 0
    var prefill = 0.0
    var prefillLower = 0.0
    var prefillUpper = 0.0
    var decode = 0.0
    var decodeLower = 0.0
    var decodeUpper = 0.0

    /// The name of the raw times.
    var timingName: String {
      "\(kind) \(setting)".replacing(" ", with: "_").replacing(",", with: "+")
    }

    static let columns: [Column<Row>] = [
      Column("kind", \.kind, "how it saves"),
      Column("setting", \.setting, "which layers are left out, or above which score tokens leave"),
      Column("is_main", \.isMain, "the layers are those that the search found"),
      Column("prompts", \.prompts, "test prompts that it is judged on"),
      Column(
        "layers_out", \.layersOut, "blocks that a token of a prompt does not run, mean",
        compare: .absolute(0.2), show: .decimals(1)),
      Column(
        "kl", \.kl, unit: "nats", "mean KL(full‖this) of the next token, test prompts",
        compare: .absolute(0.02), show: .decimals(3)),
      Column(
        "kl_lower", \.klLower, unit: "nats", "lower end of its 95 % interval",
        compare: .absolute(0.02), show: .decimals(3)),
      Column(
        "kl_upper", \.klUpper, unit: "nats", "upper end of it", compare: .absolute(0.02),
        show: .decimals(3)),
      Column(
        "validation_kl", \.validationKL, unit: "nats",
        "mean KL on validation prompts, by which the form of the bridges over the layers found is chosen",
        compare: .absolute(0.02), show: .decimals(3)),
      share("top1", \.topOne, "positions with the same most probable token"),
      share("top1_lower", \.topOneLower, "lower end of its 95 % interval"),
      share("top1_upper", \.topOneUpper, "upper end of it"),
      Column(
        "perplexity_ratio", \.perplexityRatio, "perplexity of the prompts over the full model's",
        compare: .relative(0.02), show: .decimals(3)),
      Column(
        "cloze", \.cloze, "MMLU cloze accuracy; not a number where none was asked",
        compare: .absolute(0.02), show: .percent(1)),
      Column(
        "cloze_difference", \.clozeDifference, "that less the full model's on the same questions",
        compare: .absolute(0.02), show: .percent(1)),
      Column(
        "cloze_lost", \.clozeLost, "questions that only the full model has right",
        compare: .absolute(2)),
      Column(
        "cloze_gained", \.clozeGained, "questions that only this has right", compare: .absolute(2)),
      Column(
        "cloze_p", \.clozeP, "how likely flips this lopsided are by chance (exact McNemar)",
        compare: .ignored, show: .decimals(3)),
      Column("questions", \.questions, "questions asked"),
      timing(
        "prefill", \.prefill,
        "full float32 time over this one's, prefill of one prompt and one token behind it"),
      timing("prefill_lower", \.prefillLower, "lower end of its 95 % interval"),
      timing("prefill_upper", \.prefillUpper, "upper end of it"),
      timing("decode", \.decode, "the same in decode, one token at a time"),
      timing("decode_lower", \.decodeLower, "lower end of its 95 % interval"),
      timing("decode_upper", \.decodeUpper, "upper end of it"),
    ]

    private static func share(
      _ name: String, _ path: WritableKeyPath<Row, Double> & Sendable, _ description: String
    ) -> Column<Row> {
      Column(name, path, description, compare: .absolute(0.02), show: .percent(1))
    }

    private static func timing(
      _ name: String, _ path: WritableKeyPath<Row, Double> & Sendable, _ description: String
    ) -> Column<Row> {
      Column(name, path, description, compare: .ignored, show: .decimals(3))
    }
  }
}
