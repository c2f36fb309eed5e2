/// A linear map that replaces a run of layers.
///
/// At every position but 0: h ← h + W·h + c, where h is the input of the run. Position 0 is the
/// attention sink. The norm of its state is hundreds of times larger, so it gets another change.
/// With a `graft`, the block before the run has another down-projection, at no extra cost.
///
/// Source: ReplaceMe (Shopkhoev et al., 2025, arXiv 2505.02819), which replaces blocks by a linear map
/// fitted by least squares and merges it into the down-projection before them.
public struct Bridge: Sendable, Hashable {
  /// What a bridge adds at position 0.
  public enum FirstPosition: Sendable, Hashable {
    /// W·h + c, as at any other position.
    case mapped
    /// These numbers; zeros leave the state as it is.
    ///
    /// Shape: [width].
    case shifted([Float])
  }

  /// The linear map W.
  public enum Map: Sendable, Hashable {
    /// None: a graft alone.
    case none
    /// Shape: [width, width], outputs first.
    case full([Float])
    /// W = up·down, of low rank.
    ///
    /// Shape: up [width, rank], down [rank, width].
    case factors(up: [Float], down: [Float], rank: Int)
  }

  /// The layers that it replaces.
  public let run: LayerRun
  /// Width of the residual stream.
  public let width: Int
  /// W.
  public let map: Map
  /// c.
  ///
  /// Shape: [width].
  public let bias: [Float]
  /// What is added at position 0.
  public let firstPosition: FirstPosition
  /// The new down-projection of the block before the run, if it is replaced.
  ///
  /// Shape: [width, intermediate], outputs first.
  public let graft: [Float]?

  /// A bridge from its parts.
  ///
  /// - Throws: `RequestError` if shapes do not fit, numbers are not finite, or there is a graft but no
  ///   block before the run.
  public init(
    run: LayerRun, width: Int, map: Map, bias: [Float], firstPosition: FirstPosition,
    graft: [Float]? = nil
  ) throws {
    self.run = run
    self.width = width
    self.map = map
    self.bias = bias
    self.firstPosition = firstPosition
    self.graft = graft
    let name = "bridge \(run.text)"
    for (part, values, count) in parts {
      guard count > 0, values.count == count else {
        throw RequestError(
          "\(name), \(part)", expected: "\(count) numbers", found: "\(values.count)")
      }
      guard values.allSatisfy(\.isFinite) else {
        throw RequestError("\(name), \(part)", expected: "finite numbers", found: "others")
      }
    }
    if let graft {
      guard run.first > 0 else {
        throw RequestError(
          "\(name), graft", expected: "a block before the run", found: "a run from layer 0")
      }
      guard !graft.isEmpty, graft.count.isMultiple(of: width), graft.allSatisfy(\.isFinite) else {
        throw RequestError(
          "\(name), graft", expected: "rows of \(width) outputs, finite", found: "others")
      }
    }
  }

  /// The parts whose shape follows from the width, with the number of values that each must have.
  private var parts: [(name: String, values: [Float], count: Int)] {
    var parts = [("bias", bias, width)]
    switch map {
    case .none: break
    case .full(let values): parts.append(("map", values, width * width))
    case .factors(let up, let down, let rank):
      parts += [("up", up, width * rank), ("down", down, rank * width)]
    }
    if case .shifted(let shift) = firstPosition { parts.append(("first", shift, width)) }
    return parts
  }

  /// The number of weights of the map.
  ///
  /// Each use of the bridge reads them.
  public var parameters: Int {
    switch map {
    case .none: 0
    case .full(let values): values.count
    case .factors(let up, let down, _): up.count + down.count
    }
  }

  /// The first layer that the bridge changes.
  public var firstChangedLayer: Int { graft == nil ? run.first : run.first - 1 }
}
