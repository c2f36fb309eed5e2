/// Elements that `is sequence`, printing and indexing do not treat as a list.
final class JinjaView {
  enum Kind: String {
    case range
    case keys = "dict_keys"
    case values = "dict_values"
    case items = "dict_items"
  }

  let kind: Kind
  let list: JinjaList
  /// The text of a range in Python's `str`.
  let description: String

  init(_ kind: Kind, _ items: [JinjaValue], description: String = "") throws {
    self.kind = kind
    self.description = description
    list = try JinjaList(items)
  }
}
