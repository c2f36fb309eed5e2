import AISHarness
import AISKit

/// The loop's own counts in the passes of one timed run, and the work that follows from them.
struct SpeedCount {
  /// The counts of the passes in which the policy decided.
  private(set) var statistics: ExitStatistics
  private(set) var computedRowLayers = 0
  private(set) var filledRowLayers = 0
  private var executedLayers = 0
  private var routedPasses = 0
  private var passes: [Pass] = []
  private let config: ModelConfig
  private let weights: WeightSizes

  private struct Pass {
    let sequences: Int
    let rows: Int
    let position: Int
    /// Rows that had not exited, by layer.
    var activeRows: [Int]
    let isRouted: Bool
  }

  init(of model: DecoderModel) {
    config = model.config
    weights = model.weightSizes
    statistics = ExitStatistics(layerCount: config.layerCount)
  }

  /// The mean number of blocks that a pass ran for any row, over passes in which the policy
  /// decided.
  var passDepth: Double { Double(executedLayers) / Double(max(routedPasses, 1)) }

  mutating func add(_ trace: DepthTrace, sequences: Int, position: Int, isRouted: Bool) {
    computedRowLayers += trace.computedRowLayers
    filledRowLayers += trace.filledRowLayers
    if isRouted {
      statistics.count(trace)
      executedLayers += trace.executedLayers
      routedPasses += 1
    }
    var activeRows = [Int](repeating: 0, count: config.layerCount)
    for layer in trace.rowsOfLayers { activeRows[layer.layer] = layer.active }
    passes.append(
      Pass(
        sequences: sequences, rows: trace.exitLayers.count / sequences, position: position,
        activeRows: activeRows, isRouted: isRouted))
  }

  private var works: [ModelWork] { passes.map { work(of: $0) } }

  private func work(of pass: Pass) -> ModelWork {
    ModelWork(
      config: config, sequences: pass.sequences, rows: pass.rows, position: pass.position,
      activeRows: pass.activeRows, weights: weights)
  }

  /// The least work of the run's blocks and head, without routers and fills.
  func work(_ type: ComputeType) -> Work {
    let works = works.map { Work($0, type) }
    return Work(
      floatingPointOperations: works.reduce(0) { $0 + $1.floatingPointOperations },
      bytesRead: works.reduce(0) { $0 + $1.bytesRead }, computeType: type)
  }

  /// Its time at the machine's ceilings.
  func seconds(at ceiling: MachineCeiling, _ type: ComputeType) -> Double {
    works.reduce(0) { $0 + $1.seconds(at: ceiling, in: type) }
  }

  /// The part of that time that `other` saves by running fewer rows in the same passes; each
  /// block's time is divided among its rows.
  func secondsSpared(
    by other: SpeedCount, at ceiling: MachineCeiling, _ type: ComputeType
  ) -> Double {
    var spared = 0.0
    for (index, pass) in passes.enumerated() where pass.isRouted {
      let whole = work(of: pass).seconds(at: ceiling, in: type)
      for layer in 0..<config.layerCount {
        let (rows, left) = (pass.activeRows[layer], other.passes[index].activeRows[layer])
        guard left < rows else { continue }
        var without = pass
        without.activeRows[layer] = 0
        let block = whole - work(of: without).seconds(at: ceiling, in: type)
        spared += block * Double(rows - left) / Double(rows)
      }
    }
    return spared
  }
}
