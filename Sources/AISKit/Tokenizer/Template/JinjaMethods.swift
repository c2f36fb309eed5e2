/// Methods of strings, dicts, lists and `loop`.
extension JinjaInterpreter {
  static func methods(of value: JinjaValue) -> Set<String> {
    switch value {
    case .string: stringMethods
    case .dict: ["items", "keys", "values", "get", "copy"]
    case .list, .tuple: ["index", "count"]
    default: []
    }
  }

  /// Methods that would change the value, which the sandbox hides.
  static func forbiddenMethods(of value: JinjaValue) -> Set<String> {
    switch value {
    case .dict: ["clear", "pop", "popitem", "setdefault", "update"]
    case .list: ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"]
    default: []
    }
  }

  private static let stringMethods: Set<String> = [
    "upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "split", "rsplit",
    "splitlines", "startswith", "endswith", "replace", "find", "rfind", "index", "count", "join",
    "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "removeprefix",
    "removesuffix", "partition", "rpartition", "zfill", "ljust", "rjust", "format",
  ]

  func callMethod(
    _ name: String, of value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    switch value {
    case .string(let text): return try callMethod(name, of: text, arguments)
    case .dict(let dict): return try callMethod(name, of: dict, arguments)
    case .list(let list), .tuple(let list):
      let element = try required(try arguments.bound(to: ["value"], of: name)[0], "value", name)
      let places = list.items.indices.filter { JinjaOperators.isEqual(list.items[$0], element) }
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
    _ value: JinjaValue?, _ argument: String, _ callee: String
  ) throws -> JinjaValue {
    guard let value else {
      throw ChatTemplateError(.value, "'\(callee)' needs the argument '\(argument)'")
    }
    return value
  }

  private func callMethod(
    _ name: String, of dict: JinjaDict, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    if name == "get" {
      guard arguments.named.isEmpty else {
        throw ChatTemplateError(.value, "'get' takes no named arguments")
      }
      let bound = try arguments.bound(to: ["key", "default"], of: name)
      return try dict.value(for: try required(bound[0], "key", name)) ?? bound[1] ?? .none
    }
    _ = try arguments.bound(to: [], of: name)
    switch name {
    case "keys": return .view(try JinjaView(.keys, dict.keys))
    case "values": return .view(try JinjaView(.values, dict.values))
    case "items": return .view(try JinjaView(.items, try dict.items()))
    default: return .dict(dict)
    }
  }

  private func callMethod(
    _ name: String, of text: Scalars, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    switch name {
    case "split", "rsplit": return try split(text, name, arguments)
    case "strip", "lstrip", "rstrip":
      let bound = try positional(arguments, upTo: ["chars"], of: name)
      return .string(
        PythonText.strip(
          text, characters: try optionalText(bound[0], name), left: name != "rstrip",
          right: name != "lstrip"))
    case "startswith", "endswith":
      return .bool(try hasAffix(text, name, arguments))
    case "replace":
      let bound = try positional(arguments, upTo: ["old", "new", "count"], of: name)
      return .string(
        try replaced(
          text, try requiredText(bound[0], "old", name), try requiredText(bound[1], "new", name),
          limit: try bound[2].map { try whole($0, name) } ?? -1))
    case "removeprefix", "removesuffix", "partition", "rpartition", "find", "rfind", "index",
      "count":
      let bound = try positional(arguments, upTo: ["text"], of: name)
      return try callSearch(name, in: text, for: try requiredText(bound[0], "text", name))
    case "join":
      let bound = try positional(arguments, upTo: ["iterable"], of: name)
      let items = try JinjaOperators.elements(of: try required(bound[0], "iterable", name))
      return .string(
        try joined(try items.map { try requiredText($0, "iterable", name) }, separator: text))
    case "splitlines":
      let bound = try arguments.bound(to: ["keepends"], of: name)
      let lines = PythonText.splitLines(text, keepEnds: bound[0]?.isTrue ?? false)
      return .list(try JinjaList(lines.map { .string($0) }))
    case "format":
      return .string(try PythonFormat.braces(text, with: arguments))
    case "zfill", "ljust", "rjust":
      return .string(try padded(text, name, arguments))
    default:
      _ = try arguments.bound(to: [], of: name)
      return transformed(text, name)
    }
  }

  private func transformed(_ text: Scalars, _ name: String) -> JinjaValue {
    func all(_ holds: (Unicode.Scalar) -> Bool) -> JinjaValue {
      .bool(!text.isEmpty && text.allSatisfy(holds))
    }
    switch name {
    case "upper": return .string(PythonText.upper(text))
    case "lower": return .string(PythonText.lower(text))
    case "title": return .string(PythonText.title(text))
    case "capitalize": return .string(PythonText.capitalize(text))
    case "isspace": return all(\.isPythonSpace)
    case "isdigit": return all(\.isPythonDigit)
    case "isalpha": return all(\.isPythonLetter)
    case "isalnum": return all { $0.isPythonLetter || $0.properties.numericType != nil }
    default: return .bool(PythonText.isCased(text, upper: name == "isupper"))
    }
  }

  private func split(
    _ text: Scalars, _ name: String, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    let bound = try arguments.bound(to: ["sep", "maxsplit"], of: name)
    let limit = try bound[1].map { try whole($0, name) } ?? -1
    let parts: [Scalars]
    if let separator = try optionalText(bound[0], name) {
      if separator.isEmpty { throw ChatTemplateError(.value, "expected a separator, found ''") }
      parts = PythonText.split(
        text, separator: separator, limit: limit, fromRight: name == "rsplit")
    } else {
      parts = PythonText.splitOnSpace(text, limit: limit, fromRight: name == "rsplit")
    }
    return .list(try JinjaList(parts.map { .string($0) }))
  }

  private func hasAffix(
    _ text: Scalars, _ name: String, _ arguments: JinjaCallArguments
  ) throws -> Bool {
    let bound = try positional(arguments, upTo: ["text"], of: name)
    let value = try required(bound[0], "text", name)
    var affixes = [value]
    if case .tuple(let list) = value { affixes = list.items }
    return try affixes.contains { affix in
      let affix = try requiredText(affix, "text", name)
      if name == "startswith" { return text.starts(with: affix) }
      return text.count >= affix.count && text.suffix(affix.count).elementsEqual(affix)
    }
  }

  private func callSearch(
    _ name: String, in text: Scalars, for pattern: Scalars
  ) throws -> JinjaValue {
    let first = pattern.isEmpty ? 0 : PythonText.occurrences(of: pattern, in: text, limit: 1).first
    func last() -> Int? {
      if pattern.isEmpty { return text.count }
      let mirrored = PythonText.occurrences(of: pattern.reversed(), in: text.reversed(), limit: 1)
      return mirrored.first.map { text.count - $0 - pattern.count }
    }
    func triple(_ place: Int?, otherwise: [Scalars]) throws -> JinjaValue {
      if pattern.isEmpty { throw ChatTemplateError(.value, "expected a separator, found ''") }
      let parts = place.map {
        [Array(text[..<$0]), pattern, Array(text[($0 + pattern.count)...])]
      }
      return .tuple(try JinjaList((parts ?? otherwise).map { .string($0) }))
    }
    switch name {
    case "removeprefix":
      return .string(text.starts(with: pattern) ? Array(text.dropFirst(pattern.count)) : text)
    case "removesuffix":
      let ends = text.count >= pattern.count && text.suffix(pattern.count).elementsEqual(pattern)
      return .string(ends ? Array(text.dropLast(pattern.count)) : text)
    case "partition": return try triple(first, otherwise: [text, [], []])
    case "rpartition": return try triple(last(), otherwise: [[], [], text])
    case "find": return .integer(first ?? -1)
    case "rfind": return .integer(last() ?? -1)
    case "count":
      let found =
        pattern.isEmpty
        ? text.count + 1 : PythonText.occurrences(of: pattern, in: text).count
      return .integer(found)
    default:
      guard let first else { throw ChatTemplateError(.value, "the substring was not found") }
      return .integer(first)
    }
  }

  private func padded(
    _ text: Scalars, _ name: String, _ arguments: JinjaCallArguments
  ) throws -> Scalars {
    let names = name == "zfill" ? ["width"] : ["width", "fill"]
    let bound = try positional(arguments, upTo: names, of: name)
    let width = try whole(try required(bound[0], "width", name), name)
    let fill = try names.count > 1 ? optionalText(bound[1], name) ?? [" "] : ["0"]
    guard fill.count == 1 else { throw ChatTemplateError(.value, "expected one character to fill") }
    let missing = max(0, width - text.count)
    return try JinjaOperators.checked(text.count + missing) {
      let padding = Scalars(repeating: fill[0], count: missing)
      if name == "ljust" { return text + padding }
      let isSigned = name == "zfill" && (text.first == "-" || text.first == "+")
      return isSigned ? text.prefix(1) + padding + text.dropFirst() : padding + text
    }
  }

  // MARK: Arguments

  /// Arguments of a method that Python lets nobody name.
  private func positional(
    _ arguments: JinjaCallArguments, upTo names: [String], of method: String
  ) throws -> [JinjaValue?] {
    guard arguments.named.isEmpty else {
      throw ChatTemplateError(.value, "'\(method)' takes no named arguments")
    }
    return try arguments.bound(to: names, of: "'\(method)'")
  }

  func requiredText(
    _ value: JinjaValue?, _ argument: String, _ callee: String
  ) throws -> Scalars {
    let value = try required(value, argument, callee)
    if case .string(let text) = value { return text }
    if case .undefined(let what) = value { throw ChatTemplateError(.undefined, what) }
    throw ChatTemplateError(
      .value, "'\(callee)' expects a string as '\(argument)', found \(value.typeName)")
  }

  func optionalText(_ value: JinjaValue?, _ callee: String) throws -> Scalars? {
    guard let value else { return nil }
    if case .none = value { return nil }
    return try requiredText(value, "text", callee)
  }

  func whole(_ value: JinjaValue, _ callee: String) throws -> Int {
    guard let index = value.index else {
      throw ChatTemplateError(
        .value, "'\(callee)' expects a whole number, found \(value.typeName)")
    }
    return index
  }

  /// Texts with a separator between them.
  func joined(_ texts: [Scalars], separator: Scalars) throws -> Scalars {
    // Elements are fewer than 2^20 and no text exceeds 2^24 characters, so this cannot overflow.
    let count = texts.reduce(0) { $0 + $1.count } + separator.count * max(0, texts.count - 1)
    try charge(count / 64 + texts.count)
    return try JinjaOperators.checked(count) { Scalars(texts.joined(separator: separator)) }
  }

  func replaced(
    _ text: Scalars, _ old: Scalars, _ new: Scalars, limit: Int
  ) throws -> Scalars {
    let found = old.isEmpty ? text.count + 1 : PythonText.occurrences(of: old, in: text).count
    let times = limit < 0 ? found : min(limit, found)
    let count = text.count + times * (new.count - old.count)
    try charge(count / 64 + times)
    return try JinjaOperators.checked(count) {
      PythonText.replace(text, old, with: new, limit: limit)
    }
  }
}
