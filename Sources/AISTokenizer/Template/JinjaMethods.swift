/// The methods of strings, dicts, lists and `loop`.
extension JinjaInterpreter {
  static func methods(of value: JinjaValue) -> Set<JinjaName> {
    switch value {
    case .string: stringMethods
    case .dict: dictMethods
    case .list, .tuple: listMethods
    default: []
    }
  }

  /// Methods that would change the value; the sandbox hides them.
  static func forbiddenMethods(of value: JinjaValue) -> Set<JinjaName> {
    switch value {
    case .dict: forbiddenDictMethods
    case .list: forbiddenListMethods
    default: []
    }
  }

  // Stored, because every look-up of an attribute searches them.
  private static let dictMethods: Set<JinjaName> = ["items", "keys", "values", "get", "copy"]
  private static let listMethods: Set<JinjaName> = ["index", "count"]
  private static let forbiddenDictMethods: Set<JinjaName> = [
    "clear", "pop", "popitem", "setdefault", "update",
  ]
  private static let forbiddenListMethods: Set<JinjaName> = [
    "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
  ]

  private static let stringMethods: Set<JinjaName> = [
    "upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "split", "rsplit",
    "splitlines", "startswith", "endswith", "replace", "find", "rfind", "index", "count", "join",
    "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "removeprefix",
    "removesuffix", "partition", "rpartition", "zfill", "ljust", "rjust", "format",
  ]

  func callMethod(
    _ name: JinjaName, of value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    switch value {
    case .string(let text): return try callMethod(name, of: text, arguments)
    case .dict(let dict): return try callMethod(name, of: dict, arguments)
    case .list(let list), .tuple(let list):
      let element = try required(try arguments.bound(to: ["value"], of: name)[0], "value", name)
      let places = try list.items.indices.filter {
        try JinjaOperators.isEqual(list.items[$0], element, budget)
      }
      if name == "count" { return .integer(places.count) }
      guard let place = places.first else {
        throw ChatTemplateError(.value, "the list has no such element to find the index of")
      }
      return .integer(place)
    case .loop(let loop):
      guard !arguments.positional.isEmpty, arguments.named.isEmpty else {
        throw ChatTemplateError(.value, "'cycle' takes the values to cycle through")
      }
      return arguments.positional[loop.index % arguments.positional.count]
    default:
      throw ChatTemplateError(.value, "a value of type \(value.typeName) has no method '\(name)'")
    }
  }

  func required(
    _ value: JinjaValue?, _ argument: JinjaName, _ callee: JinjaName
  ) throws -> JinjaValue {
    guard let value else {
      throw ChatTemplateError(.value, "'\(callee)' needs the argument '\(argument)'")
    }
    return value
  }

  private func callMethod(
    _ name: JinjaName, of dict: JinjaDict, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    if name == "get" {
      guard arguments.named.isEmpty else {
        throw ChatTemplateError(.value, "'get' takes no named arguments")
      }
      let bound = try arguments.bound(to: ["key", "default"], of: name)
      let key = try required(bound[0], "key", name)
      return try dict.value(for: key, budget) ?? bound[1] ?? .none
    }
    _ = try arguments.bound(to: [], of: name)
    switch name {
    case "copy": return .dict(dict)
    default: break
    }
    try budget.charge(dict.keys.count)
    switch name {
    case "keys": return .view(try JinjaView(.keys, dict.keys))
    case "values": return .view(try JinjaView(.values, dict.values))
    default: return .view(try JinjaView(.items, try dict.items(budget)))
    }
  }

  // MARK: Arguments

  /// The arguments of a method that accepts no named arguments in Python.
  func positional(
    _ arguments: JinjaCallArguments, upTo names: [JinjaName], of method: JinjaName
  ) throws -> [JinjaValue?] {
    guard arguments.named.isEmpty else {
      throw ChatTemplateError(.value, "'\(method)' takes no named arguments")
    }
    return try arguments.bound(to: names, of: "'\(method)'")
  }

  func requiredText(
    _ value: JinjaValue?, _ argument: JinjaName, _ callee: JinjaName
  ) throws -> Scalars {
    let value = try required(value, argument, callee)
    if case .string(let text) = value { return text }
    if case .undefined(let what) = value { throw ChatTemplateError(.undefined, what) }
    throw ChatTemplateError(
      .value, "'\(callee)' expects a string as '\(argument)', found \(value.typeName)")
  }

  func optionalText(_ value: JinjaValue?, _ callee: JinjaName) throws -> Scalars? {
    guard let value else { return nil }
    if case .none = value { return nil }
    return try requiredText(value, "text", callee)
  }

  func whole(_ value: JinjaValue, _ callee: JinjaName) throws -> Int {
    guard let index = value.index else {
      throw ChatTemplateError(
        .value, "'\(callee)' expects a whole number, found \(value.typeName)")
    }
    return index
  }
}
