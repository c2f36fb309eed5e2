import AISKit
import Testing

/// Which layers a rule chooses by their costs.
struct SkipRuleTests {
  /// Eight layers in three groups, 0-2, 3-5 and 6-7; layers 3 and 6 cost the same.
  private let costs = SkipCosts(
    layers: [9, 0.01, 5, 0.2, 0.3, 0.05, 0.2, 4],
    runs: [LayerRun(0, 2): 0.1, LayerRun(3, 5): 2, LayerRun(6, 7): 1])

  @Test func aThresholdTakesEveryLayerThatCostsNoMore() throws {
    #expect(try SkipRule.threshold(0.2).layers(costs: costs, from: 3) == [3, 5, 6])
    #expect(try SkipRule.threshold(0.2).layers(costs: costs, from: 0) == [1, 3, 5, 6])
    #expect(try SkipRule.threshold(0).layers(costs: costs, from: 3) == [])
    #expect(try SkipRule.threshold(100).layers(costs: costs, from: 3) == [3, 4, 5, 6, 7])
  }

  @Test func aBudgetTakesTheCheapestAndOfEqualOnesTheLater() throws {
    #expect(try SkipRule.budget(0).layers(costs: costs, from: 3) == [])
    #expect(try SkipRule.budget(1).layers(costs: costs, from: 3) == [5])
    #expect(try SkipRule.budget(2).layers(costs: costs, from: 3) == [5, 6])
    #expect(try SkipRule.budget(3).layers(costs: costs, from: 3) == [3, 5, 6])
    #expect(try SkipRule.budget(1).layers(costs: costs, from: 0) == [1])
    #expect(try SkipRule.budget(5).layers(costs: costs, from: 3) == [3, 4, 5, 6, 7])
    let equal = SkipCosts(layers: [1, 1, 1, 1])
    #expect(try SkipRule.budget(2).layers(costs: equal, from: 1) == [2, 3])
  }

  @Test func groupsAreTakenWholeAndOnlyThoseAfterThePivot() throws {
    #expect(try SkipRule.groups(1, of: 3).layers(costs: costs, from: 0) == [0, 1, 2])
    #expect(try SkipRule.groups(1, of: 3).layers(costs: costs, from: 1) == [6, 7])
    #expect(try SkipRule.groups(2, of: 3).layers(costs: costs, from: 3) == [3, 4, 5, 6, 7])
    #expect(try SkipRule.groups(1, of: 3).layers(costs: costs, from: 4) == [6, 7])
    #expect(try SkipRule.groups(0, of: 3).layers(costs: costs, from: 0) == [])
    let equal = SkipCosts(layers: [1, 1, 1], runs: [LayerRun(1, 1): 2, LayerRun(2, 2): 2])
    #expect(try SkipRule.groups(1, of: 3).layers(costs: equal, from: 1) == [2])
  }

  @Test func aListIsTakenAsItIsWithoutDoubles() throws {
    #expect(try SkipRule.layers([6, 4, 6]).layers(costs: costs, from: 3) == [4, 6])
    #expect(try SkipRule.layers([]).layers(costs: costs, from: 3) == [])
  }

  @Test(arguments: [
    (SkipRule.budget(6), "layers to skip: expected 0 to 5, those after layer 2, found 6"),
    (.budget(-1), "layers to skip: expected 0 to 5, those after layer 2, found -1"),
    (
      .groups(3, of: 3),
      "groups to skip: expected 0 to 2, groups of 3 after layer 2, found 3"
    ),
    (
      .groups(1, of: 4),
      "group 4-5 of 4: expected its measured cost, found none; the ablation measured other groups"
    ),
    (.groups(1, of: 9), "groups: expected 1 to 8, the layers, found 9"),
    (.groups(1, of: 0), "groups: expected 1 to 8, the layers, found 0"),
    (.layers([4, 2]), "layers to skip: expected layers from 3 to 7, found 2"),
    (.layers([8]), "layers to skip: expected layers from 3 to 7, found 8"),
  ])
  func whatMayNotBeLeftOutIsRefused(rule: SkipRule, line: String) {
    let error = #expect(throws: RequestError.self) { try rule.layers(costs: costs, from: 3) }
    #expect(error?.description == line)
  }

  /// The pivot may be the last layer.
  ///
  /// Then no layer follows it.
  @Test func afterTheLastLayerThereIsNothingToSkip() throws {
    #expect(try SkipRule.threshold(100).layers(costs: costs, from: 8) == [])
    #expect(try SkipRule.budget(0).layers(costs: costs, from: 8) == [])
    #expect(throws: RequestError.self) { try SkipRule.budget(1).layers(costs: costs, from: 8) }
    #expect(throws: RequestError.self) {
      try SkipRule.groups(1, of: 3).layers(costs: costs, from: 8)
    }
  }

  @Test func depthIsCutIntoRunsAsEqualAsCanBeLongerOnesFirst() throws {
    #expect(
      try LayerRun.partition(layerCount: 30, into: 4).map(\.text) == [
        "0-7", "8-15", "16-22", "23-29",
      ])
    for count in 1...13 {
      let runs = try LayerRun.partition(layerCount: 13, into: count)
      #expect(runs.count == count)
      #expect(runs.flatMap { Array($0.layers) } == Array(0..<13))
      let lengths = runs.map(\.layers.count)
      #expect(lengths == lengths.sorted(by: >) && lengths[0] - lengths[count - 1] <= 1)
    }
    #expect(try LayerRun.partition(layerCount: 3, into: 3).map(\.text) == ["0", "1", "2"])
  }

  @Test(arguments: [(30, 0), (30, 31), (30, -1), (0, 1), (0, 0)])
  func depthIsNotCutIntoRunsWithoutLayers(layerCount: Int, count: Int) {
    #expect(throws: RequestError.self) {
      try LayerRun.partition(layerCount: layerCount, into: count)
    }
  }

  @Test func aStyleMakesTheActionOfEachLayer() throws {
    #expect(try SkipStyle.hard.plan([3, 5]) == .skipping([3, 5]))
    #expect(try SkipStyle.soft(alpha: 0.25).plan([3, 5]) == .blending([3, 5], alpha: 0.25))
    #expect(try SkipStyle.soft(alpha: 0).plan([3]) == .skipping([3]))
    #expect(try SkipStyle.soft(alpha: 1).plan([3]) == .full)
    #expect(try SkipStyle.hard.plan([Int]()) == .full)
    for alpha: Float in [-0.1, 1.1, .nan] {
      #expect(throws: RequestError.self) { try SkipStyle.soft(alpha: alpha).plan([3]) }
    }
  }
}
