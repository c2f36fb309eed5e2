import AISHarness
import Testing

@Suite struct ExitCountsTests {
  @Test func countsReadAndPrint() {
    let counts = ExitCounts([11, -1, 7, 11, -1, 27])
    #expect(counts.text == "7:1 11:2 27:1" && counts.total == 4)
    #expect(ExitCounts(text: counts.text) == counts)
    #expect(ExitCounts([-1, -1]).text == "" && ExitCounts(text: "") == ExitCounts())
    #expect(ExitCounts(text: "7:1 x 8: 9:2:3 10:4").text == "7:1 10:4")
  }

  @Test func countsAreAddedLayerByLayer() {
    let sum = ExitCounts(sum: [ExitCounts([7, 11]), ExitCounts(), ExitCounts([11, 3])])
    #expect(sum.byLayer == [3: 1, 7: 1, 11: 2])
  }

  @Test func sharesAreOfAllTokens() {
    #expect(ExitCounts([11, 7, 11, -1]).shares(of: 40) == "L7 2.5 %, L11 5.0 %")
    #expect(ExitCounts([-1]).shares(of: 1) == "–" && ExitCounts().shares(of: 0) == "–")
  }
}
