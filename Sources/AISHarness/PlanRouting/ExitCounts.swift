/// How many tokens exited after which layer, as one cell of a table: `7:3 11:5`.
public struct ExitCounts: Sendable, Equatable {
  /// The number of exited tokens, by the layer after which they exited.
  public private(set) var byLayer: [Int: Int] = [:]

  /// No exits.
  public init() {}

  /// Counts the layers after which tokens exited; a negative one is a token that ran all layers.
  public init(_ layers: some Sequence<Int>) {
    for layer in layers where layer >= 0 { byLayer[layer, default: 0] += 1 }
  }

  /// The counts in `text`; anything else in it is skipped.
  public init(text: String) {
    for word in text.split(separator: " ") {
      let numbers = word.split(separator: ":").compactMap { Int($0) }
      if numbers.count == 2 { byLayer[numbers[0], default: 0] += numbers[1] }
    }
  }

  /// The sum of several counts.
  public init(sum counts: some Sequence<ExitCounts>) {
    for count in counts { byLayer.merge(count.byLayer, uniquingKeysWith: +) }
  }

  /// The number of exited tokens.
  public var total: Int { byLayer.values.reduce(0, +) }

  /// The counts by rising layer, as `7:3 11:5`; empty without exits.
  public var text: String {
    byLayer.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " ")
  }

  /// The share of all tokens that exited after each layer, as `L7 3.1 %, L11 5.0 %`.
  public func shares(of tokens: Int) -> String {
    if byLayer.isEmpty || tokens == 0 { return "–" }
    return byLayer.sorted { $0.key < $1.key }.map { layer, count in
      let share = NumberFormat.text(.real(Double(count) / Double(tokens)), .percent(1))
      return "L\(layer) \(share)"
    }.joined(separator: ", ")
  }
}
