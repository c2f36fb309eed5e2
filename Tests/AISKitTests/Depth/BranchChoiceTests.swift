import AISKit
import Testing

/// Where recorded passes branch.
@Suite struct BranchChoiceTests {
  private let large = [Int](repeating: 200_000_000, count: 4)

  @Test func nothingIsKnownAtFirst() {
    #expect(BranchChoice([large, large, large]).segments == [0..<1, 1..<2, 2..<3])
  }

  @Test func passesThatAllGoToTheEndNeedNoBranch() {
    var choice = BranchChoice([large, large, large])
    choice.learn([3, 3, 3, 3])
    #expect(choice.segments == [0..<3])
  }

  @Test func passesThatAllEndAtOnePlaceNeedOne() {
    var choice = BranchChoice([large, large, large, large])
    choice.learn([2, 2, 2, 2, 2])
    #expect(choice.segments == [0..<2, 2..<4])
  }

  @Test func aRareExitIsNotWorthABranch() {
    var choice = BranchChoice([large, large])
    // A branch costs a tenth of the second stretch.
    choice.learn([Int](repeating: 2, count: 95) + [Int](repeating: 1, count: 5))
    #expect(choice.segments == [0..<2])
    choice.learn([Int](repeating: 2, count: 50) + [Int](repeating: 1, count: 50))
    #expect(choice.segments == [0..<1, 1..<2])
  }

  @Test func smallBlocksAreNotWorthABranchEach() {
    var choice = BranchChoice([[1], [1], [1]])
    choice.learn([1, 2, 3, 1, 2, 3])
    #expect(choice.segments == [0..<3])
  }

  @Test func whatWasSeenLastCountsMost() {
    var choice = BranchChoice([large, large])
    choice.learn([Int](repeating: 2, count: 500))
    #expect(choice.segments == [0..<2])
    choice.learn([Int](repeating: 1, count: 20))
    #expect(choice.segments == [0..<1, 1..<2])
  }
}
