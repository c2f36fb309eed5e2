/// Trains a token router on labelled states.
///
/// Mini-batches in an order drawn from the seed, Adam, and the weights of the epoch that was best on
/// texts that training does not see. Numbers are scaled to a mean square of 1 each, so that the few
/// large ones of a residual stream do not decide all; the scale then goes into the router's weights.
/// The same seed and number of threads give the same router, bit for bit.
public struct RouterTraining: Sendable, Equatable {
  /// How much rows of each label weigh.
  public enum Balance: String, Sendable, CaseIterable {
    /// Each row the same: scores come out near the probability that a row has settled, so that one
    /// threshold means the same behind every layer.
    case rows
    /// Both labels as much in all: rare ones are not neglected, but a score is then of a world in
    /// which half of all rows have settled, and says more than is true where few have.
    case classes
  }

  /// Width of the hidden layer.
  public var bottleneck = 128
  /// Adam's step.
  public var learningRate = 1e-3
  /// Adam's weight decay.
  public var weightDecay = 1e-2
  /// Rows of a step.
  public var batchRows = 256
  /// Passes over the rows at most.
  public var maxEpochs = 40
  /// Training ends after so many epochs without a better one.
  public var patience = 4
  /// How much rows of each label weigh.
  public var balance = Balance.rows
  /// Decides the first weights and the order of the rows.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// A router and how it came about.
  public struct Outcome: Sendable, Equatable {
    /// The router of the best epoch.
    public let router: TokenRouter
    /// Epochs trained.
    public let epochs: Int
    /// The best of them, from 1.
    public let bestEpoch: Int
    /// Mean loss on the training rows while that epoch was trained, nats.
    public let trainingLoss: Double
    /// Mean loss on the stopping rows behind it, nats.
    public let stoppingLoss: Double
  }

  /// Throws where a setting has no meaning, naming it.
  ///
  /// - Throws: `DepthError`.
  public func validate() throws {
    try Adam.validate(
      [
        "bottleneck": bottleneck, "batch rows": batchRows, "epochs": maxEpochs,
        "patience": patience,
      ],
      rate: learningRate, decay: weightDecay)
  }

  /// Trains a router.
  ///
  /// - Parameters:
  ///   - layer: the layer behind which it is to stand.
  ///   - states: the layer's outputs behind the final norm.
  ///   - labels: which rows have settled. Shape: [states.rows].
  ///   - training: the rows to train on.
  ///   - stopping: the rows that say when to stop.
  /// - Returns: the router, and how it came about.
  /// - Throws: `CheckpointError` where the states cannot be read, `DepthError` where there are no rows.
  public func train(
    layer: Int, states: ActivationFile, labels: [Bool], training: Range<Int>, stopping: Range<Int>
  ) throws -> Outcome {
    try validate()
    precondition(labels.count == states.rows, "a label a row")
    guard !training.isEmpty, !stopping.isEmpty else {
      throw DepthError(
        "router of layer \(layer)", expected: "rows to train on and to stop by", found: "none")
    }
    return try states.withRows { rows in
      let run = TrainingRun(self, layer: layer, width: states.width, rows: rows, labels: labels)
      return run.train(training, stopping)
    }
  }
}

/// One router's training.
private struct TrainingRun {
  let settings: RouterTraining
  let layer: Int
  let width: Int
  let rows: UnsafePointer<Float>
  let labels: [Bool]

  init(
    _ settings: RouterTraining, layer: Int, width: Int, rows: UnsafePointer<Float>, labels: [Bool]
  ) {
    self.settings = settings
    self.layer = layer
    self.width = width
    self.rows = rows
    self.labels = labels
  }

  func train(_ training: Range<Int>, _ stopping: Range<Int>) -> RouterTraining.Outcome {
    // Behind other layers the same seed should not begin alike.
    var random = SplitMix64(seed: SplitMix64.mixed(settings.seed &+ UInt64(layer)))
    let scales = inverseScales(training)
    let weights = classWeights(training)
    let network = RouterNetwork(
      width: width, bottleneck: settings.bottleneck, capacity: settings.batchRows,
      parameters: RouterNetwork.initial(
        width: width, bottleneck: settings.bottleneck, seed: random.next()))
    var adam = Adam(
      count: network.parameters.count, rate: settings.learningRate, decay: settings.weightDecay)
    let batch = DeviceBuffer(byteCount: settings.batchRows * width * 4)
    var best = (loss: Double.infinity, training: 0.0, epoch: 0, parameters: network.parameters)
    var epoch = 0
    while epoch < settings.maxEpochs, epoch - best.epoch < settings.patience {
      epoch += 1
      let trained = mean(
        random.shuffled(Array(training)), scales, weights, batch
      ) { labels, weights in
        let sum = network.gradient(batch.floats, labels: labels, weights: weights)
        adam.step(&network.parameters, network.gradients)
        return sum
      }
      let stopped = mean(Array(stopping), scales, weights, batch) {
        network.lossSum(batch.floats, labels: $0, weights: $1)
      }
      if stopped < best.loss { best = (stopped, trained, epoch, network.parameters) }
    }
    return RouterTraining.Outcome(
      router: router(best.parameters, scales), epochs: epoch, bestEpoch: best.epoch,
      trainingLoss: best.training, stoppingLoss: best.loss)
  }

  /// The weighted mean of what `body` sums over batches of rows.
  private func mean(
    _ order: [Int], _ scales: [Float], _ weights: (positive: Float, negative: Float),
    _ batch: DeviceBuffer, _ body: ([Bool], [Float]) -> Double
  ) -> Double {
    var (sum, total) = (0.0, 0.0)
    for first in stride(from: 0, to: order.count, by: settings.batchRows) {
      let chunk = order[first..<min(first + settings.batchRows, order.count)]
      for (place, row) in chunk.enumerated() {
        let (source, target) = (rows + row * width, batch.floats + place * width)
        for index in 0..<width { target[index] = source[index] * scales[index] }
      }
      let labels = chunk.map { self.labels[$0] }
      let rowWeights = labels.map { $0 ? weights.positive : weights.negative }
      sum += body(labels, rowWeights)
      total += rowWeights.reduce(0) { $0 + Double($1) }
    }
    return sum / total
  }

  /// What makes each number's mean square 1; 1 for one that is always 0.
  private func inverseScales(_ training: Range<Int>) -> [Float] {
    var sums = [Double](repeating: 0, count: width)
    for row in training {
      let source = rows + row * width
      for index in 0..<width { sums[index] += Double(source[index]) * Double(source[index]) }
    }
    return sums.map { sum in
      let scale = Float((Double(training.count) / sum).squareRoot())
      return scale.isFinite ? scale : 1
    }
  }

  private func classWeights(_ training: Range<Int>) -> (positive: Float, negative: Float) {
    let positives = training.count { labels[$0] }
    let negatives = training.count - positives
    guard settings.balance == .classes, positives > 0, negatives > 0 else { return (1, 1) }
    let half = Float(training.count) / 2
    return (half / Float(positives), half / Float(negatives))
  }

  private func router(_ parameters: [Float], _ scales: [Float]) -> TokenRouter {
    let count = settings.bottleneck * width
    let down = (0..<count).map { parameters[$0] * scales[$0 % width] }
    return TokenRouter(layer: layer, width: width, down: down, up: Array(parameters[count...]))
  }
}
