/// Training examples for a classifier: probes with their classes.
public struct ClassifierExamples: Sendable, Equatable {
  /// Numbers in a probe.
  public let width: Int
  /// The number of classes.
  public let classCount: Int
  /// Shape: [rows, width].
  let probes: [Float]
  /// Each row's target distribution over the classes.
  ///
  /// Shape: [rows, classCount].
  let targets: [Float]
  /// The weight of each row.
  ///
  /// Shape: [rows].
  let weights: [Float]

  /// Examples with one class each and equal weights.
  ///
  /// Shape: probes [labels, width], row-major.
  ///
  /// - Throws: `RequestError` if there is no example, probes and labels differ in number, or a
  ///   label is not a class.
  public init(probes: [Float], labels: [Int], width: Int, classCount: Int) throws(RequestError) {
    if let stray = labels.first(where: { !(0..<classCount).contains($0) }) {
      throw RequestError(
        "map label", expected: "a class from 0 to \(classCount - 1)", found: "\(stray)")
    }
    try self.init(
      probes: probes,
      targets: labels.flatMap { label in (0..<classCount).map { $0 == label ? 1 : 0 } },
      weights: labels.map { _ in 1 }, width: width)
  }

  /// Examples with a distribution over the classes and a weight each.
  ///
  /// Shape: probes [weights, width], targets [weights, classes], row-major.
  ///
  /// - Throws: `RequestError` if there is no example, the parts differ in number, a weight is negative, or
  ///   the weights' sum is zero or not finite.
  public init(
    probes: [Float], targets: [Float], weights: [Float], width: Int
  ) throws(RequestError) {
    guard width > 0, !weights.isEmpty, probes.count == weights.count * width else {
      throw RequestError(
        "map examples", expected: "at least one probe of \(width) floats a weight",
        found: "\(probes.count) floats, \(weights.count) weights")
    }
    guard !targets.isEmpty, targets.count.isMultiple(of: weights.count) else {
      throw RequestError(
        "map targets", expected: "as many for each of \(weights.count) examples",
        found: "\(targets.count)")
    }
    let total = weights.reduce(0, +)
    guard weights.allSatisfy({ $0 >= 0 }), total > 0, total.isFinite else {
      throw RequestError(
        "map weights", expected: "none below 0, some above", found: "a sum of \(total)")
    }
    (self.width, classCount) = (width, targets.count / weights.count)
    (self.probes, self.targets, self.weights) = (probes, targets, weights)
  }

  var rows: Int { weights.count }
}

/// Trains a classifier of probes.
///
/// It takes mini-batches in an order drawn from the seed and updates with Adam. It keeps the
/// weights of the epoch with the least loss on examples that are not trained on. The same seed and
/// number of threads give the same classifier, bit for bit.
public struct PromptClassifierTraining: Sendable, Equatable {
  /// Units of the hidden layer.
  public var hidden = 64
  /// Adam's learning rate.
  public var learningRate = 1e-3
  /// Adam's weight decay.
  public var weightDecay = 1.0
  /// Rows of a mini-batch.
  public var batchRows = 64
  /// The most passes over the rows.
  public var maxEpochs = 100
  /// Training ends after this many epochs without improvement.
  public var patience = 8
  /// Decides the first weights and the order of the rows.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// A classifier, and statistics of its training.
  public struct Outcome: Sendable, Equatable {
    /// The classifier of the best epoch.
    public let classifier: PromptClassifier
    /// Epochs trained.
    public let epochs: Int
    /// The best epoch, counted from 1.
    public let bestEpoch: Int
    /// Mean loss on the stopping examples after the best epoch, in nats.
    public let stoppingLoss: Double
  }

  /// Checks that every setting is in range.
  ///
  /// - Throws: `RequestError`.
  public func validate() throws(RequestError) {
    try Adam.validate(
      ["hidden units": hidden, "batch rows": batchRows, "epochs": maxEpochs, "patience": patience],
      rate: learningRate, decay: weightDecay)
  }

  /// Trains a classifier on examples.
  ///
  /// The loss on other examples decides when training stops.
  ///
  /// - Throws: `RequestError` for a setting out of range, examples that differ in width or classes,
  ///   or a probe that is zero or not finite.
  public func train(
    on training: ClassifierExamples, stoppingBy stopping: ClassifierExamples
  ) throws -> Outcome {
    try validate()
    guard training.width == stopping.width, training.classCount == stopping.classCount else {
      throw RequestError(
        "map stopping examples",
        expected: "probes of \(training.width) floats, \(training.classCount) classes",
        found: "\(stopping.width) floats, \(stopping.classCount) classes")
    }
    let shape = ClassifierShape(
      width: training.width, hidden: hidden, classes: training.classCount)
    let scaling = try ProbeScaling(of: training.probes, width: training.width)
    let taught = Rows(training, try scaling.scaled(training.probes))
    let judging = Rows(stopping, try scaling.scaled(stopping.probes))
    var random = SplitMix64(seed: SplitMix64.mixed(seed))
    var network = ClassifierNetwork(
      shape, capacity: batchRows,
      parameters: ClassifierNetwork.initial(shape, seed: random.next()))
    var adam = Adam(count: shape.parameterCount, rate: learningRate, decay: weightDecay)
    var best = (loss: Double.infinity, epoch: 0, parameters: network.parameters)
    var epoch = 0
    while epoch < maxEpochs, epoch - best.epoch < patience {
      epoch += 1
      let order = random.shuffled(Array(0..<training.rows))
      _ = taught.mean(order, batchRows) { x, targets, weights in
        let sum = network.gradient(x, targets: targets, weights: weights)
        adam.step(&network.parameters, network.gradients)
        return sum
      }
      let stopped = judging.mean(Array(0..<stopping.rows), batchRows) {
        network.lossSum($0, targets: $1, weights: $2)
      }
      if stopped < best.loss { best = (stopped, epoch, network.parameters) }
    }
    return Outcome(
      classifier: PromptClassifier(shape: shape, scaling: scaling, parameters: best.parameters),
      epochs: epoch, bestEpoch: best.epoch, stoppingLoss: best.loss)
  }
}

/// Examples with their probes scaled.
private struct Rows {
  let examples: ClassifierExamples
  let scaled: [Float]

  init(_ examples: ClassifierExamples, _ scaled: [Float]) {
    self.examples = examples
    self.scaled = scaled
  }

  /// Sums `body` over batches of rows in the given order, and returns the weighted mean.
  ///
  /// A batch whose weights are all zero is skipped, because it has no mean.
  func mean(
    _ order: [Int], _ batchRows: Int,
    _ body: (Span<Float>, [Float], [Float]) -> Double
  ) -> Double {
    let (width, classes) = (examples.width, examples.classCount)
    var (sum, total) = (0.0, 0.0)
    for first in stride(from: 0, to: order.count, by: batchRows) {
      let chunk = order[first..<min(first + batchRows, order.count)]
      let weights = chunk.map { examples.weights[$0] }
      guard weights.contains(where: { $0 > 0 }) else { continue }
      let x = chunk.flatMap { scaled[$0 * width..<($0 + 1) * width] }
      let targets = chunk.flatMap { examples.targets[$0 * classes..<($0 + 1) * classes] }
      sum += body(x.span, targets, weights)
      total += weights.reduce(0) { $0 + Double($1) }
    }
    return sum / total
  }
}
