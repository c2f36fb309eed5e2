/// Values by key, in the order of first insertion.
final class JinjaDict {
  let keys: [JinjaValue]
  let values: [JinjaValue]
  let weight: Int
  let nesting: Int
  let holdsReference: Bool
  private let places: [Key: Int]

  /// The identity of a key: `1`, `1.0` and `true` are one key in Python.
  private enum Key: Hashable {
    case none
    case integer(Int)
    case float(Double)
    case string(Scalars)

    init(_ value: JinjaValue) throws {
      switch value {
      case .none: self = .none
      case .bool(let value): self = .integer(value ? 1 : 0)
      case .integer(let value): self = .integer(value)
      case .float(let value):
        self = Int(exactly: value).map { .integer($0) } ?? .float(value)
      case .string(let text): self = .string(text)
      case .tuple:
        throw ChatTemplateError(
          .unsupported, "a tuple as a key is outside the part of Jinja that is implemented")
      default:
        throw ChatTemplateError(.value, "expected a key, found a value of type \(value.typeName)")
      }
    }
  }

  init(_ pairs: [(key: JinjaValue, value: JinjaValue)]) throws {
    var keys: [JinjaValue] = []
    var values: [JinjaValue] = []
    var places: [Key: Int] = [:]
    for (key, value) in pairs {
      let identity = try Key(key)
      if let place = places[identity] {
        values[place] = value
      } else {
        places[identity] = keys.count
        keys.append(key)
        values.append(value)
      }
    }
    let measured = try JinjaList(values)
    let names = try JinjaList(keys)
    self.keys = keys
    self.values = values
    self.places = places
    weight = measured.weight + names.weight
    nesting = measured.nesting
    holdsReference = measured.holdsReference
  }

  /// The value under `key`, or `nil` if there is none; charges for reading the key.
  func value(for key: JinjaValue, _ budget: TemplateBudget) throws -> JinjaValue? {
    try JinjaDict.charge(for: key, budget)
    return try places[Key(key)].map { values[$0] }
  }

  /// Charges for hashing a key.
  static func charge(for key: JinjaValue, _ budget: TemplateBudget) throws {
    if case .string(let text) = key { try budget.charge(1 + text.count >> 3) }
  }

  /// The value under a name, or `nil` if there is none; charges for reading the name.
  func value(named name: JinjaName, _ budget: TemplateBudget) throws -> JinjaValue? {
    try budget.charge(name.cost)
    return places[.string(Scalars(name.text))].map { values[$0] }
  }

  /// The members as tuples of key and value.
  func items(_ budget: TemplateBudget) throws -> [JinjaValue] {
    try budget.charge(4 * keys.count)
    return try zip(keys, values).map { .tuple(try JinjaList([$0, $1])) }
  }
}
