/// Splits a template into tokens; applies the white-space rules of `trim_blocks` and `lstrip_blocks`.
///
/// Source: jinja2's documentation, "Whitespace Control", and its observable behaviour.
struct JinjaLexer {
  let source: Scalars
  var index = 0
  private var tokens: [JinjaToken] = []
  private var brackets: Scalars = []
  /// True if the next text starts a line; newlines that a tag removed count.
  private var atLineStart = true
  /// The last place whose position was computed, so that all positions together cost one pass.
  private var cursor = (index: 0, line: 1, column: 1)

  /// The tokens of `text`; the last is `end`.
  static func tokens(of text: String) throws -> [JinjaToken] {
    var lexer = try JinjaLexer(text)
    try lexer.run()
    return lexer.tokens
  }

  private init(_ text: String) throws {
    // Checked before the text is converted, which takes memory.
    guard text.utf8.count <= TemplateLimits.sourceBytes else {
      throw ChatTemplateError(
        .limit,
        "expected at most \(TemplateLimits.source) characters, found more than "
          + "\(TemplateLimits.sourceBytes) bytes")
    }
    var scalars = JinjaLexer.normalizingNewlines(Scalars(text))
    guard scalars.count <= TemplateLimits.source else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.source) characters, found \(scalars.count)")
    }
    if scalars.last == "\n" { scalars.removeLast() }
    source = scalars
  }

  private static func normalizingNewlines(_ text: Scalars) -> Scalars {
    guard text.contains("\r") else { return text }
    var result: Scalars = []
    for (index, scalar) in text.enumerated() {
      if scalar == "\n", index > 0, text[index - 1] == "\r" { continue }
      result.append(scalar == "\r" ? "\n" : scalar)
    }
    return result
  }

  // MARK: Text between tags

  private mutating func run() throws {
    while index < source.count {
      let start = index
      guard let tag = nextTag() else {
        append(.text(Array(source[start...])), at: start)
        index = source.count
        break
      }
      let kind = source[tag + 1]
      let raw = kind == "%" ? rawBegin(at: tag) : nil
      index = tag + 2
      let sign = peek()
      let hasSign = sign == "-" || sign == "+"
      appendText(from: start, to: tag, sign: hasSign ? sign : nil, isOutput: kind == "{")
      if hasSign { index += 1 }
      if let raw {
        index = raw
        try lexRaw(from: tag)
      } else if kind == "#" {
        try skipComment(from: tag)
      } else {
        try lexTag(from: tag, isBlock: kind == "%")
      }
    }
    append(.end, at: index)
  }

  private func nextTag() -> Int? {
    var place = index
    while place + 1 < source.count {
      if source[place] == "{" {
        let next = source[place + 1]
        if next == "%" || next == "{" || next == "#" { return place }
      }
      place += 1
    }
    return nil
  }

  private mutating func appendText(
    from start: Int, to end: Int, sign: Unicode.Scalar?, isOutput: Bool
  ) {
    var end = end
    if sign == "-" {
      while end > start, source[end - 1].isPythonSpace { end -= 1 }
    } else if sign == nil, !isOutput {
      var lineStart = end
      while lineStart > start, source[lineStart - 1] != "\n" { lineStart -= 1 }
      let startsLine = lineStart > start || atLineStart
      if startsLine, source[lineStart..<end].allSatisfy(\.isPythonSpace) { end = lineStart }
    }
    if end > start { append(.text(Array(source[start..<end])), at: start) }
  }

  /// If a `{% raw %}` tag begins at `tag`, the place after it.
  private func rawBegin(at tag: Int) -> Int? {
    var place = tag + 2
    if place < source.count, source[place] == "-" || source[place] == "+" { place += 1 }
    place = skippingSpace(from: place)
    guard matches("raw", at: place) else { return nil }
    place = skippingSpace(from: place + 3)
    if matches("-%}", at: place) { return skippingSpace(from: place + 3) }
    return matches("%}", at: place) ? place + 2 : nil
  }

  private mutating func lexRaw(from tag: Int) throws {
    let start = index
    atLineStart = index > 0 && source[index - 1] == "\n"
    var place = index
    while place < source.count {
      if matches("{%", at: place) {
        var inner = place + 2
        let sign = inner < source.count ? source[inner] : " "
        if sign == "-" || sign == "+" { inner += 1 }
        inner = skippingSpace(from: inner)
        if matches("endraw", at: inner) {
          inner = skippingSpace(from: inner + 6)
          index = inner
          if consumeBlockEnd() {
            let after = index
            let mark = sign == "-" || sign == "+" ? sign : nil
            appendText(from: start, to: place, sign: mark, isOutput: false)
            index = after
            atLineStart = source[index - 1] == "\n"
            return
          }
        }
      }
      place += 1
    }
    throw error("the raw block has no {% endraw %}", at: tag)
  }

  private mutating func skipComment(from tag: Int) throws {
    while index < source.count {
      let end = index
      if matches("-#}", at: end) {
        index = skippingSpace(from: end + 3)
      } else if matches("+#}", at: end) {
        index += 3
      } else if matches("#}", at: end) {
        index += matches("\n", at: end + 2) ? 3 : 2
      }
      if index > end {
        atLineStart = source[index - 1] == "\n"
        return
      }
      index += 1
    }
    throw error("the comment has no end '#}'", at: tag)
  }

  // MARK: Inside a tag

  private mutating func lexTag(from tag: Int, isBlock: Bool) throws {
    append(isBlock ? .blockBegin : .outputBegin, at: tag)
    while true {
      index = skippingSpace(from: index)
      let start = index
      guard let scalar = peek() else {
        throw error("the tag has no end '\(isBlock ? "%}" : "}}")'", at: tag)
      }
      if brackets.isEmpty, isBlock ? consumeBlockEnd() : consumeOutputEnd() {
        append(isBlock ? .blockEnd : .outputEnd, at: start)
        atLineStart = source[index - 1] == "\n"
        return
      }
      if scalar == "'" || scalar == "\"" {
        append(.string(try lexString()), at: start)
      } else if ("0"..."9").contains(scalar) {
        append(try lexNumber(), at: start)
      } else if JinjaLexer.startsName(scalar) {
        while let next = peek(), JinjaLexer.continuesName(next) { index += 1 }
        guard index - start <= TemplateLimits.name else {
          throw ChatTemplateError(
            .limit, "expected a name of at most \(TemplateLimits.name) characters",
            at: position(of: start))
        }
        append(.name(JinjaName(Array(source[start..<index]))), at: start)
      } else {
        append(.symbol(try lexSymbol()), at: start)
      }
    }
  }

  private mutating func consumeBlockEnd() -> Bool {
    if matches("-%}", at: index) {
      index = skippingSpace(from: index + 3)
    } else if matches("+%}", at: index) {
      index += 3
    } else if matches("%}", at: index) {
      index += matches("\n", at: index + 2) ? 3 : 2
    } else {
      return false
    }
    return true
  }

  private mutating func consumeOutputEnd() -> Bool {
    if matches("-}}", at: index) {
      index = skippingSpace(from: index + 3)
    } else if matches("}}", at: index) {
      index += 2
    } else {
      return false
    }
    return true
  }

  private static let symbols =
    ["**", "//", "==", "!=", "<=", ">="]
    + "+-/*%~[](){}<>=.:|,;".map { String($0) }

  private mutating func lexSymbol() throws -> String {
    let start = index
    guard let symbol = JinjaLexer.symbols.first(where: { matches($0, at: start) }) else {
      throw error("the character '\(source[start])' has no meaning here", at: start)
    }
    index += symbol.utf8.count
    switch symbol {
    case "(": brackets.append(")")
    case "[": brackets.append("]")
    case "{": brackets.append("}")
    case ")", "]", "}":
      guard let expected = brackets.popLast() else {
        throw error("'\(symbol)' closes nothing", at: start)
      }
      guard String(expected) == symbol else {
        throw error("expected '\(expected)', found '\(symbol)'", at: start)
      }
    default: break
    }
    return symbol
  }

  private static func startsName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isXIDStart
  }

  private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isXIDContinue
  }

  // MARK: Helpers

  func peek() -> Unicode.Scalar? { index < source.count ? source[index] : nil }

  private func matches(_ text: String, at place: Int) -> Bool {
    var place = place
    for scalar in text.unicodeScalars {
      guard place < source.count, source[place] == scalar else { return false }
      place += 1
    }
    return true
  }

  private func skippingSpace(from place: Int) -> Int {
    var place = place
    while place < source.count, source[place].isPythonSpace { place += 1 }
    return place
  }

  private mutating func append(_ kind: JinjaToken.Kind, at place: Int) {
    tokens.append(JinjaToken(kind: kind, position: position(of: place)))
  }

  private mutating func position(of place: Int) -> TemplatePosition {
    if place < cursor.index { cursor = (0, 1, 1) }
    for scalar in source[cursor.index..<place] {
      if scalar == "\n" {
        cursor.line += 1
        cursor.column = 1
      } else {
        cursor.column += 1
      }
    }
    cursor.index = place
    return TemplatePosition(line: cursor.line, column: cursor.column)
  }

  mutating func error(_ message: String, at place: Int) -> ChatTemplateError {
    ChatTemplateError(.syntax, message, at: position(of: place))
  }
}
