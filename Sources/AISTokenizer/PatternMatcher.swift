/// Runs a split pattern over a text, with a limit on the total number of steps.
struct PatternMatcher {
  /// The search took more steps, or kept more choices open, than allowed.
  struct Exhausted: Error {}

  /// Choices that may be open at once; limits the memory of one match.
  private static let choiceLimit = 1 << 22

  private struct Choice {
    var instruction: Int
    var position: Int
    /// The position down to which a greedy run may give back; −1 for any other choice.
    var shortest: Int
    /// The number of scalars that a lazy run may still take; −1 for any other choice.
    var more: Int = -1
  }

  private let pattern: SplitPattern
  private let text: UnsafeBufferPointer<UInt8>
  private var choices: [Choice] = []
  /// Steps that remain for all further matches; below 0 once they are spent.
  private(set) var stepsLeft: Int

  /// A matcher of `pattern` over `text`, which must outlive it.
  init(_ pattern: SplitPattern, _ text: UnsafeBufferPointer<UInt8>, steps: Int) {
    self.pattern = pattern
    self.text = text
    stepsLeft = steps
  }

  /// The first match that begins at `start` or later.
  mutating func firstMatch(from start: Int) throws(Exhausted) -> Range<Int>? {
    var position = start
    defer { stepsLeft -= (position - start) >> 4 }
    while position < text.count {
      let candidates = pattern.dispatch[Int(text[position])]
      if candidates != 0, let end = try match(at: position, candidates) { return position..<end }
      position += text[position] < 0x80 ? 1 : UTF8Scan.scalar(text, at: position).length
    }
    return try match(at: position, .max).map { position..<$0 }
  }

  private mutating func match(at position: Int, _ candidates: UInt64) throws(Exhausted) -> Int? {
    for (bit, start) in pattern.alternatives.enumerated() where candidates >> UInt64(bit) & 1 != 0 {
      if let end = try run(start, position) { return end }
    }
    return nil
  }

  private mutating func push(_ choice: Choice) throws(Exhausted) {
    guard choices.count < Self.choiceLimit else { throw Exhausted() }
    choices.append(choice)
  }

  /// Spends steps for looking up scalars outside ASCII, which takes longer the more parts a set has.
  private mutating func pay(forLookups count: Int, in set: Int) {
    stepsLeft -= (count * (1 + pattern.sets[set].lookupCost)) >> 2
  }

  /// The end of the match of the program at `start`, or `nil`.
  private mutating func run(_ start: Int, _ origin: Int) throws(Exhausted) -> Int? {
    let base = choices.count
    defer { choices.removeLast(choices.count - base) }
    var instruction = start
    var position = origin
    while true {
      stepsLeft -= 1
      if stepsLeft < 0 { throw Exhausted() }
      var succeeded = true
      switch pattern.instructions[instruction] {
      case .match:
        return position
      case .set(let set):
        if position < text.count, case let scalar = UTF8Scan.scalar(text, at: position),
          pattern.sets[set].contains(scalar.value)
        {
          position += scalar.length
          instruction += 1
        } else {
          succeeded = false
        }
        if pattern.sets[set].lookupCost > 0 { pay(forLookups: 1, in: set) }
      case .run(let set, let atLeast, let atMost, let greed):
        succeeded = try takeRun(set, atLeast, atMost, greed, instruction, &position)
        instruction += 1
      case .split(let first, let second):
        try push(Choice(instruction: second, position: position, shortest: -1))
        instruction = first
      case .jump(let target):
        instruction = target
      case .lookahead(let end, let isNegative):
        succeeded = (try run(instruction + 1, position) != nil) != isNegative
        instruction = end
      case .lookbehind(let set, let isNegative):
        let isBehind =
          position > 0
          && pattern.sets[set].contains(UTF8Scan.scalarBefore(text, position).value)
        if pattern.sets[set].lookupCost > 0 { pay(forLookups: 1, in: set) }
        succeeded = isBehind != isNegative
        instruction += 1
      case .anchor(let anchor):
        succeeded = holds(anchor, position)
        instruction += 1
      case .atomic(let end):
        if let reached = try run(instruction + 1, position) {
          position = reached
          instruction = end
        } else {
          succeeded = false
        }
      }
      if !succeeded {
        guard let choice = backtrack(to: base) else { return nil }
        instruction = choice.instruction
        position = choice.position
      }
    }
  }

