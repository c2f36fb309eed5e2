/// Counts after which layers tokens exited, from the loop's reports.
public struct ExitStatistics: Sendable, Equatable {
  /// Blocks of the model.
  public let layerCount: Int
  /// Tokens counted.
  public private(set) var tokens = 0
  /// The number of tokens that exited after each layer.
  public private(set) var exitsByLayer: [Int: Int] = [:]
  /// Blocks computed for all tokens together.
  public private(set) var executedLayers = 0

  /// Empty counts.
  public init(layerCount: Int) { self.layerCount = layerCount }

  /// Counts a token.
  ///
  /// - Parameters:
  ///   - exitLayer: the layer after which it exited; `nil` or −1 if it did not exit.
  ///   - executedLayers: blocks computed for it.
  public mutating func count(exitLayer: Int?, executedLayers: Int) {
    tokens += 1
    self.executedLayers += executedLayers
    if let exitLayer, exitLayer >= 0 { exitsByLayer[exitLayer, default: 0] += 1 }
  }

  /// Counts every row of a traced pass.
  public mutating func count(_ trace: DepthTrace) {
    for (row, layer) in trace.exitLayers.enumerated() {
      count(exitLayer: layer, executedLayers: trace.executedLayers(ofRow: row))
    }
  }

  /// Tokens that exited.
  public var exited: Int { exitsByLayer.values.reduce(0, +) }
  /// The share of tokens that exited; 0 without tokens.
  public var exitRate: Double { tokens == 0 ? 0 : Double(exited) / Double(tokens) }
  /// Blocks computed for a token on average; 0 without tokens.
  public var meanDepth: Double { tokens == 0 ? 0 : Double(executedLayers) / Double(tokens) }

  /// Lines of text for display: exit rate, exits by layer, mean depth.
  public var summary: String {
    func percent(_ count: Int) -> String {
      let tenths = tokens == 0 ? 0 : (Double(count) / Double(tokens) * 1_000).rounded()
      return "\(tenths / 10) %"
    }
    var lines = ["Total tokens: \(tokens), exited: \(exited) (\(percent(exited)))"]
    for (layer, count) in exitsByLayer.sorted(by: { $0.key < $1.key }) {
      lines.append("  Layer \(layer): \(count) exit\(count == 1 ? "" : "s") (\(percent(count)))")
    }
    lines.append("  Ran all layers: \(tokens - exited)")
    let depth = (meanDepth * 100).rounded() / 100
    lines.append("  Mean depth: \(depth) of \(layerCount) layers")
    return lines.joined(separator: "\n")
  }
}
