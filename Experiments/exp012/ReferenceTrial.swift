import AISHarness
import AISKit

/// Compares the full plan's logits with the same model computed by plain loops in float32.
struct ReferenceTrial {
  /// The largest difference of a logit in a right implementation.
  static func tolerance(_ type: ComputeType) -> Double {
    switch type {
    case .f32: 2e-3
    // 11 significant bits, eight times as fine as bfloat16's 8.
    case .f16: 0.125
    // 8 significant bits: three decimal digits less than float32 on logits of magnitude 20.
    case .bf16: 1
    // 8 bits for each activation, 8 or fewer for each weight: four times that.
    case .int8, .native: 4
    }
  }

  /// Whether the engine's logits agree with the plain loops', from what was noted.
  static func finding(_ evidence: Evidence<Exp012.Row>) -> Finding {
    guard let difference = evidence.number("reference_largest_difference") else {
      return .open("no prompt was compared")
    }
    let tolerance = tolerance(evidence.computeType)
    let sameTop = evidence.number("reference_top1_agrees") == 1
    return .met(
      difference <= tolerance && sameTop,
      measured: NumberFormat.text(.real(difference), .automatic)
        + (sameTop ? ", same argmax" : ", another argmax"),
      asked: "≤ \(tolerance), same argmax", sample: "1 prompt"
    )
  }

  private let language: LanguageModel
  private let type: ComputeType

  init(_ language: LanguageModel, type: ComputeType) {
    self.language = language
    self.type = type
  }

  func run(in lab: Lab<Exp012.Row>, text: String) throws {
    let tokens = try language.tokens(ofMessage: text)
    let plain = LanguageModel(
      decoder: try DecoderModel.loadReference(Checkpoint.open(path: lab.model.path)),
      prompts: language.prompts)
    let comparison = LogitComparison(
      base: try plain.logits(of: tokens), other: try language.logits(of: tokens))
    try lab.note(
      "reference_largest_difference", comparison.largestDifference,
      "largest difference of a logit between engine and plain loops", .decimals(6, within: 1e-3))
    try lab.note("reference_top1_agrees", comparison.topOneAgrees, "both put the same token first")
  }
}
