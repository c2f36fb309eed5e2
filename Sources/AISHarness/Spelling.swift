/// Finds the word that a user may have meant.
package enum Spelling {
  /// The word of a list that is nearest to what was typed; `nil` if none is near.
  package static func nearest(to typed: String, among words: [String]) -> String? {
    let typed = typed.lowercased()
    let near = words.map { (word: $0, distance: distance(typed, $0.lowercased())) }
      .filter { $0.distance <= 1 + typed.count / 3 }
    return near.min { $0.distance < $1.distance }?.word
  }

  /// The number of letters to add, remove or change to turn one word into the other; two swapped
  /// neighbours count as one.
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { table[i][0] = i }
    for j in 0...b.count { table[0][j] = j }
    for i in 1...a.count {
      for j in 1...b.count {
        var least = min(
          table[i - 1][j] + 1, table[i][j - 1] + 1,
          table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          least = min(least, table[i - 2][j - 2] + 1)
        }
        table[i][j] = least
      }
    }
    return table[a.count][b.count]
  }
}
