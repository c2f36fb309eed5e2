import Foundation

/// Filters that sort, add or convert.
extension JinjaInterpreter {
  func applyOrderFilter(
    _ name: JinjaName, to value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    switch name {
    case "sort":
      let bound = try arguments.bound(to: ["reverse", "case_sensitive", "attribute"], of: name)
      let items = try JinjaOperators.elements(of: value, budget)
      let keys = try items.map { try orderKey($0, caseSensitive: bound[1], attribute: bound[2]) }
      return .list(try JinjaList(try sorted(items, by: keys, reverse: bound[0]?.isTrue ?? false)))
    case "dictsort":
      let bound = try arguments.bound(to: ["case_sensitive", "by", "reverse"], of: name)
      guard case .dict(let dict) = value else {
        throw ChatTemplateError(.value, "'dictsort' expects a dict, found \(value.typeName)")
      }
      let by = try optionalText(bound[1], name) ?? Scalars("key")
      let isByKey = by == Scalars("key")
      guard isByKey || by == Scalars("value") else {
        throw ChatTemplateError(.value, "'dictsort' expects by='key' or by='value'")
      }
      let keys = try (isByKey ? dict.keys : dict.values)
        .map { try orderKey($0, caseSensitive: bound[0], attribute: nil) }
      let items = try dict.items(budget)
      return .list(try JinjaList(try sorted(items, by: keys, reverse: bound[2]?.isTrue ?? false)))
    case "unique":
      let bound = try arguments.bound(to: ["case_sensitive", "attribute"], of: name)
      let items = try JinjaOperators.elements(of: value, budget)
      let keys = try items.map { try orderKey($0, caseSensitive: bound[0], attribute: bound[1]) }
      return .iterator(try JinjaIterator(try unique(items, by: keys)))
    case "sum":
      let bound = try arguments.bound(to: ["attribute", "start"], of: name)
      var total = bound[1] ?? .integer(0)
      for item in try JinjaOperators.elements(of: value, budget) {
        try budget.charge(1)
        total = try JinjaOperators.apply(
          total, .add, try bound[0].map { try attribute(path: $0, of: item) } ?? item, budget)
      }
      return total
    default:
      let bound = try arguments.bound(to: ["case_sensitive", "attribute"], of: name)
      let items = try JinjaOperators.elements(of: value, budget)
      let keys = try items.map { try orderKey($0, caseSensitive: bound[0], attribute: bound[1]) }
      return try extreme(of: items, by: keys, isMaximum: name == "max")
    }
  }

  private func orderKey(
    _ item: JinjaValue, caseSensitive: JinjaValue?, attribute: JinjaValue?
  ) throws -> JinjaValue {
    try budget.charge(1)
    var key = item
    if let attribute {
      if case .none = attribute {} else { key = try self.attribute(path: attribute, of: item) }
    }
    if case .string(let text) = key, caseSensitive?.isTrue != true {
      try budget.transform(text.count)
      try budget.make(text.count)
      return .string(PythonText.lower(text))
    }
    return key
  }

  private func sorted(
    _ items: [JinjaValue], by keys: [JinjaValue], reverse: Bool
  ) throws -> [JinjaValue] {
    let order = try items.indices.sorted { first, second in
      let left = reverse ? second : first
      let right = reverse ? first : second
      if try JinjaOperators.isLess(keys[left], keys[right], budget) { return true }
      if try JinjaOperators.isLess(keys[right], keys[left], budget) { return false }
      return first < second
    }
    return order.map { items[$0] }
  }

  private func unique(_ items: [JinjaValue], by keys: [JinjaValue]) throws -> [JinjaValue] {
    var seen: [JinjaValue] = []
    return try zip(items, keys).compactMap { item, key in
      switch key {
      case .list, .dict:
        throw ChatTemplateError(.value, "'unique' expects hashable values, found \(key.typeName)")
      default: break
      }
      if try seen.contains(where: { try JinjaOperators.isEqual($0, key, budget) }) { return nil }
      seen.append(key)
      return item
    }
  }

