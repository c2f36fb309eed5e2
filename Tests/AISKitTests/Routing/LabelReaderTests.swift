import AISKit
import Foundation
import TestSupport
import Testing

/// Labels are the same with and without the shortlist, for every kind of LM head.
@Suite(.everyDevice)
struct LabelReaderTests {
  private static func texts(_ model: DecoderModel, _ lengths: [Int]) -> [[Int32]] {
    var random = SplitMix64(seed: 12)
    return lengths.map { length in
      (0..<length).map { _ in Int32(random.index(below: model.config.vocabularySize)) }
    }
  }

  /// Every row's labels from logits of every layer, computed one text at a time.
  private static func bruteForce(
    _ model: DecoderModel, _ texts: [[Int32]], _ bridges: Bridges? = nil
  ) throws -> (final: [Int32], agrees: [[Bool]], cosines: [[Double]]) {
    let layers = model.config.layerCount
    let width = model.config.hiddenSize
    let vocabulary = model.config.vocabularySize
    var (final, agrees, cosines) = (
      [Int32](), [[Bool]](repeating: [], count: layers), [[Double]](repeating: [], count: layers)
    )
    for text in texts {
      let capture = HiddenStateCapture(layers: Array(0..<layers))
      capture.rows = Array(text.indices)
      var context = try model.makeContext(capacity: text.count)
      context.expect(lengths: [text.count])
      try model.forward(PackedTokens(text), in: &context, observer: capture, logits: .all)
      let tops = text.indices.map { row in context.withLogits(row: row) { Int32($0.firstLargest) } }
      final += tops
      let last = capture.captured[layers - 1] ?? []
      for layer in 0..<layers {
        var states = capture.captured[layer] ?? []
        if let bridge = bridges?.bridges.first(where: { $0.run.first == layer + 1 }) {
          states = crossed(bridge, states, width)
        }
        let logits = try model.logits(ofHiddenStates: states)
        for row in text.indices {
          let top = logits[row * vocabulary..<(row + 1) * vocabulary].withUnsafeBufferPointer {
            Int32($0.firstLargest)
          }
          agrees[layer].append(top == tops[row])
          func dot(_ a: [Float], _ b: [Float]) -> Double {
            (row * width..<(row + 1) * width).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
          }
          cosines[layer].append(
            dot(states, last) / (dot(states, states) * dot(last, last)).squareRoot())
        }
      }
    }
    return (final, agrees, cosines)
  }

  /// h + W·h + c in float64; row 0 of a text gets the bridge's shift of position 0.
  private static func crossed(_ bridge: Bridge, _ states: [Float], _ width: Int) -> [Float] {
    guard case .full(let map) = bridge.map, case .shifted(let first) = bridge.firstPosition else {
      return []
    }
    return states.indices.map { index in
      let (row, output) = (index / width, index % width)
      if row == 0 { return states[index] + first[output] }
      let mapped = (0..<width).reduce(0.0) {
        $0 + Double(map[output * width + $1]) * Double(states[row * width + $1])
      }
      return Float(Double(states[index]) + mapped + Double(bridge.bias[output]))
    }
  }

  private static func check(
    _ model: DecoderModel, _ texts: [[Int32]], sparing least: Int = 0, _ bridges: Bridges? = nil
  ) throws {
    let expected = try bruteForce(model, texts, bridges)
    let layers = Array(0..<model.config.layerCount)
    let packed = try bridges.map { try ExitBridges($0, model) }
    let reader = try LabelReader(model: model, layers: layers, exitBridges: packed)
    let rows = try reader.read(texts)
    #expect(rows.finalTokens == expected.final)
    #expect(rows.agrees == expected.agrees)
    for layer in layers {
      let differences = zip(rows.cosines[layer], expected.cosines[layer]).map {
        abs(Double($0) - $1)
      }
      #expect((differences.max() ?? 0) < 1e-4)
    }
    #expect(rows.agrees[model.config.layerCount - 1].allSatisfy { $0 })
    #expect(reader.wholeReadouts <= layers.count * rows.count - least)
    // The labels are the same without the shortlist.
    let plain = try LabelReader(
      model: model, layers: layers, exitBridges: packed, usesShortlist: false)
    #expect(try plain.read(texts).agrees == expected.agrees)
    #expect(plain.wholeReadouts == layers.count * rows.count)
  }

