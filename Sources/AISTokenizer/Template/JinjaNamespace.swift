/// The result of `namespace()`: the only object that a template can change inside a loop.
final class JinjaNamespace {
  private(set) var attributes: [JinjaName: JinjaValue] = [:]

  /// Sets an attribute.
  ///
  /// A value that could refer to this namespace is refused, because the cycle would never be freed.
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
