/// A name of a variable, an attribute, a filter, a test or an argument.
///
/// Two names are the same if their bytes are. `String` compares and hashes by canonical
/// equivalence, which takes the square of the length of a run of combining marks; a template
/// chooses its names, so nothing here compares them that way.
struct JinjaName: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
  let text: String

  init(_ text: String) { self.text = text }
  init(_ text: Scalars) { self.text = text.text }
  init(stringLiteral value: String) { text = value }

  var description: String { text }

  /// The steps that looking this name up once is worth.
  var cost: Int { 1 + text.utf8.count >> 3 }

  static func == (left: JinjaName, right: JinjaName) -> Bool {
    left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension JinjaInterpreter {
  /// The name that a template's text is, paid for; what is longer than a name is refused.
  func name(_ text: Scalars, of what: String) throws -> JinjaName {
    guard text.count <= TemplateLimits.name else {
      throw ChatTemplateError(
        .limit,
        "expected a name of at most \(TemplateLimits.name) characters for \(what), "
          + "found \(text.count)")
    }
    let name = JinjaName(text)
    try budget.charge(name.cost)
    return name
  }
}
