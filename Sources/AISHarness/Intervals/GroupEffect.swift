/// Whether profiles differ between groups, with all groups and without each.
///
/// One group can make the whole effect, so each is left out once.
public struct GroupEffect {
  /// The largest p-value that counts as a difference.
  public static let significance = 0.05
  private static let shuffles = 2_000

  /// A permutation test, perhaps without one of the groups.
  public struct Test: Sendable {
    /// The group that is left out; `none` if all are there.
    public var leftOut = "none"
    /// How many profiles the test is of.
    public var count = 0
    /// The share of the profiles' variance that groups explain.
    public var share = Double.nan
    /// How often shuffled groups explain as much.
    public var pValue = 1.0
  }

  /// The test with all groups, then without each.
  public let tests: [Test]
  private let items: String

  /// Tests profiles.
  ///
  /// - Parameters:
  ///   - profiles: what may differ between groups. Shape: [count][width].
  ///   - groups: each profile's group. Shape: [count].
  ///   - quantity: its effect on profiles is removed first. Shape: [count].
  ///   - items: what has a profile, in the plural.
  public init(
    _ profiles: [[Double]], groups: [String], without quantity: [Double], items: String
  ) {
    self.items = items
    let names = Set(groups).sorted()
    func test(without leftOut: String?) -> Test {
      let left = groups.indices.filter { groups[$0] != leftOut }
      let present = names.filter { $0 != leftOut }
      let test = GroupedVariance.permutationTest(
        GroupedVariance.residuals(
          left.map { profiles[$0] }, without: left.map { quantity[$0] }),
        labels: left.map { present.firstIndex(of: groups[$0]) ?? 0 }, shuffles: Self.shuffles)
      return Test(
        leftOut: leftOut ?? "none", count: left.count, share: test.share, pValue: test.pValue)
    }
    tests = [test(without: nil)] + names.map { test(without: $0) }
  }

  /// The test with all groups.
  public var whole: Test { tests.first ?? Test() }

  /// The groups without which the others no longer differ, if all together do.
  public var needed: [Test] {
    whole.pValue < Self.significance
      ? tests.dropFirst().filter { !($0.pValue < Self.significance) } : []
  }

  /// Whether groups differ; open if shuffled ones explain as much.
  public var finding: Finding {
    let needs = needed.map { "without \($0.leftOut) p = \(Self.text($0.pValue))" }
    let share = whole.share.shown(.percent(1))
    let measured = (["\(share) of the variance, p = \(Self.text(whole.pValue))"] + needs)
      .joined(separator: "; ")
    if whole.pValue >= Self.significance {
      return .open("shuffled labels explain as much", measured: measured)
    }
    return .met(
      true, measured: measured, asked: "p < \(Self.significance)", sample: "\(whole.count) \(items)"
    )
  }

  /// The result in a few words, for the end of a sentence.
  ///
  /// - Parameter groups: what the groups are, in the plural.
  /// - Returns: such as `categories differ (p = 0.0005), whichever one is left out`.
  public func words(_ groups: String) -> String {
    let pValue = "p = \(Self.text(whole.pValue))"
    if whole.pValue >= Self.significance { return "\(groups) show no difference (\(pValue))" }
    switch needed.count {
    case 0: return "\(groups) differ (\(pValue)), whichever one is left out"
    case 1:
      return "\(groups) differ, but not detectably without \(needed[0].leftOut) "
        + "(p = \(Self.text(needed[0].pValue)))"
    default:
      return "\(groups) differ (\(pValue)), but not without any one of \(needed.count) of them"
    }
  }

  private static func text(_ pValue: Double) -> String {
    pValue.shown(pValue < 0.01 ? .decimals(4) : .decimals(2))
  }
}
