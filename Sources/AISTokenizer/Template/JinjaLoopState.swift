/// The variable `loop`.
final class JinjaLoopState {
  let items: [JinjaValue]
  let depth: Int
  /// The weight of the value that the items come from: at least that of the items.
  let weight: Int
  let nesting: Int
  var index = 0

  /// The state of a loop over `items`, which are all or some of the elements of `source`.
  init(_ items: [JinjaValue], of source: JinjaValue, depth: Int) {
    self.items = items
    weight = source.weight
    nesting = source.nesting
    self.depth = depth
  }

  /// The attribute of `loop` with this name, if there is one.
  func attribute(_ name: JinjaName) -> JinjaValue? {
    switch name {
    case "index": .integer(index + 1)
    case "index0": .integer(index)
    case "revindex": .integer(items.count - index)
    case "revindex0": .integer(items.count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index == items.count - 1)
    case "length": .integer(items.count)
    case "depth": .integer(depth)
    case "depth0": .integer(depth - 1)
    case "previtem": index > 0 ? items[index - 1] : .undefined("there is no previous item")
    case "nextitem":
      index + 1 < items.count ? items[index + 1] : .undefined("there is no next item")
    case "cycle": .function(.method(.loop(self), name))
    default: nil
    }
  }
}