  @Test(arguments: [true, false], CPUBackend.types)
  func labelsAreTheBruteForceOnes(untied: Bool, type: ComputeType) throws {
    let model = try SyntheticModel {
      $0.untied = untied
      $0.vocabulary = 700
    }.load(type: type)
    // The shortlist's bounds don't hold for integer products, so all readouts are whole.
    let sparing = [.f32, .bf16].contains(type) ? 500 : 0
    try Self.check(model, Self.texts(model, [30, 1, 25, 60, 200, 250, 90]), sparing: sparing)
  }

  /// Readouts use the exit bridges, after the layers that have one.
  @Test(arguments: [3, 4])
  func labelsWithExitBridges(firstLayer: Int) throws {
    let shape = SyntheticModel {
      $0.layers = 4
      $0.vocabulary = 300
    }
    let width = shape.hidden
    var random = SplitMix64(seed: 3)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(random.unit() - 0.5) * 0.3 }
    }
    let bridges = try Bridges(
      (1..<firstLayer).map {
        try Bridge(
          run: LayerRun($0, 3), width: width, map: .full(numbers(width * width)),
          bias: numbers(width), firstPosition: .shifted(numbers(width)))
      })
    let model = try shape.load()
    let texts = Self.texts(model, [12, 1, 20])
    try Self.check(model, texts, bridges)
    // The bridges change labels.
    let (plain, bridged) = (
      try Self.bruteForce(model, texts), try Self.bruteForce(model, texts, bridges)
    )
    #expect(plain.cosines[0] != bridged.cosines[0] && plain.cosines[3] == bridged.cosines[3])
  }

  @Test func onTheReferenceBackendToo() throws {
    let model = try SyntheticModel { $0.layers = 3 }.loadReference()
    try Self.check(model, Self.texts(model, [12, 7, 1]))
  }

  /// Heads with biases, caps and projections, models without a final norm.
  @Test(arguments: FamilyFixtureTests.names)
  func everyFamily(name: String) throws {
    let folder = ReferenceFiles.repository
      .appendingPathComponent("Tests/Fixtures/families/\(name)")
    let model = try DecoderModel.load(Checkpoint.open(path: folder.path))
    try Self.check(model, Self.texts(model, [20, 9, 14]))
  }

  @Test(.enabled(if: CachedModel.standard.isPresent))
  func onTheDefaultModel() throws {
    let language = try LanguageModel(path: CachedModel.standard.path)
    let texts = try [
      "The capital of France is Paris, and the capital of Italy is Rome.",
      "To make bread you need flour, water, salt and yeast. Mix them, let the dough rise, and bake.",
      "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n",
      "It was the best of times, it was the worst of times, it was the age of wisdom.",
    ].map { try language.prompts.encode($0) }
    try Self.check(language.decoder, texts, sparing: 800)
  }

  @Test func positionsAreEveryFewAndTheSameForTheSameSeed() throws {
    let model = try SyntheticModel { $0.layers = 2 }.load()
    let texts = Self.texts(model, [40, 3, 1, 17])
    func positions(_ seed: UInt64, _ order: [Int]) throws -> [[Int]] {
      let reader = try LabelReader(model: model, layers: [0], labelEvery: 5, seed: seed)
      let rows = try reader.read(order.map { texts[$0] })
      return texts.indices.map { text in
        rows.texts.indices.filter { order[rows.texts[$0]] == text }.map { rows.positions[$0] }
      }
    }
    let found = try positions(1, [0, 1, 2, 3])
    for (text, positions) in found.enumerated() {
      #expect(!positions.isEmpty && positions[0] < min(5, texts[text].count))
      #expect(positions.last ?? 99 >= texts[text].count - 5)
      #expect(zip(positions, positions.dropFirst()).allSatisfy { $1 - $0 == 5 })
    }
    #expect(try positions(1, [3, 0, 2, 1]) == found)
    let others = try (2..<8).map { try positions($0, [0, 1, 2, 3]) }
    #expect(others.contains { $0 != found })
    let reader = try LabelReader(model: model, layers: [0], labelEvery: 1)
    let rows = try reader.read(texts, firstPositions: [38, 0, 1, 16])
    #expect(rows.texts == [0, 0, 1, 1, 1, 3] && rows.positions == [38, 39, 0, 1, 2, 16])
  }

  @Test func aLayerThatIsNotThereIsNamed() throws {
    let model = try SyntheticModel { $0.layers = 2 }.load()
    #expect(throws: RequestError.self) { try LabelReader(model: model, layers: [0, 2]) }
  }
}