  private func extreme(
    of items: [JinjaValue], by keys: [JinjaValue], isMaximum: Bool
  ) throws -> JinjaValue {
    guard var best = items.indices.first else {
      return .undefined("no aggregated item, the sequence is empty")
    }
    for index in items.indices.dropFirst() {
      let isBetter =
        isMaximum
        ? try JinjaOperators.isLess(keys[best], keys[index], budget)
        : try JinjaOperators.isLess(keys[index], keys[best], budget)
      if isBetter { best = index }
    }
    return items[best]
  }

  // MARK: Numbers

  func applyNumberFilter(
    _ name: JinjaName, to value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    if case .undefined(let what) = value { throw ChatTemplateError(.undefined, what) }
    try budget.charge(8)
    if case .string(let text) = value { try budget.charge(text.count) }
    switch name {
    case "int":
      let bound = try arguments.bound(to: ["default", "base"], of: name)
      let base = try bound[1].map { try whole($0, name) } ?? 10
      guard base == 10 else {
        throw ChatTemplateError(.unsupported, "'int' with a base other than 10 is not implemented")
      }
      return try integer(value) ?? bound[0] ?? .integer(0)
    case "float":
      let bound = try arguments.bound(to: ["default"], of: name)
      return number(value).map { .float($0) } ?? bound[0] ?? .float(0)
    case "abs":
      _ = try arguments.bound(to: [], of: name)
      if let whole = value.index {
        return whole < 0 ? try JinjaOperators.negate(value) : .integer(whole)
      }
      guard case .float(let number) = value else {
        throw ChatTemplateError(.value, "'abs' expects a number, found \(value.typeName)")
      }
      return .float(number.magnitude)
    default:
      return try round(value, arguments)
    }
  }

  private func integer(_ value: JinjaValue) throws -> JinjaValue? {
    if let whole = value.index { return .integer(whole) }
    if case .string(let text) = value, let whole = Int(PythonText.strip(text).text) {
      return .integer(whole)
    }
    guard let number = number(value), !number.isNaN else { return nil }
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      if number.isInfinite, case .string = value { return nil }
      throw ChatTemplateError(.limit, "expected a number that fits 64 bits")
    }
    return .integer(whole)
  }

  private func number(_ value: JinjaValue) -> Double? {
    if case .string(let text) = value {
      let digits = PythonText.strip(text)
      // Swift would also accept hexadecimal numbers.
      return digits.contains(where: { $0 == "x" || $0 == "X" || $0 == "p" })
        ? nil : Double(digits.text)
    }
    return JinjaOperators.double(value)
  }

  private func round(_ value: JinjaValue, _ arguments: JinjaCallArguments) throws -> JinjaValue {
    let bound = try arguments.bound(to: ["precision", "method"], of: "round")
    let precision = try bound[0].map { try whole($0, "round") } ?? 0
    let method = JinjaName(try optionalText(bound[1], "round") ?? Scalars("common"))
    guard ["common", "ceil", "floor"].contains(method) else {
      throw ChatTemplateError(.value, "'round' expects common, ceil or floor, found '\(method)'")
    }
    try budget.charge(8)
    guard let number = JinjaOperators.double(value) else {
      throw ChatTemplateError(.value, "'round' expects a number, found \(value.typeName)")
    }
    guard (0...15).contains(precision), number.isFinite else {
      throw ChatTemplateError(
        .unsupported, "'round' beyond 0 to 15 digits of a finite number is not implemented")
    }
    if method != "common" {
      let scale = pow(10, Double(precision))
      let scaled = number * scale
      return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
    }
    if case .float = value {
      // The C library rounds exactly in decimal, and ties to even, as Python does.
      let text = String(format: "%.\(precision)f", number)
      return .float(Double(text) ?? number)
    }
    return .integer(value.index ?? 0)
  }
}
