/// Plans as text: `8-15,22` for skipped layers, `5a,7-9f` for layers whose attention or
/// feed-forward network alone is skipped, `5=0.3,6-7=0.5` for blended ones.
extension DepthPlan {
  /// Parses the lists.
  ///
  /// Each may be empty. An empty path runs each layer once.
  ///
  /// - Throws: `RequestError` for a part that does not parse, a range that runs backwards, or a layer
  ///   named in both lists or twice with different α.
  public init(hard: String, soft: String = "", path: String = "") throws {
    var actions: [Int: LayerAction] = [:]
    func set(_ layers: ClosedRange<Int>, _ action: LayerAction, _ part: Substring) throws {
      for layer in layers {
        if let earlier = actions[layer], earlier != action {
          throw RequestError(
            "layer \(layer)", expected: "one action", found: "a second one in '\(part)'")
        }
        actions[layer] = action
      }
    }
    for part in hard.split(separator: ",", omittingEmptySubsequences: true) {
      let (layers, action) = Self.leftOut(part)
      try set(Self.layers(layers), action, part)
    }
    for part in soft.split(separator: ",", omittingEmptySubsequences: true) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let alpha = Float(sides[1].trimmed) else {
        throw RequestError("soft layers", expected: "LAYER=ALPHA, as 5=0.3", found: "'\(part)'")
      }
      try set(Self.layers(sides[0]), .blend(alpha: alpha), part)
    }
    try self.init(actions, path: path.isEmpty ? .once : LayerPath(path))
  }

  /// The layers that a part of the hard list names, and what is skipped of each.
  private static func leftOut(_ part: Substring) -> (layers: Substring, action: LayerAction) {
    switch part.trimmed.last {
    case "a": (part.trimmed.dropLast(), .skipAttention)
    case "f": (part.trimmed.dropLast(), .skipFeedForward)
    default: (part, .skip)
    }
  }

  static func layers(_ part: Substring) throws -> ClosedRange<Int> {
    let ends = part.trimmed.split(separator: "-", omittingEmptySubsequences: false)
    // A million layers is more than any model has, and keeps a typing error from filling memory.
    guard (1...2).contains(ends.count), let first = Int(ends[0].trimmed),
      let last = Int(ends[ends.count - 1].trimmed), first >= 0, first <= last, last < 1_000_000
    else {
      throw RequestError(
        "layers", expected: "a list of layers and ranges, as 8-15,22", found: "'\(part)'")
    }
    return first...last
  }

  /// The plan as text for display: "full", or its lists.
  public var summary: String {
    var parts: [String] = []
    if let layers = path.layers { parts.append("path \(Self.ranges(layers))") }
    let hard = hardList
    if !hard.isEmpty { parts.append("hard \(hard)") }
    let soft = softList
    if !soft.isEmpty { parts.append("soft \(soft)") }
    for (kind, maps) in Dictionary(grouping: maps, by: \.kind).sorted(by: { $0.key < $1.key }) {
      parts.append("\(kind) \(Self.text(of: maps))")
    }
    return parts.isEmpty ? "full" : parts.joined(separator: " ")
  }

  /// The layers of maps of one kind.
  ///
  /// Maps that run part of their block are merged into ranges of layers. Every other map is one run
  /// by itself.
  private static func text(of maps: [any ResidualMap]) -> String {
    guard maps.contains(where: \.parts.isEmpty) else { return ranges(maps.map(\.run.first)) }
    return maps.map(\.run.text).joined(separator: ",")
  }

  /// The layers that are skipped, whole or in part, without a map, as `init(hard:)` takes them:
  /// "8-15,22a".
  public var hardList: String {
    let mapped = Set(maps.flatMap { Array($0.run.layers) })
    return [
      Self.ranges(layers(.skip).filter { !mapped.contains($0) }),
      Self.ranges(layers(.skipAttention), suffix: "a"),
      Self.ranges(layers(.skipFeedForward), suffix: "f"),
    ].filter { !$0.isEmpty }.joined(separator: ",")
  }

  /// The blended layers, as `init(hard:soft:)` takes them: "5=0.3,6-7=0.5".
  public var softList: String {
    let blended = blendedLayers
    let alphas = blended.reduce(into: [Float]()) { seen, layer in
      if !seen.contains(layer.alpha) { seen.append(layer.alpha) }
    }
    return alphas.map { alpha in
      Self.ranges(blended.filter { $0.alpha == alpha }.map(\.layer), suffix: "=\(alpha)")
    }.joined(separator: ",")
  }

  /// Layers as a list of ranges in their order, "8-15,22", each followed by the suffix.
  static func ranges(_ layers: [Int], suffix: String = "") -> String {
    var parts: [String] = []
    var index = 0
    while index < layers.count {
      var last = index
      while last + 1 < layers.count, layers[last + 1] == layers[last] + 1 { last += 1 }
      let range = last == index ? "\(layers[index])" : "\(layers[index])-\(layers[last])"
      parts.append(range + suffix)
      index = last + 1
    }
    return parts.joined(separator: ",")
  }
}

extension LayerPath {
  /// A path as text: `0-15,12-15,16-29`.
  ///
  /// - Throws: `RequestError` for a part that does not parse, an empty list, or more steps than any model
  ///   should take.
  public init(_ text: String) throws {
    var layers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: true) {
      let range = try DepthPlan.layers(part)
      guard layers.count + range.count <= Self.mostSteps else {
        throw RequestError("path", expected: "at most \(Self.mostSteps) steps", found: "more")
      }
      layers += Array(range)
    }
    try self.init(layers)
  }

  /// More steps than any use needs.
  ///
  /// The limit keeps a typing error from filling memory.
  private static let mostSteps = 10_000
}

extension LayerRun {
  /// Runs as text, "8-15,20".
  ///
  /// Adjacent runs stay separate.
  ///
  /// - Throws: `RequestError` for a part that does not parse, and for an empty list.
  public static func list(_ text: String) throws -> [LayerRun] {
    let runs = try text.split(separator: ",", omittingEmptySubsequences: true).map { part in
      let layers = try DepthPlan.layers(part)
      return LayerRun(layers.lowerBound, layers.upperBound)
    }
    guard !runs.isEmpty else {
      throw RequestError("runs", expected: "a list of layers and ranges, as 8-15,20", found: "none")
    }
    return runs
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
