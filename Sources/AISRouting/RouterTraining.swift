/// Trains a token router on labelled states.
///
/// It takes mini-batches in an order drawn from the seed and updates with Adam. It keeps the
/// weights of the epoch with the least loss on texts that are not trained on. Each number of a
/// state is scaled to a mean square of 1, so that the few large numbers of a residual stream do not
/// outweigh the others. The finished router's weights include the scale. The same seed and number
/// of threads give the same router, bit for bit.
public struct RouterTraining: Sendable, Equatable {
  /// The weights of rows by their label.
  public enum Balance: String, Sendable, CaseIterable {
    /// Each row weighs the same. Scores are then near the probability that a row has settled, so one
    /// threshold means the same after every layer.
    case rows
    /// Both labels weigh the same in total. So rare labels are not neglected. But scores are then
    /// calibrated for data in which half of all rows have settled: they are too high if fewer have.
    case classes
  }

  /// Width of the hidden layer.
  public var bottleneck = 128
  /// Adam's learning rate.
  public var learningRate = 1e-3
  /// Adam's weight decay.
  public var weightDecay = 1e-2
  /// Rows of a mini-batch.
  public var batchRows = 256
  /// The most passes over the rows.
  public var maxEpochs = 40
  /// Training ends after this many epochs without improvement.
  public var patience = 4
  /// The weights of rows by their label.
  public var balance = Balance.rows
  /// Decides the first weights and the order of the rows.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// A router, and statistics of its training.
  public struct Outcome: Sendable, Equatable {
    /// The router of the best epoch.
    public let router: TokenRouter
    /// Epochs trained.
    public let epochs: Int
    /// The best epoch, counted from 1.
    public let bestEpoch: Int
    /// Mean loss on the training rows during the best epoch, in nats.
    public let trainingLoss: Double
    /// Mean loss on the stopping rows after the best epoch, in nats.
    public let stoppingLoss: Double
  }

  /// Checks that every setting is in range.
  ///
  /// - Throws: `RequestError`.
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
  ///   - layer: the layer whose output the router is to score.
  ///   - states: the layer's outputs after the final norm.
  ///   - labels: which rows have settled. Shape: [states.rows].
  ///   - training: the rows to train on.
  ///   - stopping: the rows whose loss decides when training stops.
  /// - Returns: the router, and statistics of its training.
  /// - Throws: `CheckpointError` if the states cannot be read, `RequestError` if there are no rows or a
  ///   setting is out of range.
  public func train(
    layer: Int, states: ActivationFile, labels: [Bool], training: Range<Int>, stopping: Range<Int>
  ) throws -> Outcome {
    try validate()
    precondition(labels.count == states.rows, "a label a row")
    guard !training.isEmpty, !stopping.isEmpty else {
      throw RequestError(
        "router of layer \(layer)", expected: "rows to train on and to stop by", found: "none")
    }
    let run = TrainingRun(settings: self, layer: layer, width: states.width, labels: labels)
    return try states.withRows { run.train($0, training, stopping) }
  }
}

/// One router's training.
private struct TrainingRun {
  let settings: RouterTraining
  let layer: Int
  let width: Int
  let labels: [Bool]

  /// Shape: rows [labels.count, width].
  func train(
    _ rows: Span<Float>, _ training: Range<Int>, _ stopping: Range<Int>
  ) -> RouterTraining.Outcome {
    // Each layer's router gets its own first weights and order from the seed.
    var random = SplitMix64(seed: SplitMix64.mixed(settings.seed &+ UInt64(layer)))
    let scales = inverseScales(rows, training)
    let weights = classWeights(training)
    var network = RouterNetwork(
      width: width, bottleneck: settings.bottleneck, capacity: settings.batchRows,
      parameters: RouterNetwork.initial(
        width: width, bottleneck: settings.bottleneck, seed: random.next()))
    var adam = Adam(
      count: network.parameters.count, rate: settings.learningRate, decay: settings.weightDecay)
    var batch = [Float](repeating: 0, count: settings.batchRows * width)
    var best = (loss: Double.infinity, training: 0.0, epoch: 0, parameters: network.parameters)
    var epoch = 0
    while epoch < settings.maxEpochs, epoch - best.epoch < settings.patience {
      epoch += 1
      let trained = mean(
        rows, random.shuffled(Array(training)), scales, weights, &batch
      ) { x, labels, weights in
        let sum = network.gradient(x, labels: labels, weights: weights)
        adam.step(&network.parameters, network.gradients)
        return sum
      }
      let stopped = mean(rows, Array(stopping), scales, weights, &batch) {
        network.lossSum($0, labels: $1, weights: $2)
      }
      if stopped < best.loss { best = (stopped, trained, epoch, network.parameters) }
    }
    return RouterTraining.Outcome(
      router: router(best.parameters, scales), epochs: epoch, bestEpoch: best.epoch,
      trainingLoss: best.training, stoppingLoss: best.loss)
  }

  /// Sums `body` over batches of scaled rows, and returns the weighted mean.
  ///
  /// - Parameters:
  ///   - rows: all rows. Shape: [labels.count, width].
  ///   - order: the rows to use, in order.
  ///   - scales: a factor for each number of a row.
  ///   - weights: the weight of a row of each label.
  ///   - batch: memory for a batch. Shape: [batchRows, width].
  ///   - body: gets a batch, its labels and its weights; returns the weighted sum over its rows.
  /// - Returns: the mean over all rows.
  private func mean(
    _ rows: Span<Float>, _ order: [Int], _ scales: [Float],
    _ weights: (positive: Float, negative: Float), _ batch: inout [Float],
    _ body: (Span<Float>, [Bool], [Float]) -> Double
  ) -> Double {
    var (sum, total) = (0.0, 0.0)
    for first in stride(from: 0, to: order.count, by: settings.batchRows) {
      let chunk = order[first..<min(first + settings.batchRows, order.count)]
      for (place, row) in chunk.enumerated() {
        HostMath.multiply(
          rows.extracting(row * width..<(row + 1) * width), scales.span, into: &batch,
          at: place * width)
      }
      let labels = chunk.map { self.labels[$0] }
      let rowWeights = labels.map { $0 ? weights.positive : weights.negative }
      sum += body(batch.span.extracting(0..<chunk.count * width), labels, rowWeights)
      total += rowWeights.reduce(0) { $0 + Double($1) }
    }
    return sum / total
  }

  /// The factor that makes each number's mean square 1; 1 for a number that is always 0.
  private func inverseScales(_ rows: Span<Float>, _ training: Range<Int>) -> [Float] {
    var sums = [Double](repeating: 0, count: width)
    for row in training {
      let source = rows.extracting(row * width..<(row + 1) * width)
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
