/// How many tokens left behind which layer, as one cell of a table: `7:3 11:5`.
public struct ExitCounts: Sendable, Equatable {
  /// Tokens that left, by the layer behind which they did.
  public private(set) var byLayer: [Int: Int] = [:]

  /// Nobody left.
  public init() {}

  /// The layers behind which tokens left; negative ones are of tokens that ran all.
  public init(_ layers: some Sequence<Int>) {
    for layer in layers where layer >= 0 { byLayer[layer, default: 0] += 1 }
  }

  /// The counts that `text` spells; what is no count is passed over.
  public init(text: String) {
    for word in text.split(separator: " ") {
      let numbers = word.split(separator: ":").compactMap { Int($0) }
      if numbers.count == 2 { byLayer[numbers[0], default: 0] += numbers[1] }
    }
  }

  /// All counts together.
  public init(sum counts: some Sequence<ExitCounts>) {
    for count in counts { byLayer.merge(count.byLayer, uniquingKeysWith: +) }
  }

  /// Tokens that left.
  public var total: Int { byLayer.values.reduce(0, +) }

  /// The counts by rising layer, as `7:3 11:5`; empty where nobody left.
  public var text: String {
    byLayer.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " ")
  }

  /// For people: the share of all tokens that left behind each layer, as `L7 3.1 %, L11 5.0 %`.
  public func shares(of tokens: Int) -> String {
    if byLayer.isEmpty || tokens == 0 { return "–" }
    return byLayer.sorted { $0.key < $1.key }.map { layer, count in
      let share = NumberFormat.text(.real(Double(count) / Double(tokens)), .percent(1))
      return "L\(layer) \(share)"
    }.joined(separator: ", ")
  }
}
