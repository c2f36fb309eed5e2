import AISKit
import Foundation
import TestSupport
import Testing

/// Rules that read states and logits, against plain arithmetic and against plans.
@Suite(.everyDevice)
struct ExitRuleTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel

  init() throws { model = try shape.load() }

  /// A rule in both kinds, by how easily rows exit.
  enum Kind: CaseIterable, Sendable {
    case margin
    case change

    func rule(_ bound: Bound, after layers: Set<Int>? = nil) -> any ExitRule {
      switch (self, bound) {
      case (.margin, .impossible): MarginExit(above: 1, after: layers)
      case (.margin, .trivial): MarginExit(above: -1, after: layers)
      case (.margin, .some): MarginExit(above: 0.03, after: layers)
      case (.change, .impossible): StateChangeExit(below: 0, after: layers)
      case (.change, .trivial): StateChangeExit(below: .infinity, after: layers)
      case (.change, .some): StateChangeExit(below: 1, after: layers)
      }
    }
  }

  enum Bound { case impossible, trivial, some }

  private func exit(
    _ rule: any ExitRule, minLayers: Int = 0, compaction: Double = 0.25, plan: DepthPlan = .full
  ) throws -> TokenExit {
    var configuration = TokenExitConfiguration()
    configuration.minLayers = minLayers
    configuration.compactionThreshold = compaction
    return try TokenExit(rule: rule, configuration: configuration, plan: plan)
  }

  /// What a rule scored after each layer.
  private final class Scores: ForwardObserver {
    var readsHiddenStates: Bool { false }
    var scores: [Int: [Float]] = [:]
    func scored(layer: Int, rows: [Int], scores: [Float]) {
      #expect(rows == Array(scores.indices))
      self.scores[layer] = scores
    }
  }

  private let texts: [[Int32]] = [
    SyntheticModel().tokens(9, seed: 1), SyntheticModel().tokens(3, seed: 2),
    SyntheticModel().tokens(14, seed: 3),
  ]

  @Test(arguments: Kind.allCases) func anImpossibleBoundIsTheFullModelBitForBit(kind: Kind) throws {
    let never = try exit(kind.rule(.impossible))
    #expect(try model.logits(of: texts, never) == model.logits(of: texts))
    #expect(
      try model.logits(of: texts, never, rows: .lastOfEach)
        == model.logits(of: texts, rows: .lastOfEach))
    let plan = try DepthPlan([1: .skip, 3: .blend(alpha: 0.5)])
    #expect(
      try model.logits(of: texts, exit(kind.rule(.impossible), plan: plan))
        == model.logits(of: texts, plan))
  }

  @Test(arguments: Kind.allCases, 0..<4)
  func aTrivialBoundIsAHardSkipBitForBit(kind: Kind, layer: Int) throws {
    let always = try exit(kind.rule(.trivial, after: [layer]))
    let trace = DepthTrace()
    let plan = try DepthPlan.skipping(layer + 1..<shape.layers)
    #expect(
      try model.logits(of: texts, always, observer: trace) == model.logits(of: texts, plan))
    #expect(trace.exitLayers == Array(repeating: layer, count: 26))
    #expect(trace.executedLayers == layer + 1)
    let unbound = try exit(kind.rule(.trivial), minLayers: layer + 1)
    #expect(
      try model.logits(of: texts, unbound, observer: trace) == model.logits(of: texts, plan))
    #expect(trace.exitLayers == Array(repeating: layer, count: 26))
  }

  @Test(arguments: Kind.allCases) func rowsExitAfterTheGivenLayersAlone(kind: Kind) throws {
    for (layers, minLayers, expected) in [
      ([1, 3], 0, [1, 3]), ([1, 3], 2, [1, 3]), ([1, 3], 3, [3]), (nil, 0, [0, 1, 2, 3]),
      (nil, 4, [3]), ([4], 0, []), (nil, 5, []),
    ] as [(Set<Int>?, Int, [Int])] {
      let scores = Scores()
      let never = try exit(kind.rule(.impossible, after: layers), minLayers: minLayers)
      _ = try model.logits(of: texts, never, observer: scores)
      #expect(scores.scores.keys.sorted() == expected)
    }
  }

  @Test func marginsAreThoseOfTheReadout() throws {
    let capture = HiddenStateCapture(layers: Array(0..<4))
    capture.rows = Array(0..<26)
    _ = try model.logits(of: texts, observer: capture)
    let found = Scores()
    _ = try model.logits(of: texts, exit(MarginExit(above: 1)), observer: found)
    for layer in 0..<4 {
      let logits = try model.logits(ofHiddenStates: #require(capture.captured[layer]))
      let scores = try #require(found.scores[layer])
      #expect(scores.count == 26 && Set(scores).count > 20)
      for (row, score) in scores.enumerated() {
        let own = logits[row * shape.vocabulary..<(row + 1) * shape.vocabulary].map(Double.init)
        let sum = own.reduce(0) { $0 + exp($1) }
        let sorted = own.map { exp($0) / sum }.sorted(by: >)
        #expect(abs(Double(score) - (sorted[0] - sorted[1])) < 1e-6)
      }
    }
  }

  @Test func changesAreThoseOfTheStates() throws {
    let capture = HiddenStateCapture(layers: Array(0..<4))
    capture.rows = Array(0..<26)
    _ = try model.logits(of: texts, observer: capture)
    let found = Scores()
    _ = try model.logits(of: texts, exit(StateChangeExit(below: 0)), observer: found)
    for layer in 1..<4 {
      let before = try #require(capture.captured[layer - 1])
      let after = try #require(capture.captured[layer])
      let scores = try #require(found.scores[layer])
      for (row, score) in scores.enumerated() {
        var (change, length) = (0.0, 0.0)
        for place in row * shape.hidden..<(row + 1) * shape.hidden {
          change += pow(Double(after[place] - before[place]), 2)
          length += pow(Double(before[place]), 2)
        }
        let expected = (change / length).squareRoot()
        #expect(abs(Double(-score) - expected) < 1e-5 * expected)
      }
    }
  }

  /// A skipped layer changes nothing, which says nothing of the state.
  @Test func noRowExitsAfterASkippedLayer() throws {
    let plan = try DepthPlan.skipping([2])
    let (trace, scores) = (DepthTrace(), Scores())
    let policy = try exit(StateChangeExit(below: .infinity, after: [2]), plan: plan)
    let found = try model.logits(of: texts, policy, observer: trace)
    #expect(try found == model.logits(of: texts, plan))
    #expect(trace.exitLayers == Array(repeating: -1, count: 26))
    _ = try model.logits(of: texts, policy, observer: scores)
    #expect(scores.scores == [2: Array(repeating: -.infinity, count: 26)])
  }

  @Test(arguments: Kind.allCases, [0, 0.5, 2])
  func aBatchOfThreeIsThreeSingles(kind: Kind, compaction: Double) throws {
    let policy = try exit(kind.rule(.some), compaction: compaction)
    let together = DepthTrace()
    let logits = try model.logits(of: texts, policy, observer: together)
    #expect(Set(together.exitLayers).count > 2)
    var first = 0
    for text in texts {
      let alone = DepthTrace()
      let own = try model.logits(of: [text], policy, observer: alone)
      #expect(alone.exitLayers == Array(together.exitLayers[first..<first + text.count]))
      for (row, expected) in own.enumerated() {
        expectClose(logits[first + row], expected, tolerance: 1e-4)
      }
      first += text.count
    }
  }
}
