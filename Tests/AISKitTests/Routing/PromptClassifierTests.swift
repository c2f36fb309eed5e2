import AISKit
import Testing

/// The prompt classifier: its gradient is that of its loss, it learns classes that no single number
/// shows, the same seed gives the same bits, and wrong shapes are refused.
struct PromptClassifierTests {
  private static let width = 10

  /// Probes that share most of their direction, as hidden states do.
  ///
  /// The class depends on the signs of two numbers, so that no single number distinguishes three of
  /// the classes.
  private static func examples(_ count: Int, seed: UInt64) -> (probes: [Float], labels: [Int]) {
    var random = SplitMix64(seed: seed)
    var probes: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      var probe = (0..<width).map { _ in Float(random.unit() * 2 - 1) }
      labels.append(probe[0] * probe[1] > 0 ? (probe[0] > 0 ? 0 : 1) : 2)
      probe[4] = 50
      probes += probe
    }
    return (probes, labels)
  }

  private static func set(_ count: Int, seed: UInt64) throws -> ClassifierExamples {
    let (probes, labels) = examples(count, seed: seed)
    return try ClassifierExamples(probes: probes, labels: labels, width: width, classCount: 3)
  }

  @Test func theGradientIsThatOfTheLoss() {
    let shape = ClassifierShape(width: 6, hidden: 5, classes: 3)
    let rows = 7
    var random = SplitMix64(seed: 2)
    let x = (0..<rows * shape.width).map { _ in Float(random.unit() * 4 - 2) }
    let targets = (0..<rows).flatMap { _ -> [Float] in
      let shares = (0..<shape.classes).map { _ in Float(random.unit()) }
      return shares.map { $0 / shares.reduce(0, +) }
    }
    let weights = (0..<rows).map { _ in Float(random.unit() + 0.5) }
    var network = ClassifierNetwork(
      shape, capacity: rows,
      parameters: (0..<shape.parameterCount).map { _ in Float(random.unit() * 2 - 1) })
    let sum = network.gradient(x.span, targets: targets, weights: weights)
    let again = network.lossSum(x.span, targets: targets, weights: weights)
    #expect(abs(sum - again) < 1e-9)
    let total = weights.reduce(0.0) { $0 + Double($1) }
    let found = network.gradients
    for index in network.parameters.indices {
      let value = network.parameters[index]
      let step: Float = 1e-2
      func loss(_ offset: Float) -> Double {
        network.parameters[index] = value + offset
        return network.lossSum(x.span, targets: targets, weights: weights) / total
      }
      // A fourth-order difference, so that the error is only float32's rounding.
      let slope =
        (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * Double(step))
      network.parameters[index] = value
      #expect(abs(slope - Double(found[index])) < 5e-5 + 1e-3 * abs(slope), "\(index)")
    }
  }

  @Test func whatCanBeToldApartIsToldApart() throws {
    var training = PromptClassifierTraining()
    training.hidden = 32
    training.weightDecay = 0.01
    training.learningRate = 5e-3
    let outcome = try training.train(
      on: Self.set(2_000, seed: 3), stoppingBy: Self.set(500, seed: 4))
    #expect(outcome.stoppingLoss < 0.35 && outcome.bestEpoch <= outcome.epochs)
    let held = Self.examples(500, seed: 5)
    let found = try outcome.classifier.classes(of: held.probes)
    let right = zip(found, held.labels).count { $0 == $1 }
    #expect(right > 450, "\(right) of 500")
    // Only a probe's direction counts.
    #expect(try outcome.classifier.classes(of: held.probes.map { $0 * 3 }) == found)
    let probabilities = try outcome.classifier.probabilities(of: held.probes)
    #expect(probabilities.count == 1_500 && probabilities.allSatisfy { (0...1).contains($0) })
    #expect(abs(probabilities[0..<3].reduce(0, +) - 1) < 1e-5)
    #expect(try outcome.classifier.classes(of: []) == [])
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    var training = PromptClassifierTraining()
    training.maxEpochs = 3
    let (taught, judged) = (try Self.set(200, seed: 6), try Self.set(100, seed: 7))
    let first = try training.train(on: taught, stoppingBy: judged)
    #expect(try training.train(on: taught, stoppingBy: judged) == first)
    training.seed = 1
    #expect(try training.train(on: taught, stoppingBy: judged) != first)
  }

  /// Rows of weight 0 have no effect, and a distribution as target is learned as one.
  @Test func sharesAndWeightsCount() throws {
    let (probes, labels) = Self.examples(600, seed: 8)
    let targets = labels.flatMap { label -> [Float] in
      label == 2 ? [0, 0, 1] : [0.75, 0.25, 0]
    }
    let weights = labels.map { Float($0 == 2 ? 0 : 1) }
    let set = try ClassifierExamples(
      probes: probes, targets: targets, weights: weights, width: Self.width)
    var training = PromptClassifierTraining()
    training.weightDecay = 0
    let classifier = try training.train(on: set, stoppingBy: set).classifier
    let found = try classifier.probabilities(of: probes)
    let mean = (0..<3).map { column in
      stride(from: column, to: found.count, by: 3).reduce(0) { $0 + found[$1] } / 600
    }
    #expect(abs(mean[0] - 0.75) < 0.05 && abs(mean[1] - 0.25) < 0.05 && mean[2] < 0.05)
  }

  @Test func wrongShapesAreRefused() throws {
    let probes = [Float](repeating: 1, count: 20)
    #expect(throws: RequestError("map label", expected: "a class from 0 to 1", found: "2")) {
      try ClassifierExamples(probes: probes, labels: [0, 2], width: 10, classCount: 2)
    }
    #expect(
      throws: RequestError(
        "map examples", expected: "at least one probe of 10 floats a weight",
        found: "20 floats, 3 weights")
    ) { try ClassifierExamples(probes: probes, labels: [0, 1, 1], width: 10, classCount: 2) }
    #expect(throws: RequestError.self) {
      try ClassifierExamples(probes: [], labels: [], width: 10, classCount: 2)
    }
    #expect(throws: RequestError.self) {
      try ClassifierExamples(probes: probes, targets: [1, 0, 1], weights: [1, 1], width: 10)
    }
    #expect(throws: RequestError.self) {
      try ClassifierExamples(probes: probes, targets: [1, 1], weights: [0, 0], width: 10)
    }
    let (two, three) = (
      try ClassifierExamples(probes: probes, labels: [0, 1], width: 10, classCount: 2),
      try ClassifierExamples(probes: probes, labels: [0, 1], width: 10, classCount: 3)
    )
    #expect(throws: RequestError.self) {
      try PromptClassifierTraining().train(on: two, stoppingBy: three)
    }
    var training = PromptClassifierTraining()
    training.patience = 0
    #expect(throws: RequestError("patience", expected: "at least 1", found: "0")) {
      try training.train(on: two, stoppingBy: two)
    }
    let classifier = try PromptClassifierTraining().train(on: two, stoppingBy: two).classifier
    #expect(classifier.width == 10 && classifier.classCount == 2)
    #expect(throws: RequestError.self) { try classifier.classes(of: [1, 2, 3]) }
    #expect(throws: RequestError.self) {
      try classifier.classes(of: [Float](repeating: 0, count: 10))
    }
    #expect(throws: RequestError.self) {
      try classifier.classes(of: [Float](repeating: .nan, count: 10))
    }
  }
}
