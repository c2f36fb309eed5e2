import AISHarness
import AISKit
import Foundation

/// Whether layers' relative costs depend on the category, with all categories and without each.
///
/// One category can make the whole effect, so it is left out once.
struct CategoryEffect {
  static let significance = 0.05
  private static let shuffles = 2_000

  /// The test with all categories, then without each.
  let tests: [CategoryEffectRow]

  /// The test with all categories.
  var whole: CategoryEffectRow { tests.first ?? CategoryEffectRow() }

  /// The categories without which the others no longer differ, if all together do.
  private var needed: [CategoryEffectRow] {
    whole.pValue < Self.significance
      ? tests.dropFirst().filter { !($0.pValue < Self.significance) } : []
  }

  /// The effect from the rows of whole layers after the pivot.
  init(_ rows: [Exp015.Row]) {
    let prompts = Dictionary(grouping: rows, by: \.prompt).sorted { $0.key < $1.key }.map {
      $0.value.sorted { $0.first < $1.first }
    }
    let width = prompts.map(\.count).max() ?? 0
    let whole = prompts.filter { $0.count == width }
    let categories = Set(whole.map { $0[0].category }).sorted()
    tests = [Self.test(whole, without: nil)] + categories.map { Self.test(whole, without: $0) }
  }

  private static func test(
    _ prompts: [[Exp015.Row]], without category: String?
  ) -> CategoryEffectRow {
    let left = prompts.filter { $0[0].category != category }
    let profiles = left.map { rows in
      // Costs are relative, since on some prompts all layers cost more.
      let logs = rows.map { log10(max($0.kl, 1e-6)) }
      let mean = Bootstrap.mean(logs)
      return logs.map { $0 - mean }
    }
    // Categories differ in prompt length, which may affect costs, so its effect is removed.
    let lengths = left.map { log(Double($0[0].tokens)) }
    let categories = Set(left.map { $0[0].category }).sorted()
    let test = GroupedVariance.permutationTest(
      GroupedVariance.residuals(profiles, without: lengths),
      labels: left.map { categories.firstIndex(of: $0[0].category) ?? 0 }, shuffles: shuffles)
    return CategoryEffectRow(
      leftOut: category ?? "none", prompts: left.count, share: test.share, pValue: test.pValue)
  }

  var finding: Finding {
    let needs = needed.map { "without \($0.leftOut) p = \(text($0.pValue))" }
    let measured = (["\(share) of the variance, p = \(text(whole.pValue))"] + needs)
      .joined(separator: "; ")
    if whole.pValue >= Self.significance {
      return .open("shuffled labels explain as much", measured: measured)
    }
    return .met(true, measured: measured, asked: "p < 0.05", sample: "\(whole.prompts) prompts")
  }

  /// The result in a few words, for the end of a sentence.
  var words: String {
    let pValue = "p = \(text(whole.pValue))"
    if whole.pValue >= Self.significance { return "categories show no difference (\(pValue))" }
    switch needed.count {
    case 0: return "categories differ (\(pValue)), whichever one is left out"
    case 1:
      return "categories differ, but not detectably without \(needed[0].leftOut) "
        + "(p = \(text(needed[0].pValue)))"
    default:
      return "categories differ (\(pValue)), but not without any one of \(needed.count) of them"
    }
  }

  private var share: String { NumberFormat.text(whole.share, .percent(1), unit: "") }

  private func text(_ pValue: Double) -> String {
    NumberFormat.text(pValue, pValue < 0.01 ? .decimals(4) : .decimals(2), unit: "")
  }
}

/// The test of categories' effect on the layers' relative costs, perhaps without one of them.
struct CategoryEffectRow: ResultRow {
  var leftOut = ""
  var prompts = 0
  var share = Double.nan
  var pValue = 1.0

  static let columns: [Column<CategoryEffectRow>] = [
    Column("left_out", \.leftOut, "the category whose prompts are left out"),
    Column("prompts", \.prompts, "prompts of the others"),
    Column(
      "share", \.share,
      "share of the variance of the layers' relative costs that categories explain",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "p", \.pValue, "how often shuffled categories explain as much; counts for one look",
      compare: .absolute(0.02), show: .decimals(4)),
  ]
}
