import AISKit
import TestSupport
import Testing

@Suite struct JSONSectionTests {
  private func section(_ text: String) throws -> JSONSection {
    let folder = try TemporaryFolder()
    return try JSONSection(contentsOf: folder.write(text, as: "config.json"))
  }

  @Test func readsEveryKindOfValue() throws {
    let config = try section(
      #"""
      {"layers": 30, "whole": 2.0, "eps": 1e-05, "big": -1.5E3, "far": Infinity, "tied": true,
       "name": "a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE42\ud800x", "none": null,
       "eos": 2, "stops": [2, 3], "words": ["a", "b"], "factors": [1, 1.5], "empty": [],
       "rope": {"type": "llama3", "deep": {"factor": 8}}}
      """#)
    #expect(try config.integer("layers") == 30)
    #expect(try config.integer("whole") == 2)
    #expect(try config.number("layers") == 30)
    #expect(try config.number("eps") == 1e-5)
    #expect(try config.number("big") == -1500)
    #expect(try config.number("far") == .infinity)
    #expect(try config.bool("tied"))
    #expect(try config.string("name") == "a\"\\/\u{8}\u{c}\n\r\té🙂\u{FFFD}x")
    #expect(try config.oneOrMoreIntegersIfPresent("eos") == [2])
    #expect(try config.oneOrMoreIntegersIfPresent("stops") == [2, 3])
    #expect(try config.integers("empty").isEmpty)
    #expect(try config.strings("words") == ["a", "b"])
    #expect(try config.numbers("factors") == [1, 1.5])
    #expect(try config.section("rope").section("deep").integer("factor") == 8)
    #expect(config.keys.first == "layers")
    #expect(config.keys.last == "rope")
  }

  @Test func readsIntegersUpToTheLimits() throws {
    let config = try section(
      """
      {"most": 9223372036854775807, "least": -9223372036854775808, "more": 9223372036854775808,
       "less": -9223372036854775809, "zero": -0}
      """)
    #expect(try config.integer("most") == .max)
    #expect(try config.integer("least") == .min)
    #expect(config["more"] == .number(0x1p63))
    #expect(config["less"] == .number(-0x1p63))
    #expect(try config.integer("zero") == 0)
    #expect(throws: CheckpointError.self) { try config.integer("more") }
  }

  @Test func tellsNullFromAbsent() throws {
    let config = try section(#"{"window": null}"#)
    #expect(try config.integerIfPresent("window") == nil)
    #expect(try config.integerIfPresent("absent") == nil)
    #expect(config.contains("window"))
    #expect(config.isNull("window"))
    #expect(!config.contains("absent"))
    #expect(!config.isNull("absent"))
    let error = #expect(throws: CheckpointError.self) { try config.integer("window") }
    #expect(error?.found == "null")
  }

  @Test func comparesNamesByTheirBytes() throws {
    let vocabulary = try section("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    #expect(try vocabulary.integer("\u{E9}") == 1)
    #expect(try vocabulary.integer("e\u{301}") == 2)
  }

  @Test func errorsCarryThePathInsideTheDocument() throws {
    let config = try section(#"{"rope": {"type": 3, "list": [1, "x"]}}"#)
    let rope = try config.section("rope")
    let absent = #expect(throws: CheckpointError.self) { try rope.number("factor") }
    #expect(absent?.place == .json("rope.factor"))
    #expect(absent?.found == "nothing")
    let other = #expect(throws: CheckpointError.self) { try rope.stringIfPresent("type") }
    #expect(other?.place == .json("rope.type"))
    #expect(other?.expected == "a string")
    #expect(other?.found == "3")
    let element = #expect(throws: CheckpointError.self) { try rope.integers("list") }
    #expect(element?.place == .json("rope.list[1]"))
    #expect(element?.found == "\"x\"")
    #expect(element?.description.contains("config.json: at 'rope.list[1]': expected an") == true)
  }

  @Test(
    arguments: [
      ("", 0), ("[1]", nil), ("{", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7),
      (#"{"a":[1,]}"#, 8), (#"{"a":01}"#, 5), (#"{"a":1.}"#, 7), (#"{"a":1e}"#, 7),
      (#"{"a":-}"#, 5),
      (#"{"a":+1}"#, 5), (#"{"a":tru}"#, 5), (#"{"a":"b}"#, 5), (#"{"a":"\x"}"#, 7),
      (#"{"a":"\u12g4"}"#, 10), ("{\"a\":\"\n\"}", 6), (#"{"a":1} {"#, 8), (#"{"a":1,"a":2}"#, 7),
      (#"{'a':1}"#, 1), (#"{"a":1 "b":2}"#, 7), (#"{"a":"\u12"#, 10), (#"{"a":"\"#, 7),
    ] as [(String, Int?)])
  func refusesWhatIsNotAJSONObject(text: String, offset: Int?) throws {
    let error = #expect(throws: CheckpointError.self) { try section(text) }
    if let offset, !text.isEmpty { #expect(error?.place == .offset(offset)) }
  }

  @Test func refusesStringsThatAreNotUTF8() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Array("{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8), as: "x")
    let error = #expect(throws: CheckpointError.self) { try JSONSection(contentsOf: path) }
    #expect(error?.expected == "UTF-8")
    #expect(error?.place == .offset(5))
  }
}
