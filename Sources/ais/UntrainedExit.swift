import AISKit

/// An exit rule that needs no training, as `--exit-rule` names it: `margin=0.9` or `change=0.05`.
struct UntrainedExit {
  let rule: any ExitRule

  /// The rule of a text; `nil` if it names none.
  init?(_ text: String) {
    let sides = text.split(separator: "=", omittingEmptySubsequences: false)
    guard sides.count == 2, let number = Float(sides[1]), number >= 0, number.isFinite else {
      return nil
    }
    switch sides[0] {
    case "margin": rule = MarginExit(above: number)
    case "change": rule = StateChangeExit(below: number)
    default: return nil
    }
  }
}
