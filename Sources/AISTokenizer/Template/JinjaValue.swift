/// A value while a template runs, with the meaning of the Python object it stands for.
///
/// Lists and dicts are values: jinja2's immutable sandbox lets templates change neither.
enum JinjaValue {
  /// A missing value and what is missing, for the error if the value is used.
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case string(Scalars)
  /// What `safe` gives: prints as text, but escapes the HTML of what is added to it.
  case markup(Scalars)
  case list(JinjaList)
  case tuple(JinjaList)
  case dict(JinjaDict)
  /// A range or a dict's keys, values or items: sized and reusable, but no list.
  case view(JinjaView)
  /// What a lazy filter gives: elements that can be walked through once.
  case iterator(JinjaIterator)
  case namespace(JinjaNamespace)
  case loop(JinjaLoopState)
  case function(JinjaFunction)

  static func text(_ text: String) -> JinjaValue { .string(Scalars(text)) }

  /// Python's name for the type, for messages.
  var typeName: String {
    switch self {
    case .undefined: "undefined"
    case .none: "none"
    case .bool: "bool"
    case .integer: "int"
    case .float: "float"
    case .string: "str"
    case .markup: "markup"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .view(let view): view.kind.rawValue
    case .iterator: "iterator"
    case .namespace: "namespace"
    case .loop: "loop"
    case .function: "function"
    }
  }

  /// The nodes of the tree below, shared ones counted every time they occur.
  ///
  /// Capped, since a template can build a tree of 2^n nodes in n steps.
  var weight: Int {
    switch self {
    case .string(let text), .markup(let text): 1 + text.count / 64
    case .list(let list), .tuple(let list): list.weight
    case .dict(let dict): dict.weight
    case .view(let view): view.list.weight
    case .iterator(let iterator): iterator.list.weight
    case .loop(let loop): loop.weight
    case .function(.method(let value, _)): value.weight
    // A namespace or a macro's scope changes, and nothing walks through what they hold.
    case .undefined, .none, .bool, .integer, .float, .namespace, .function: 1
    }
  }

  /// How many lists and dicts lie inside each other here, which is how deep freeing them recurses.
  var nesting: Int {
    switch self {
    case .list(let list), .tuple(let list): list.nesting
    case .dict(let dict): dict.nesting
    case .view(let view): view.list.nesting
    case .iterator(let iterator): iterator.list.nesting
    case .loop(let loop): loop.nesting
    case .function(.method(let value, _)): value.nesting
    // A namespace refuses what refers to anything that changes, so it adds one such tree at most.
    // The scopes around a macro are as many as evaluations were under way, and each lets go of its
    // variables when it is closed.
    case .undefined, .none, .bool, .integer, .float, .string, .markup, .namespace, .function: 0
    }
  }

  /// True where something mutable is inside, which could come to contain itself.
  var holdsReference: Bool {
    switch self {
    case .list(let list), .tuple(let list): list.holdsReference
    case .dict(let dict): dict.holdsReference
    case .view(let view): view.list.holdsReference
    case .iterator, .namespace, .loop, .function: true
    default: false
    }
  }

  /// Python's truth value.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .list(let list), .tuple(let list): !list.items.isEmpty
    case .dict(let dict): !dict.keys.isEmpty
    case .view(let view): !view.list.items.isEmpty
    case .iterator, .namespace, .loop, .function: true
    }
  }

  /// The value as a whole number where Python would take it as an index.
  var index: Int? {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}

/// The elements of a list or tuple, with what limits need to know about them.
final class JinjaList {
  let items: [JinjaValue]
  let weight: Int
  let nesting: Int
  let holdsReference: Bool

  init(_ items: [JinjaValue]) throws {
    guard items.count <= TemplateLimits.elements else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.elements) elements, found \(items.count)")
    }
    self.items = items
    weight = try JinjaList.weight(of: items)
    nesting = 1 + (items.lazy.map(\.nesting).max() ?? 0)
    holdsReference = items.contains { $0.holdsReference }
    guard nesting <= TemplateLimits.valueNesting else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.valueNesting) lists inside lists")
    }
  }

  private static func weight(of items: [JinjaValue]) throws -> Int {
    // Each weight is below the limit already, so the sum of a million of them fits.
    let weight = items.reduce(1) { $0 + $1.weight }
    guard weight <= TemplateLimits.steps else {
      throw ChatTemplateError(.limit, "expected at most \(TemplateLimits.steps) nested elements")
    }
    return weight
  }
}

/// Named values in order of first insertion.
final class JinjaDict {
  let keys: [JinjaValue]
  let values: [JinjaValue]
  let weight: Int
  let nesting: Int
  let holdsReference: Bool
  private let places: [Key: Int]

  /// What makes two keys the same: `1`, `1.0` and `true` are one key in Python.
  private enum Key: Hashable {
    case none
    case integer(Int)
    case float(Double)
    case string(Scalars)

    init(_ value: JinjaValue) throws {
      switch value {
      case .none: self = .none
      case .bool(let value): self = .integer(value ? 1 : 0)
      case .integer(let value): self = .integer(value)
      case .float(let value):
        self = Int(exactly: value).map { .integer($0) } ?? .float(value)
      case .string(let text): self = .string(text)
      case .tuple:
        throw ChatTemplateError(
          .unsupported, "a tuple as a key is outside the part of Jinja that is implemented")
      default:
        throw ChatTemplateError(.value, "expected a key, found a value of type \(value.typeName)")
      }
    }
  }

