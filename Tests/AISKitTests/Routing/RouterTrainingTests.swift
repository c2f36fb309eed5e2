import AISKit
import Foundation
import TestSupport
import Testing

/// Training of routers: the gradient is that of the loss, a learnable boundary is learned, and the
/// same seed gives the same router.
struct RouterTrainingTests {
  private static let width = 12

  private static func states(_ rows: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<rows * width).map { index in
      // Numbers of very different sizes and a direction common to all, as a residual stream has.
      Float(random.unit() * 2 - 1) * (index % width == 3 ? 500 : 1) + (index % width == 5 ? 3 : 0)
    }
  }

  /// Settled by a curved boundary that a network without a hidden layer cannot represent.
  private static func labels(_ states: [Float]) -> [Bool] {
    (0..<states.count / width).map { row in
      let x = states[row * width..<(row + 1) * width].map { $0 }
      return abs(x[0]) + 0.3 * x[1] > 0.5
    }
  }

  private static func file(_ states: [Float], in folder: TemporaryFolder) throws -> ActivationFile {
    let file = try ActivationFile(width: width, folder: folder.url.path)
    try file.append(states.span)
    return file
  }

  @Test func theGradientIsThatOfTheLoss() {
    let (width, bottleneck, rows) = (7, 5, 9)
    var random = SplitMix64(seed: 2)
    let x = (0..<rows * width).map { _ in Float(random.unit() * 4 - 2) }
    let labels = (0..<rows).map { _ in random.unit() < 0.4 }
    let weights = (0..<rows).map { _ in Float(random.unit() + 0.5) }
    var network = RouterNetwork(
      width: width, bottleneck: bottleneck, capacity: rows,
      parameters: (0..<bottleneck * (width + 1)).map { _ in Float(random.unit() * 2 - 1) })
    let sum = network.gradient(x.span, labels: labels, weights: weights)
    let again = network.lossSum(x.span, labels: labels, weights: weights)
    #expect(abs(sum - again) < 1e-9)
    let total = weights.reduce(0.0) { $0 + Double($1) }
    let found = network.gradients
    for index in network.parameters.indices {
      let value = network.parameters[index]
      let step: Float = 1e-2
      func loss(_ offset: Float) -> Double {
        network.parameters[index] = value + offset
        return network.lossSum(x.span, labels: labels, weights: weights) / total
      }
      // A fourth-order difference, so that the error is only float32's rounding.
      let slope =
        (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * Double(step))
      network.parameters[index] = value
      #expect(abs(slope - Double(found[index])) < 2e-5 + 1e-4 * abs(slope), "\(index)")
    }
  }

  @Test(arguments: RouterTraining.Balance.allCases)
  func whatCanBeToldApartIsToldApart(balance: RouterTraining.Balance) throws {
    let folder = try TemporaryFolder()
    let states = Self.states(4_000, seed: 3)
    let labels = Self.labels(states)
    var training = RouterTraining()
    training.bottleneck = 32
    training.maxEpochs = 60
    training.learningRate = 5e-3
    training.balance = balance
    let outcome = try training.train(
      layer: 2, states: Self.file(states, in: folder), labels: labels, training: 0..<3_000,
      stopping: 3_000..<3_500)
    let held = Array(states[3_500 * Self.width..<4_000 * Self.width])
    let scores = outcome.router.scores(ofNormed: held.span)
    let quality = RankingQuality(
      scores: scores, labels: Array(labels[3_500...]), clusters: Array(0..<500))
    #expect(quality.area > 0.97)
    #expect(outcome.router.layer == 2 && outcome.router.bottleneck == 32)
    #expect(outcome.stoppingLoss < 0.35 && outcome.bestEpoch <= outcome.epochs)
    // A second run gives the same bits. Another seed gives another router.
    func again(_ seed: UInt64) throws -> TokenRouter {
      var training = training
      training.seed = seed
      training.maxEpochs = 3
      return try training.train(
        layer: 2, states: Self.file(states, in: folder), labels: labels, training: 0..<3_000,
        stopping: 3_000..<3_500
      ).router
    }
    #expect(try again(0) == again(0))
    #expect(try again(0) != again(1))
  }

  /// If one label is rare, the balance decides what a score means.
  @Test func balanceDecidesWhatAScoreMeans() throws {
    let folder = try TemporaryFolder()
    let states = Self.states(6_000, seed: 8)
    var random = SplitMix64(seed: 9)
    // Settled with a probability that rises with one number, 7 % on average.
    let labels = (0..<6_000).map { row in
      random.unit() < Double(max(0, 0.15 * states[row * Self.width]) + 0.03)
    }
    func mean(_ balance: RouterTraining.Balance) throws -> (mean: Double, error: Double) {
      var training = RouterTraining()
      training.bottleneck = 8
      training.balance = balance
      let router = try training.train(
        layer: 0, states: Self.file(states, in: folder), labels: labels, training: 0..<4_000,
        stopping: 4_000..<5_000
      ).router
      let scores = router.scores(
        ofNormed: states.span.extracting(5_000 * Self.width..<6_000 * Self.width))
      return (
        scores.reduce(0) { $0 + Double($1) } / 1_000,
        Reliability(scores: scores, labels: Array(labels[5_000...])).expectedError
      )
    }
    let (rows, classes) = (try mean(.rows), try mean(.classes))
    #expect(rows.mean < 0.2 && rows.error < 0.06)
    #expect(classes.mean > 0.35 && classes.error > 0.25)
  }

  @Test func trainingEndsAndKeepsTheBest() throws {
    let folder = try TemporaryFolder()
    let states = Self.states(600, seed: 5)
    var random = SplitMix64(seed: 6)
    // Random labels: longer training makes the loss on other rows worse.
    let labels = (0..<600).map { _ in random.unit() < 0.5 }
    var training = RouterTraining()
    training.learningRate = 1e-2
    training.maxEpochs = 400
    training.patience = 3
    let outcome = try training.train(
      layer: 0, states: Self.file(states, in: folder), labels: labels, training: 0..<400,
      stopping: 400..<600)
    #expect(outcome.epochs == outcome.bestEpoch + 3 && outcome.epochs < 50)
    #expect(outcome.stoppingLoss < 1)
  }

  @Test func settingsWithoutMeaningAreNamed() throws {
    for change: (inout RouterTraining) -> Void in [
      { $0.bottleneck = 0 }, { $0.learningRate = .nan }, { $0.patience = 0 },
      { $0.weightDecay = -1 }, { $0.batchRows = 0 },
    ] {
      var training = RouterTraining()
      change(&training)
      #expect(throws: RequestError.self) { try training.validate() }
    }
    let folder = try TemporaryFolder()
    let states = try Self.file(Self.states(4, seed: 1), in: folder)
    #expect(throws: RequestError.self) {
      try RouterTraining().train(
        layer: 0, states: states, labels: [true, false, true, false], training: 0..<4,
        stopping: 4..<4)
    }
  }

  @Test func activationsLeaveNoFileBehind() throws {
    let folder = try TemporaryFolder()
    let file = try Self.file(Self.states(3, seed: 1), in: folder)
    #expect(file.rows == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    let missing = folder.path("nowhere")
    let error = #expect(throws: CheckpointError.self) {
      try ActivationFile(width: 3, folder: missing)
    }
    #expect(error?.file == missing)
  }
}
