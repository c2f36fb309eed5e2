import Foundation

/// The functions that every chat template may call.
extension JinjaInterpreter {
  static let globals: Set<JinjaName> = [
    "range", "namespace", "dict", "raise_exception", "strftime_now",
  ]

  func callGlobal(_ name: JinjaName, _ arguments: JinjaCallArguments) throws -> JinjaValue {
    switch name {
    case "raise_exception":
      let bound = try arguments.bound(to: ["message"], of: name)
      let message = try required(bound[0], "message", name)
      throw ChatTemplateError(.raised, try JinjaText.string(message, budget).text)
    case "strftime_now":
      let bound = try arguments.bound(to: ["format"], of: name)
      return .text(try formattedNow(try requiredText(bound[0], "format", name)))
    case "namespace":
      let namespace = JinjaNamespace()
      let members = try dictArguments(arguments, name)
      for (key, value) in zip(members.keys, members.values) {
        let text = try JinjaText.string(key, budget)
        try namespace.set(try self.name(text, of: "an attribute"), to: value)
      }
      return .namespace(namespace)
    case "dict": return .dict(try dictArguments(arguments, name))
    default: return try range(arguments)
    }
  }

  /// The members of `dict(mapping, name=value)`.
  private func dictArguments(
    _ arguments: JinjaCallArguments, _ name: JinjaName
  ) throws -> JinjaDict {
    guard arguments.positional.count <= 1 else {
      throw ChatTemplateError(.value, "'\(name)' takes at most one unnamed argument")
    }
    var pairs: [(key: JinjaValue, value: JinjaValue)] = []
    switch arguments.positional.first {
    case nil: break
    case .some(.dict(let dict)): pairs = Array(zip(dict.keys, dict.values))
    case .some(let value):
      pairs = try JinjaOperators.elements(of: value, budget).map { item in
        try budget.charge(1)
        let pair = try JinjaOperators.elements(of: item, budget)
        guard pair.count == 2 else {
          throw ChatTemplateError(.value, "expected pairs of a key and a value for '\(name)'")
        }
        return (pair[0], pair[1])
      }
    }
    pairs += arguments.named.map { (.text($0.name.text), $0.value) }
    return try dict(pairs)
  }

  private func range(_ arguments: JinjaCallArguments) throws -> JinjaValue {
    guard (1...3).contains(arguments.positional.count), arguments.named.isEmpty else {
      throw ChatTemplateError(.value, "'range' takes one to three unnamed arguments")
    }
    let bounds = try arguments.positional.map { try whole($0, "range") }
    let start = bounds.count > 1 ? bounds[0] : 0
    let end = bounds.count > 1 ? bounds[1] : bounds[0]
    let step = bounds.count > 2 ? bounds[2] : 1
    if step == 0 { throw ChatTemplateError(.value, "expected a range step other than zero") }
    let distance =
      step > 0
      ? end.subtractingReportingOverflow(start)
      : start.subtractingReportingOverflow(end)
    let isEmpty = step > 0 ? end <= start : start <= end
    let span = isEmpty ? 0 : distance.overflow ? Int.max : distance.partialValue
    let count = UInt(span) == 0 ? 0 : (UInt(span) - 1) / step.magnitude + 1
    guard count <= TemplateLimits.range else {
      throw ChatTemplateError(
        .limit, "expected a range of at most \(TemplateLimits.range) elements, found \(count)")
    }
    try budget.makeElements(Int(count))
    let items = stride(from: start, to: isEmpty ? start : end, by: step)
      .map { JinjaValue.integer($0) }
    let ending = step == 1 ? ")" : ", \(step))"
    return .view(
      try JinjaView(.range, items, description: "range(\(start), \(end)\(ending)"))
  }

  /// The time of rendering in the local time zone, through the C library's `strftime`.
  private func formattedNow(_ text: Scalars) throws -> String {
    let format = text.prefix(1025).map { $0 }.text
    guard format.utf8.count <= 1024, !format.utf8.contains(0) else {
      throw ChatTemplateError(.limit, "expected a date format of at most 1024 bytes")
    }
    try budget.charge(64 + 4 * format.utf8.count)
    let seconds = now.timeIntervalSince1970.rounded(.down)
    guard var time = time_t(exactly: seconds) else {
      throw ChatTemplateError(.value, "expected a date that the calendar reaches")
    }
    var fields = tm()
    guard localtime_r(&time, &fields) != nil else {
      throw ChatTemplateError(.value, "expected a date that the calendar reaches")
    }
    // A conversion yields fewer than 64 bytes for each byte of the format. It may also yield none.
    // Then `strftime` returns 0, as it does if the buffer is too small; a marker rules that out.
    var buffer = [CChar](repeating: 0, count: 64 * format.utf8.count + 64)
    let count = strftime(&buffer, buffer.count, format + "|", &fields)
    guard count > 0 else { throw ChatTemplateError(.limit, "the date format's result is too long") }
    return String(decoding: buffer[..<(count - 1)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
