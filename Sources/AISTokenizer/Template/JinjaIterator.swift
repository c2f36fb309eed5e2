/// Elements that can be iterated over once.
final class JinjaIterator {
  let list: JinjaList
  private var isSpent = false

  init(_ items: [JinjaValue]) throws { list = try JinjaList(items) }

  /// The elements; none after the first call.
  func take() -> [JinjaValue] {
    defer { isSpent = true }
    return isSpent ? [] : list.items
  }
}
