/// Consecutive layers.
public struct LayerRun: Sendable, Hashable {
  /// The first layer.
  public let first: Int
  /// The last layer.
  public let last: Int

  /// The layers from `first` to `last`, both included.
  public init(_ first: Int, _ last: Int) {
    precondition(first >= 0 && first <= last, "layers in order")
    self.first = first
    self.last = last
  }

  /// Groups layers into runs of consecutive layers.
  public static func runs(of layers: [Int]) -> [LayerRun] {
    var runs: [LayerRun] = []
    for layer in Set(layers).sorted() {
      if let last = runs.last, last.last + 1 == layer {
        runs[runs.count - 1] = LayerRun(last.first, layer)
      } else {
        runs.append(LayerRun(layer, layer))
      }
    }
    return runs
  }

  /// The layers.
  public var layers: ClosedRange<Int> { first...last }

  /// "8-15", or "8".
  public var text: String { first == last ? "\(first)" : "\(first)-\(last)" }

  /// Cuts all layers into `count` runs of nearly equal length, longer ones first.
  ///
  /// - Throws: `RequestError` unless there is at least one run and each has a layer.
  public static func partition(layerCount: Int, into count: Int) throws -> [LayerRun] {
    guard count >= 1, count <= layerCount else {
      throw RequestError("groups", expected: "1 to \(layerCount), the layers", found: "\(count)")
    }
    var first = 0
    return (0..<count).map { index in
      let length = layerCount / count + (index < layerCount % count ? 1 : 0)
      defer { first += length }
      return LayerRun(first, first + length - 1)
    }
  }
}
