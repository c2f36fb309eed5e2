/// The syntax tree of a split pattern.
indirect enum PatternNode: Equatable {
  case set(ScalarSet)
  case sequence([PatternNode])
  case alternation([PatternNode])
  case repetition(PatternNode, atLeast: Int, atMost: Int?, PatternGreed)
  case lookahead(PatternNode, isNegative: Bool)
  /// One scalar before the position; patterns of tokenizers need no more.
  case lookbehind(ScalarSet, isNegative: Bool)
  case anchor(PatternAnchor)
  case atomic(PatternNode)

  /// True if the node can match without consuming anything.
  var matchesEmpty: Bool {
    switch self {
    case .set: false
    case .sequence(let nodes): nodes.allSatisfy(\.matchesEmpty)
    case .alternation(let nodes): nodes.contains(where: \.matchesEmpty)
    case .repetition(let node, let atLeast, _, _): atLeast == 0 || node.matchesEmpty
    case .lookahead, .lookbehind, .anchor: true
    case .atomic(let node): node.matchesEmpty
    }
  }
}

/// How much a repetition consumes before the rest of the pattern is tried.
enum PatternGreed: Equatable {
  case greedy
  case lazy
  /// Like `greedy`, but never gives anything back.
  case possessive
}

/// A condition on a position; lines end at `\n`.
enum PatternAnchor: Equatable {
  case lineStart
  case lineEnd
  case textStart
  case textEnd
  case textEndOrLastNewline
  case wordBoundary
  case noWordBoundary
}
