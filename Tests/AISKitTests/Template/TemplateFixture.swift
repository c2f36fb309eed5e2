import AISKit
import Foundation
import TestSupport

/// Renderings of the templates in `Fixtures/templates` by Python's jinja2.
///
/// `make_expected.py` there makes them.
struct TemplateFixture: Decodable {
  struct Result: Decodable {
    let text: String?
    let error: String?
  }

  struct Family: Decodable {
    let name: String
    let source: String
    let results: [Result]
  }

  struct Construct: Decodable {
    let source: String
    let text: String?
    let error: String?
  }

  let contexts: [TaggedMembers]
  let families: [Family]
  let constructs: [Construct]
  let constructContext: TaggedMembers

  private enum CodingKeys: String, CodingKey {
    case contexts
    case families
    case constructs
    case constructContext = "construct_context"
  }

  /// The clock of the fixture, in the local time zone as `strftime_now` reads it.
  static var now: Date {
    let parts = DateComponents(year: 2024, month: 7, day: 26, hour: 12, minute: 30, second: 5)
    return Calendar(identifier: .gregorian).date(from: parts) ?? .distantPast
  }

  static func load() throws -> TemplateFixture {
    let file = ReferenceFiles.repository
      .appendingPathComponent("Tests/Fixtures/templates/expected.json")
    return try JSONDecoder().decode(TemplateFixture.self, from: try Data(contentsOf: file))
  }
}

/// Named values with order and types, as JSON.
struct TaggedMembers: Decodable {
  let members: [TemplateValue.Member]

  var context: [String: TemplateValue] {
    Dictionary(members.map { ($0.name, $0.value) }) { $1 }
  }

  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    var members: [TemplateValue.Member] = []
    while !list.isAtEnd {
      var pair = try list.nestedUnkeyedContainer()
      members.append(
        .init(try pair.decode(String.self), try pair.decode(TaggedValue.self).value))
    }
    self.members = members
  }
}

private struct TaggedValue: Decodable {
  let value: TemplateValue

  private enum Tag: String, CodingKey {
    case text = "s"
    case integer = "i"
    case float = "f"
    case bool = "b"
    case array = "a"
    case object = "o"
    case null = "n"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Tag.self)
    value =
      switch container.allKeys.first {
      case .text: .string(try container.decode(String.self, forKey: .text))
      case .integer: .integer(try container.decode(Int.self, forKey: .integer))
      case .float: .number(try container.decode(Double.self, forKey: .float))
      case .bool: .bool(try container.decode(Bool.self, forKey: .bool))
      case .array: .array(try container.decode([TaggedValue].self, forKey: .array).map(\.value))
      case .object: .object(try container.decode(TaggedMembers.self, forKey: .object).members)
      case .null, nil: .null
      }
  }
}