  init(_ pairs: [(key: JinjaValue, value: JinjaValue)]) throws {
    var keys: [JinjaValue] = []
    var values: [JinjaValue] = []
    var places: [Key: Int] = [:]
    for (key, value) in pairs {
      let identity = try Key(key)
      if let place = places[identity] {
        values[place] = value
      } else {
        places[identity] = keys.count
        keys.append(key)
        values.append(value)
      }
    }
    let measured = try JinjaList(values)
    let names = try JinjaList(keys)
    self.keys = keys
    self.values = values
    self.places = places
    weight = measured.weight + names.weight
    nesting = measured.nesting
    holdsReference = measured.holdsReference
  }

  /// The value under `key`, `nil` where there is none; pays for reading the key.
  func value(for key: JinjaValue, _ budget: TemplateBudget) throws -> JinjaValue? {
    try JinjaDict.charge(for: key, budget)
    return try places[Key(key)].map { values[$0] }
  }

  /// Pays for hashing a key.
  static func charge(for key: JinjaValue, _ budget: TemplateBudget) throws {
    if case .string(let text) = key { try budget.charge(1 + text.count >> 3) }
  }

  /// The value under a name, `nil` where there is none; pays for reading the name.
  func value(named name: JinjaName, _ budget: TemplateBudget) throws -> JinjaValue? {
    try budget.charge(name.cost)
    return places[.string(Scalars(name.text))].map { values[$0] }
  }

  /// The members as tuples of key and value.
  func items(_ budget: TemplateBudget) throws -> [JinjaValue] {
    try budget.charge(4 * keys.count)
    return try zip(keys, values).map { .tuple(try JinjaList([$0, $1])) }
  }
}

/// Elements that are no list to `is sequence`, printing and indexing.
final class JinjaView {
  enum Kind: String {
    case range
    case keys = "dict_keys"
    case values = "dict_values"
    case items = "dict_items"
  }

  let kind: Kind
  let list: JinjaList
  /// What `str` gives for a range.
  let description: String

  init(_ kind: Kind, _ items: [JinjaValue], description: String = "") throws {
    self.kind = kind
    self.description = description
    list = try JinjaList(items)
  }
}

/// Elements that are gone once they have been walked through.
final class JinjaIterator {
  let list: JinjaList
  private var isSpent = false

  init(_ items: [JinjaValue]) throws { list = try JinjaList(items) }

  /// The elements, the first time.
  func take() -> [JinjaValue] {
    defer { isSpent = true }
    return isSpent ? [] : list.items
  }
}

/// What `namespace()` makes: the one thing a template can change inside a loop.
final class JinjaNamespace {
  private(set) var attributes: [JinjaName: JinjaValue] = [:]

  /// Sets an attribute, unless its value could lead back here: nothing would free the cycle.
  func set(_ name: JinjaName, to value: JinjaValue) throws {
    if name.text.utf8.first == UInt8(ascii: "_") {
      throw ChatTemplateError(.value, "expected no underscore in front of the attribute '\(name)'")
    }
    if value.holdsReference {
      throw ChatTemplateError(
        .unsupported,
        "a \(value.typeName) inside a namespace is outside the part of Jinja that is implemented")
    }
    attributes[name] = value
  }
}

/// The variable `loop`.
final class JinjaLoopState {
  let items: [JinjaValue]
  let depth: Int
  /// Of what the items come from: no less than the items' own.
  let weight: Int
  let nesting: Int
  var index = 0

  /// The state of a loop over `items`, all or some of those of `source`.
  init(_ items: [JinjaValue], of source: JinjaValue, depth: Int) {
    self.items = items
    weight = source.weight
    nesting = source.nesting
    self.depth = depth
  }

  /// An attribute of `loop`, if it has one of that name.
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

/// Something that can be called.
indirect enum JinjaFunction {
  case global(JinjaName)
  case method(JinjaValue, JinjaName)
  /// A macro and the scope it was defined in, whose variables it sees.
  case macro(JinjaMacro, JinjaScope)
}

/// Variables, and the scope around them.
final class JinjaScope {
  private var variables: [JinjaName: JinjaValue]
  private let parent: JinjaScope?

  init(_ variables: [JinjaName: JinjaValue] = [:], in parent: JinjaScope? = nil) {
    self.variables = variables
    self.parent = parent
  }

  /// The variable `name`; pays for each scope that is asked.
  func value(named name: JinjaName, _ budget: TemplateBudget) throws -> JinjaValue? {
    var scope: JinjaScope? = self
    while let here = scope {
      try budget.charge(name.cost)
      if let value = here.variables[name] { return value }
      scope = here.parent
    }
    return nil
  }

  /// Sets a variable of this scope; pays for reading its name.
  func set(_ name: JinjaName, to value: JinjaValue, _ budget: TemplateBudget) throws {
    try budget.charge(name.cost)
    variables[name] = value
  }

  /// Lets go of the variables: a macro among them refers to this scope.
  func close() { variables = [:] }
}
