import AISKit
import TestSupport
import Testing

/// Paths as people write them, and the cache slots that they need.
struct LayerPathTests {
  @Test func aPathIsRead() throws {
    let path = try LayerPath("0-15,12-15,16-29")
    #expect(path.layers == Array(0...15) + Array(12...15) + Array(16...29))
    #expect(try LayerPath(" 3, 1-2 ,3") == LayerPath([3, 1, 2, 3]))
    #expect(try DepthPlan(hard: "", path: "0-2,1").path == LayerPath([0, 1, 2, 1]))
    #expect(try DepthPlan(hard: "", path: "") == .full)
    #expect(LayerPath.once.layers == nil)
  }

  @Test(arguments: [
    "", ",", " ", "-1", "2--1", "5-3", "a", "1-", "1-2-3", "0x1", "1.5", "0-15;3",
    "99999999999999999999", "0-10000", "0-4999,0-4999,7", "0-999999",
  ])
  func nonsenseIsOneClearLine(text: String) throws {
    let error = #expect(throws: RequestError.self) { try LayerPath(text) }
    #expect(error.map { !"\($0)".contains("\n") && !$0.expected.isEmpty } == true)
  }

  @Test func theErrorsSayWhatIsWrong() throws {
    func refusal(_ make: () throws -> LayerPath) -> String {
      do {
        return "\(try make())"
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal { try LayerPath([]) } == "path: expected at least one layer, found none")
    #expect(refusal { try LayerPath("") } == "path: expected at least one layer, found none")
    #expect(refusal { try LayerPath([1, -2]) } == "path: expected layers from 0 on, found -2")
    #expect(
      refusal { try LayerPath("0-9999,3") } == "path: expected at most 10000 steps, found more")
    #expect(try LayerPath("0-9999").layers?.count == 10_000)
    #expect(refusal { try LayerPath("0,x") }.hasSuffix("found 'x'"))
  }

  @Test func laterVisitsHaveSlotsOfTheirOwn() throws {
    let path = try LayerPath([0, 1, 2, 1, 2, 1, 3])
    #expect(path.steps(of: 5).map(\.cacheSlot) == [0, 1, 2, 5, 6, 7, 3])
    #expect(path.steps(of: 5).map(\.layer) == [0, 1, 2, 1, 2, 1, 3])
    #expect(path.steps(of: 5).map(\.index) == Array(0..<7))
    #expect(path.slotCount(of: 5) == 8)
    #expect(try LayerPath("0-15,12-15,16-29").slotCount(of: 30) == 34)
    #expect(try LayerPath([4]).slotCount(of: 5) == 5)
    #expect(LayerPath.once.slotCount(of: 5) == 5)
    #expect(LayerPath.once.steps(of: 3) == (try LayerPath([0, 1, 2]).steps(of: 3)))
  }

  @Test func theSummaryIsReadAgain() throws {
    for text in ["0-15,12-15,16-29", "4,3,2", "0-4", "2,2,2"] {
      let plan = try DepthPlan(hard: "1", path: text)
      let words = plan.summary.split(separator: " ")
      #expect(words.count == 4 && words[0] == "path" && words[2] == "hard")
      #expect(try DepthPlan(hard: String(words[3]), path: String(words[1])) == plan)
    }
    #expect(try DepthPlan(hard: "", path: "0-2,1-4").summary == "path 0-2,1-4")
    #expect(try DepthPlan(hard: "", soft: "1=0.5", path: "4,0").summary == "path 4,0 soft 1=0.5")
  }

  @Test func theFirstChangeIsTheDetourOrAnEarlierAction() throws {
    func first(_ hard: String, _ path: String) throws -> Int? {
      try DepthPlan(hard: hard, path: path).firstChangedLayer
    }
    #expect(try first("", "0-4") == nil)
    #expect(try first("", "0-2,1-4") == 3)
    #expect(try first("", "1-4") == 0)
    #expect(try first("1", "0-2,1-4") == 1)
    #expect(try first("4", "0-2,1-4") == 3)
    #expect(try first("2", "") == 2)
  }

  @Test func stepsAndNotLayersAreCounted() throws {
    let plan = try DepthPlan(hard: "2", path: "0-2,1-4")
    #expect(plan.executedLayers(of: 5) == 5)
    #expect(plan.lastActiveStep(of: 5) == 6)
    #expect(try DepthPlan(hard: "3-4", path: "0-2,1-4").lastActiveStep(of: 5) == 4)
    #expect(try DepthPlan(hard: "0-4", path: "0-2,1-4").lastActiveStep(of: 5) == -1)
    #expect(plan.steps(of: 5).map(\.action) == [.run, .run, .skip, .run, .skip, .run, .run])
  }
}
