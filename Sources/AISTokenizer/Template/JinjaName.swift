/// A name of a variable, an attribute, a filter, a test or an argument.
///
/// Names are compared and hashed by their bytes. `String` compares and hashes by canonical
/// equivalence, which takes time that grows with the square of a run of combining marks, and a
/// template is not trusted.
struct JinjaName: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
  let text: String

  init(_ text: String) { self.text = text }
  init(_ text: Scalars) { self.text = text.text }
  init(stringLiteral value: String) { text = value }

  var description: String { text }

  /// The cost, in steps, of looking this name up once.
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
  /// A template's text as a name; charges the budget and refuses a text that is too long.
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
