/// A range of the text that is a token, or may become part of one.
struct Symbol {
  /// Its token, or −1 if it is none yet.
  var id: Int32
  /// Its range of bytes in the text.
  var start: Int32
  var end: Int32
  /// Its neighbours in the chain, or −1.
  var previous: Int32 = -1
  var next: Int32 = -1
  /// The merge with `next`; its rank is `.max` if there is none.
  var merge = Merge(rank: .max, id: -1)
  /// False after the symbol became part of the one before it.
  var isAlive = true
}

/// Decides which neighbours merge, by ranked pairs or by the scores of the joined pieces.
protocol MergeRule {
  /// The merge of two neighbours, if they have one.
  func merge(_ left: Symbol, _ right: Symbol, in text: UnsafeBufferPointer<UInt8>) -> Merge?
}

/// A chain of symbols that merge pair by pair: the lowest rank first, of equal ranks the leftmost.
///
/// Takes O(n log n) for n symbols, whatever the text. The buffers are reused.
struct MergeChain {
  private(set) var symbols: [Symbol] = []
  /// A binary min-heap of candidate merges: rank in the high half, left symbol in the low half.
  private var heap: [UInt64] = []

  /// Empties the chain, for a word of at most `capacity` symbols.
  mutating func reset(capacity: Int) {
    symbols.removeAll(keepingCapacity: true)
    // Growing later would for a while keep two copies of the longest words.
    symbols.reserveCapacity(capacity)
  }

  /// Adds a symbol at the end.
  mutating func append(id: Int32, start: Int, end: Int) {
    symbols.append(Symbol(id: id, start: Int32(start), end: Int32(end)))
  }

  /// Merges until no neighbours have a merge left.
  mutating func mergeAll<Rule: MergeRule>(_ rule: Rule, in text: UnsafeBufferPointer<UInt8>) {
    heap.removeAll(keepingCapacity: true)
    let count = symbols.count
    for index in 0..<count {
      symbols[index].previous = Int32(index) - 1
      symbols[index].next = index + 1 < count ? Int32(index) + 1 : -1
    }
    for index in 0..<count { offer(index, rule, text) }
    while let top = pop() {
      let left = Int(top & 0xFFFF_FFFF)
      // A candidate is stale once either half has merged with something else.
      guard symbols[left].isAlive, symbols[left].merge.rank == UInt32(top >> 32) else { continue }
      let right = Int(symbols[left].next)
      let after = symbols[right].next
      symbols[right].isAlive = false
      symbols[left].id = symbols[left].merge.id
      symbols[left].end = symbols[right].end
      symbols[left].next = after
      if after >= 0 { symbols[Int(after)].previous = Int32(left) }
      offer(left, rule, text)
      if symbols[left].previous >= 0 { offer(Int(symbols[left].previous), rule, text) }
    }
  }

  private mutating func offer<Rule: MergeRule>(
    _ left: Int, _ rule: Rule, _ text: UnsafeBufferPointer<UInt8>
  ) {
    let right = symbols[left].next
    guard right >= 0, let merge = rule.merge(symbols[left], symbols[Int(right)], in: text) else {
      symbols[left].merge = Merge(rank: .max, id: -1)
      return
    }
    symbols[left].merge = merge
    push(UInt64(merge.rank) << 32 | UInt64(left))
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    heap.withUnsafeMutableBufferPointer { heap in
      var child = heap.count - 1
      while child > 0 {
        let parent = (child - 1) / 2
        if heap[parent] <= entry { break }
        heap[child] = heap[parent]
        child = parent
      }
      heap[child] = entry
    }
  }

  private mutating func pop() -> UInt64? {
    guard let top = heap.first, let last = heap.popLast() else { return nil }
    heap.withUnsafeMutableBufferPointer { heap in
      guard !heap.isEmpty else { return }
      var parent = 0
      while true {
        var child = parent * 2 + 1
        if child >= heap.count { break }
        if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
        if heap[child] >= last { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = last
    }
    return top
  }
}
