import AISKit
import TestSupport
import Testing

@Suite struct SplitPatternTests {
  private func split(_ family: String, _ text: String) throws -> [String] {
    try #require(try PreTokenizer.words(of: text, family: family))
  }

  @Test("GPT-2's words keep the space before them, and the last space goes with the next word")
  func gpt2() throws {
    #expect(
      try split("gpt-2", "Hello  world's 12½ !?\n x") == [
        "Hello", " ", " world", "'s", " 12½", " !?", "\n", " x",
      ])
  }

  @Test("every numeric character is a word of its own where digits are split")
  func digits() throws {
    #expect(try split("smollm", "a ½Ⅷ² 12") == ["a", " ", "½", "Ⅷ", "²", " ", "1", "2"])
    #expect(try split("llama-bpe", "12345") == ["123", "45"])
    #expect(try split("qwen2", "12") == ["1", "2"])
  }

  @Test("contractions split whatever their case, the long s included")
  func contractions() throws {
    #expect(try split("llama-bpe", "I'LL'S'ſ") == ["I", "'LL", "'S", "'ſ"])
    #expect(try split("gpt-2", "I'LL") == ["I", "'", "LL"])
  }

  @Test("marks stay with their letters where the family says so")
  func marks() throws {
    #expect(try split("gpt-2", "e\u{301}a") == ["e", "\u{301}", "a"])
    #expect(try split("qwen35", "e\u{301}a") == ["e\u{301}a"])
  }

  @Test("a capital begins a word where the family says so")
  func cased() throws {
    #expect(try split("gpt-4o", "camelCaseHTTPServer's") == ["camel", "Case", "HTTPServer's"])
    #expect(try split("tekken", "aB12") == ["a", "B", "1", "2"])
  }

  @Test("white space is Unicode's, no more and no less")
  func whiteSpace() throws {
    #expect(
      try split("gpt-2", "a\u{3000}\u{85}\u{200B}b") == [
        "a", "\u{3000}", "\u{85}", "\u{200B}", "b",
      ])
  }

  @Test("every family in the table compiles and loses no byte")
  func families() throws {
    let text = "It's 1234 tests—naïve \u{3000} 日本語テスト 가나다 <x>\r\n\n  (ok)…! 👩‍👩‍👧 ½ e\u{301} $3.99_"
    #expect(PreTokenizer.familyNames.count > 60)
    for name in PreTokenizer.familyNames {
      #expect(try split(name, text).joined() == text, "\(name)")
      #expect(try split(name, "").isEmpty)
    }
    #expect(try PreTokenizer.words(of: text, family: "nonsense") == nil)
  }

  @Test(
    "patterns match as in Oniguruma",
    arguments: [
      (#"\p{L}++"#, "abc 1", ["abc", " 1"]),
      (#"x*"#, "axxb", ["a", "xx", "b"]),
      (#"(?=(\d{3})+(?!\d))"#, "1234567", ["1", "234", "567"]),
      (#"\s+$"#, "a  \nb   ", ["a", "  ", "\nb", "   "]),
      (#"a{,2}"#, "aaaa", ["aa", "aa"]),
      (#"(?<=a)b"#, "ab b", ["a", "b", " b"]),
      (#"\bfoo\b"#, "foo foox foo", ["foo", " foox ", "foo"]),
      (#"[a-c&&[^b]]+"#, "abc", ["a", "b", "c"]),
      (#"(?i)ab"#, "xAB", ["x", "AB"]),
      (#"a+?b"#, "aab", ["aab"]),
      (#"(?>a+)ab|b"#, "aab", ["aa", "b"]),
      (#"\p{Han}+"#, "a漢字b", ["a", "漢字", "b"]),
      (#"(?:ab|a)(?:bc|c)"#, "abc", ["abc"]),
      (#"\u0041|\x42"#, "ABC", ["A", "B", "C"]),
    ])
  func matches(_ pattern: String, _ text: String, _ words: [String]) throws {
    #expect(try PreTokenizer.words(of: text, pattern: pattern) == words)
  }

  @Test(
    "syntax outside the subset is an error that shows it",
    arguments: [
      "(", "a)", "[a", "(?<name>a)", #"\k"#, #"\p{Nope}"#, "(a*)*", "*", "[[:alpha:]]", "a{3,1}",
      #"\1"#,
    ])
  func refuses(_ pattern: String) {
    #expect(throws: (any Error).self) { try PreTokenizer.words(of: "a", pattern: pattern) }
  }

  @Test("a pattern that would take for ever is an error")
  func givesUp() throws {
    let text = String(repeating: "a", count: 40) + "!"
    let time = threadTime {
      #expect(throws: TokenizerError.self) {
        try PreTokenizer.words(of: text, pattern: "(?:a+)+$|(?:a|aa)+$")
      }
    }
    #expect(time < .seconds(60))
  }
}
