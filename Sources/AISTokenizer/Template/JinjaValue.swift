/// A value while a template runs; it behaves as the corresponding Python object.
///
/// Lists and dicts do not change, because jinja2's immutable sandbox allows no changes.
enum JinjaValue {
  /// A missing value; the text says what is missing, for the error if the value is used.
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case string(Scalars)
  /// The result of `safe`: prints as text, but escapes the HTML of any text that is added to it.
  case markup(Scalars)
  case list(JinjaList)
  case tuple(JinjaList)
  case dict(JinjaDict)
  /// A range or a dict's keys, values or items: has a length and can be reused, but is no list.
  case view(JinjaView)
  /// The result of a lazy filter: elements that can be iterated over once.
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

  /// Number of nodes in the tree of this value; a shared node counts each time it occurs.
  ///
  /// It is limited, because a template can build a tree of 2^n nodes in n steps.
  var weight: Int {
    switch self {
    case .string(let text), .markup(let text): 1 + text.count / 64
    case .list(let list), .tuple(let list): list.weight
    case .dict(let dict): dict.weight
    case .view(let view): view.list.weight
    case .iterator(let iterator): iterator.list.weight
    case .loop(let loop): loop.weight
    case .function(.method(let value, _)): value.weight
    // A namespace or a macro's scope changes, and nothing iterates over its contents.
    case .undefined, .none, .bool, .integer, .float, .namespace, .function: 1
    }
  }

  /// The depth of nested lists and dicts, which is the depth of recursion when they are freed.
  var nesting: Int {
    switch self {
    case .list(let list), .tuple(let list): list.nesting
    case .dict(let dict): dict.nesting
    case .view(let view): view.list.nesting
    case .iterator(let iterator): iterator.list.nesting
    case .loop(let loop): loop.nesting
    case .function(.method(let value, _)): value.nesting
    // A namespace refuses values that refer to anything mutable, so it adds at most one such tree.
    // A macro has at most as many enclosing scopes as there were nested evaluations, and a scope
    // drops its variables when it is closed.
    case .undefined, .none, .bool, .integer, .float, .string, .markup, .namespace, .function: 0
    }
  }

  /// True if the value contains something mutable, which could later contain itself.
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

  /// The value as a whole number, if Python would accept it as an index.
  var index: Int? {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}
