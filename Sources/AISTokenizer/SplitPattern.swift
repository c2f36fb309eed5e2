/// A regular expression that finds the words of a text.
///
/// Patterns are small and texts are long, so a pattern is compiled once into a program. Its most
/// common step, "as many of this class as possible", is one instruction. Before an alternative is
/// tried, the next byte shows whether it can match.
struct SplitPattern: Sendable {
  enum Instruction: Sendable {
    /// One scalar of the set.
    case set(Int)
    /// A run of scalars of the set.
    case run(set: Int, atLeast: Int, atMost: Int, PatternGreed)
    /// Continues at `first`, and if that fails at `second`.
    case split(first: Int, second: Int)
    case jump(Int)
    /// The instructions up to `end` must match, or must not if negative; they consume nothing.
    case lookahead(end: Int, isNegative: Bool)
    case lookbehind(set: Int, isNegative: Bool)
    case anchor(PatternAnchor)
    /// The instructions up to `end` match once; no other way of matching them is tried later.
    case atomic(end: Int)
    /// The end of the pattern, or of a lookahead or atomic group.
    case match
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [ScalarSet] = []
  /// The number of each set; empty after compiling.
  private var numbers: [ScalarSet: Int] = [:]
  /// Number of parts of all sets that were added, repeated ones included.
  private var partCount = 0
  /// The first instruction of each alternative.
  private(set) var alternatives: [Int] = []
  /// For each first byte, the alternatives that can begin with it, a bit for each.
  private(set) var dispatch: [UInt64] = []

  /// Compiles `pattern`.
  ///
  /// Throws: `PatternParser.Failure` for syntax outside the subset.
  init(_ pattern: some Collection<UInt8>) throws(PatternParser.Failure) {
    try self.init(PatternParser.parse(pattern))
  }

  /// Compiles a parsed pattern.
  init(_ node: PatternNode) throws(PatternParser.Failure) {
    var branches = [node]
    if case .alternation(let nodes) = node { branches = nodes }
    if branches.count > 64 { branches = [node] }
    dispatch = Array(repeating: 0, count: 256)
    for (bit, branch) in branches.enumerated() {
      alternatives.append(instructions.count)
      try emit(branch)
      instructions.append(.match)
      let first = FirstBytes(of: branch)
      for byte in 0..<256 where first.contains(byte) { dispatch[byte] |= 1 << UInt64(bit) }
    }
    numbers = [:]
  }

  private mutating func add(_ set: ScalarSet) throws(PatternParser.Failure) -> Int {
    // Comparing sets takes time for their parts, each time that a repetition adds them.
    partCount += 1 + set.partCount
    guard partCount <= 1 << 20 else {
      throw PatternParser.Failure(
        expected: "a split pattern whose classes have at most 1048576 parts in all its steps",
        found: "more")
    }
    if let number = numbers[set] { return number }
    numbers[set] = sets.count
    sets.append(set)
    return sets.count - 1
  }

  private mutating func emit(_ node: PatternNode) throws(PatternParser.Failure) {
    guard instructions.count < 1 << 16 else {
      throw PatternParser.Failure(
        expected: "a split pattern of at most 65536 steps", found: "a longer one")
    }
    switch node {
    case .set(let set):
      instructions.append(.set(try add(set)))
    case .sequence(let nodes):
      for node in nodes { try emit(node) }
    case .alternation(let nodes):
      try emit(alternation: nodes)
    case .repetition(.set(let set), let atLeast, let atMost, let greed):
      instructions.append(
        .run(set: try add(set), atLeast: atLeast, atMost: atMost ?? .max, greed))
    case .repetition(let node, let atLeast, let atMost, let greed):
      try emit(repetition: node, atLeast, atMost, greed)
    case .lookahead(let node, let isNegative):
      let start = instructions.count
      instructions.append(.match)
      try emit(node)
      instructions.append(.match)
      instructions[start] = .lookahead(end: instructions.count, isNegative: isNegative)
    case .lookbehind(let set, let isNegative):
      instructions.append(.lookbehind(set: try add(set), isNegative: isNegative))
    case .anchor(let anchor):
      instructions.append(.anchor(anchor))
    case .atomic(let node):
      try emit(atomic: node)
    }
  }

  private mutating func emit(atomic node: PatternNode) throws(PatternParser.Failure) {
    let start = instructions.count
    instructions.append(.match)
    try emit(node)
    instructions.append(.match)
    instructions[start] = .atomic(end: instructions.count)
  }

  private mutating func emit(alternation nodes: [PatternNode]) throws(PatternParser.Failure) {
    var exits: [Int] = []
    for (index, node) in nodes.enumerated() {
      guard index + 1 < nodes.count else {
        try emit(node)
        break
      }
      let start = instructions.count
      instructions.append(.match)
      try emit(node)
      exits.append(instructions.count)
      instructions.append(.match)
      instructions[start] = .split(first: start + 1, second: instructions.count)
    }
    for exit in exits { instructions[exit] = .jump(instructions.count) }
  }

  private mutating func emit(
    repetition node: PatternNode, _ atLeast: Int, _ atMost: Int?, _ greed: PatternGreed
  ) throws(PatternParser.Failure) {
    if greed == .possessive {
      return try emit(
        atomic: .repetition(node, atLeast: atLeast, atMost: atMost, .greedy))
    }
    for _ in 0..<atLeast { try emit(node) }
    guard let atMost else {
      let start = instructions.count
      instructions.append(.match)
      try emit(node)
      instructions.append(.jump(start))
      instructions[start] = fork(start + 1, instructions.count, greed)
      return
    }
    var forks: [Int] = []
    for _ in atLeast..<max(atLeast, atMost) {
      forks.append(instructions.count)
      instructions.append(.match)
      try emit(node)
    }
    for index in forks { instructions[index] = fork(index + 1, instructions.count, greed) }
  }

  private func fork(_ inside: Int, _ outside: Int, _ greed: PatternGreed) -> Instruction {
    greed == .lazy
      ? .split(first: outside, second: inside) : .split(first: inside, second: outside)
  }
}

/// The bytes with which a match can begin.
private struct FirstBytes {
  private var ascii: [Bool] = Array(repeating: false, count: 128)
  private var others = false

  init(of node: PatternNode) {
    if Self.collect(node, into: &self) { self.addAll() }
  }

  func contains(_ byte: Int) -> Bool { byte < 128 ? ascii[byte] : others }

  private mutating func addAll() {
    ascii = Array(repeating: true, count: 128)
    others = true
  }

  private mutating func add(_ set: ScalarSet) {
    for byte in 0..<128 where set.containsASCII(UInt8(byte)) { ascii[byte] = true }
    if set.mayContainNonASCII { others = true }
  }

  /// Adds the bytes that `node` can begin with; returns true if the next node can also be first.
  private static func collect(_ node: PatternNode, into bytes: inout FirstBytes) -> Bool {
    switch node {
    case .set(let set):
      bytes.add(set)
      return false
    case .sequence(let nodes):
      for node in nodes where !collect(node, into: &bytes) { return false }
      return true
    case .alternation(let nodes):
      var isOpen = false
      for node in nodes where collect(node, into: &bytes) { isOpen = true }
      return isOpen
    case .repetition(let node, let atLeast, _, _):
      return collect(node, into: &bytes) || atLeast == 0
    case .atomic(let node):
      return collect(node, into: &bytes)
    case .lookahead, .lookbehind, .anchor:
      return true
    }
  }
}
