import AISKit
import Testing

struct DepthPlanTests {
  @Test func plansAreCanonical() throws {
    #expect(try DepthPlan([3: .run]) == .full)
    #expect(try DepthPlan([3: .blend(alpha: 1)]) == .full)
    #expect(try DepthPlan([3: .blend(alpha: 0)]) == .skipping([3]))
    #expect(try DepthPlan([3: .blend(alpha: 0.5)]) != .skipping([3]))
    #expect(DepthPlan.full[1_000] == .run)
  }

  @Test func listsOfLayersAreRead() throws {
    let plan = try DepthPlan(hard: "8-10, 22", soft: "5=0.3,6-7=0.5")
    #expect(plan.skippedLayers == [8, 9, 10, 22])
    #expect(plan.blendedLayers.map(\.layer) == [5, 6, 7])
    #expect(plan.blendedLayers.map(\.alpha) == [0.3, 0.5, 0.5])
    #expect(plan.executedLayers(of: 30) == 26)
    #expect(plan.summary == "hard 8-10,22 soft 5=0.3,6-7=0.5")
    #expect(try DepthPlan(hard: plan.hardList, soft: plan.softList) == plan)
    #expect(try DepthPlan(hard: "") == .full)
    #expect(DepthPlan.full.summary == "full")
  }

  @Test(arguments: [
    ("3-1", ""), ("a", ""), ("-1", ""), ("1-2-3", ""), ("99999999999999999999", ""), ("1-", ""),
    ("", "5"), ("", "5=x"), ("", "5=1.5"), ("", "5=-0.1"), ("", "5=nan"), ("5", "5=0.3"),
    ("", "5=0.3,5=0.4"),
  ])
  func nonsenseIsRefused(hard: String, soft: String) {
    #expect(throws: RequestError.self) { try DepthPlan(hard: hard, soft: soft) }
  }

  @Test func negativeLayersAreRefused() {
    #expect(throws: RequestError.self) { try DepthPlan.skipping([-1]) }
  }
}