  private mutating func takeRun(
    _ set: Int, _ atLeast: Int, _ atMost: Int, _ greed: PatternGreed, _ instruction: Int,
    _ position: inout Int
  ) throws(Exhausted) -> Bool {
    let bound = greed == .lazy ? atLeast : atMost
    var count = 0
    var lookups = 0
    var shortest = position
    let start = position
    pattern.sets.withUnsafeBufferPointer { sets in
      while count < bound, position < text.count {
        let byte = text[position]
        if byte < 0x80 {
          guard sets[set].containsASCII(byte) else { break }
          position += 1
        } else {
          let scalar = UTF8Scan.scalar(text, at: position)
          lookups += 1
          guard sets[set].contains(scalar.value) else { break }
          position += scalar.length
        }
        count += 1
        if count == atLeast { shortest = position }
      }
    }
    stepsLeft -= count >> 4
    pay(forLookups: lookups, in: set)
    if count < atLeast { return false }
    if atLeast == 0 { shortest = start }
    switch greed {
    case .possessive: break
    case .greedy:
      if position > shortest {
        try push(Choice(instruction: instruction + 1, position: position, shortest: shortest))
      }
    case .lazy:
      if atMost > atLeast {
        try push(
          Choice(
            instruction: instruction, position: position, shortest: -1, more: atMost - atLeast))
      }
    }
    return true
  }

  /// Goes back to the latest choice above `base`; returns where to go on, or `nil` if there is none.
  private mutating func backtrack(to base: Int) -> (instruction: Int, position: Int)? {
    while choices.count > base {
      let top = choices.count - 1
      let choice = choices[top]
      if choice.more >= 0 {
        if let taken = takeOneMore(choice, top) { return taken }
        choices.removeLast()
        continue
      }
      guard choice.shortest >= 0 else {
        choices.removeLast()
        return (choice.instruction, choice.position)
      }
      let position = choice.position - UTF8Scan.scalarBefore(text, choice.position).length
      if position > choice.shortest {
        choices[top].position = position
      } else {
        choices.removeLast()
      }
      return (choice.instruction, position)
    }
    return nil
  }

  private mutating func takeOneMore(
    _ choice: Choice, _ top: Int
  ) -> (instruction: Int, position: Int)? {
    guard choice.more > 0, choice.position < text.count,
      case .run(let set, _, _, _) = pattern.instructions[choice.instruction]
    else { return nil }
    let scalar = UTF8Scan.scalar(text, at: choice.position)
    if pattern.sets[set].lookupCost > 0 { pay(forLookups: 1, in: set) }
    guard pattern.sets[set].contains(scalar.value) else { return nil }
    choices[top].position = choice.position + scalar.length
    choices[top].more = choice.more - 1
    return (choice.instruction + 1, choice.position + scalar.length)
  }

  private func holds(_ anchor: PatternAnchor, _ position: Int) -> Bool {
    switch anchor {
    case .textStart: return position == 0
    case .textEnd: return position == text.count
    case .textEndOrLastNewline:
      return position == text.count || (position == text.count - 1 && text[position] == 10)
    case .lineStart: return position == 0 || text[position - 1] == 10
    case .lineEnd: return position == text.count || text[position] == 10
    case .wordBoundary: return isWordBoundary(position)
    case .noWordBoundary: return !isWordBoundary(position)
    }
  }

  private func isWordBoundary(_ position: Int) -> Bool {
    let before =
      position > 0 && UnicodeCategory.isPatternWord(UTF8Scan.scalarBefore(text, position).value)
    let after =
      position < text.count
      && UnicodeCategory.isPatternWord(UTF8Scan.scalar(text, at: position).value)
    return before != after
  }
}
