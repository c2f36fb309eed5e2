/// The methods of strings; each charges the budget for the characters that it reads and makes.
extension JinjaInterpreter {
  func callMethod(
    _ name: JinjaName, of text: Scalars, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    switch name {
    case "split", "rsplit": return try split(text, name, arguments)
    case "strip", "lstrip", "rstrip":
      let bound = try positional(arguments, upTo: ["chars"], of: name)
      return .string(
        try stripped(
          text, try optionalText(bound[0], name), left: name != "rstrip",
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
      let items = try JinjaOperators.elements(
        of: try required(bound[0], "iterable", name), budget)
      try budget.charge(items.count)
      return .string(
        try joined(try items.map { try requiredText($0, "iterable", name) }, separator: text))
    case "splitlines":
      let bound = try arguments.bound(to: ["keepends"], of: name)
      return .list(
        try parts(of: text) {
          PythonText.splitLines(text, keepEnds: bound[0]?.isTrue ?? false)
        })
    case "format":
      return .string(try PythonFormat.braces(text, with: arguments, budget))
    case "zfill", "ljust", "rjust":
      return .string(try padded(text, name, arguments))
    default:
      _ = try arguments.bound(to: [], of: name)
      return try transformed(text, name)
    }
  }

  private func transformed(_ text: Scalars, _ name: JinjaName) throws -> JinjaValue {
    // Some characters are read twice.
    try budget.transform(2 * text.count)
    func all(_ holds: (Unicode.Scalar) -> Bool) -> JinjaValue {
      .bool(!text.isEmpty && text.allSatisfy(holds))
    }
    switch name {
    case "upper": return .string(try made { PythonText.upper(text) })
    case "lower": return .string(try made { PythonText.lower(text) })
    case "title": return .string(try made { PythonText.title(text) })
    case "capitalize": return .string(try made { PythonText.capitalize(text) })
    case "isspace": return all(\.isPythonSpace)
    case "isdigit": return all(\.isPythonDigit)
    case "isalpha": return all(\.isPythonLetter)
    case "isalnum": return all { $0.isPythonLetter || $0.properties.numericType != nil }
    default: return .bool(PythonText.isCased(text, upper: name == "isupper"))
    }
  }

  private func split(
    _ text: Scalars, _ name: JinjaName, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    let bound = try arguments.bound(to: ["sep", "maxsplit"], of: name)
    let limit = try bound[1].map { try whole($0, name) } ?? -1
    guard let separator = try optionalText(bound[0], name) else {
      return .list(
        try parts(of: text) {
          PythonText.splitOnSpace(text, limit: limit, fromRight: name == "rsplit")
        })
    }
    if separator.isEmpty { throw ChatTemplateError(.value, "expected a separator, found ''") }
    try budget.transform(separator.count)
    return .list(
      try parts(of: text) {
        PythonText.split(text, separator: separator, limit: limit, fromRight: name == "rsplit")
      })
  }

  /// The parts of a split text; charges the budget before and after.
  private func parts(of text: Scalars, _ split: () -> [Scalars]) throws -> JinjaList {
    // In the worst case the text is reversed, split and reversed again.
    try budget.transform(2 * text.count)
    try budget.make(text.count)
    return try list(split().map { .string($0) })
  }

  private func hasAffix(
    _ text: Scalars, _ name: JinjaName, _ arguments: JinjaCallArguments
  ) throws -> Bool {
    let bound = try positional(arguments, upTo: ["text"], of: name)
    let value = try required(bound[0], "text", name)
    var affixes = [value]
    if case .tuple(let list) = value { affixes = list.items }
    return try affixes.contains { affix in
      let affix = try requiredText(affix, "text", name)
      try budget.charge(1 + affix.count >> 4)
      if name == "startswith" { return text.starts(with: affix) }
      return text.count >= affix.count && text.suffix(affix.count).elementsEqual(affix)
    }
  }

  private func callSearch(
    _ name: JinjaName, in text: Scalars, for pattern: Scalars
  ) throws -> JinjaValue {
    switch name {
    case "removeprefix", "removesuffix":
      try budget.scan(pattern.count)
      try budget.make(text.count)
    case "partition", "rpartition":
      try budget.transform(2 * (text.count + pattern.count))
      try budget.make(text.count + pattern.count)
    default:
      try budget.transform(2 * (text.count + pattern.count))
    }
    return try search(name, in: text, for: pattern)
  }

  private func search(
    _ name: JinjaName, in text: Scalars, for pattern: Scalars
  ) throws -> JinjaValue {
    func first() -> Int? {
      pattern.isEmpty ? 0 : PythonText.occurrences(of: pattern, in: text, limit: 1).first
    }
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
    case "partition": return try triple(first(), otherwise: [text, [], []])
    case "rpartition": return try triple(last(), otherwise: [[], [], text])
    case "find": return .integer(first() ?? -1)
    case "rfind": return .integer(last() ?? -1)
    case "count":
      let found =
        pattern.isEmpty
        ? text.count + 1 : PythonText.occurrences(of: pattern, in: text).count
      return .integer(found)
    default:
      guard let first = first() else {
        throw ChatTemplateError(.value, "the substring was not found")
      }
      return .integer(first)
    }
  }

  private func padded(
    _ text: Scalars, _ name: JinjaName, _ arguments: JinjaCallArguments
  ) throws -> Scalars {
    let names: [JinjaName] = name == "zfill" ? ["width"] : ["width", "fill"]
    let bound = try positional(arguments, upTo: names, of: name)
    let width = try whole(try required(bound[0], "width", name), name)
    let fill = try names.count > 1 ? optionalText(bound[1], name) ?? [" "] : ["0"]
    guard fill.count == 1 else { throw ChatTemplateError(.value, "expected one character to fill") }
    try budget.make(max(width, text.count))
    let padding = Scalars(repeating: fill[0], count: max(0, max(width, 0) - text.count))
    if name == "ljust" { return text + padding }
    let isSigned = name == "zfill" && (text.first == "-" || text.first == "+")
    return isSigned ? text.prefix(1) + padding + text.dropFirst() : padding + text
  }

  /// The texts joined with a separator.
  func joined(_ texts: [Scalars], separator: Scalars) throws -> Scalars {
    // There are fewer than 2^20 elements and texts fit in memory, so this cannot overflow.
    let count = texts.reduce(0) { $0 + $1.count } + separator.count * max(0, texts.count - 1)
    try budget.charge(texts.count)
    try budget.make(count)
    return Scalars(texts.joined(separator: separator))
  }

  func replaced(
    _ text: Scalars, _ old: Scalars, _ new: Scalars, limit: Int
  ) throws -> Scalars {
    try budget.transform(2 * (text.count + old.count))
    let found = old.isEmpty ? text.count + 1 : PythonText.occurrences(of: old, in: text).count
    let times = limit < 0 ? found : min(limit, found)
    try budget.charge(times)
    try budget.make(text.count + times * (new.count - old.count))
    return PythonText.replace(text, old, with: new, limit: limit)
  }

  func stripped(
    _ text: Scalars, _ characters: Scalars?, left: Bool = true, right: Bool = true
  ) throws -> Scalars {
    try budget.charge(characters?.count ?? 0)
    try budget.scan(2 * text.count)
    try budget.make(text.count)
    return PythonText.strip(text, characters: characters, left: left, right: right)
  }
}
