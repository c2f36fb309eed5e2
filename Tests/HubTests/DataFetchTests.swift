import AISHarness
import AISKit
import Foundation
import Hub
import TestSupport
import Testing

@Suite struct DataFetchTests {
  private let cache: TemporaryFolder
  private let lines = Lines()

  init() throws { cache = try TemporaryFolder() }

  private static let questions = [
    MultipleChoiceQuestion(
      question: "Is \"7\", a prime,\nodd?", subject: "algebra",
      choices: ["yes", "no", " a\\b", "é"], answer: 0),
    MultipleChoiceQuestion(
      question: "1/2 <\t1?", subject: "algebra", choices: ["a", "b", "c", "d"], answer: 3),
    MultipleChoiceQuestion(
      question: "Who?", subject: "world_history", choices: ["a", "b", "c", "d"], answer: 1),
  ]

  /// A fake hub that serves both data sets.
  private func hub(
    dolly: [UInt8], archive: [UInt8], mischief: @escaping FakeHub.Mischief = { _, _ in nil }
  ) throws -> FakeHub {
    try FakeHub([:]) { request, before in
      if let answer = mischief(request, before) { return answer }
      let start = "/datasets/some/data/resolve/\(FakeHub.commit)/"
      switch request.path {
      case start + "databricks-dolly-15k.jsonl": return FakeHub.file(dolly, request)
      case start + "data.tar": return FakeHub.file(archive, request)
      default: return nil
      }
    }
  }

  private func source(_ file: String, _ bytes: [UInt8]) -> DataFetch.Source {
    DataFetch.Source(
      "some/data", commit: FakeHub.commit, file: file, byteCount: bytes.count,
      sha256: FakeHub.sha256(bytes))
  }

  private func fetch(
    _ hub: FakeHub, dolly: [UInt8], archive: [UInt8], test: Int, dev: Int
  ) throws -> URL {
    let lines = lines
    return try DataFetch(
      access: hub.access(), cache: cache.url, dolly: source("databricks-dolly-15k.jsonl", dolly),
      mmlu: source("data.tar", archive),
      parts: [.init(.test, questions: test), .init(.dev, questions: dev)], patience: hurried
    ) { lines.all.append($0) }.run()
  }

  @Test func theFilesArriveCheckedAndConverted() throws {
    let dolly = Array(#"{"instruction":"x","category":"y"}"#.utf8)
    let archive = TarBuilder.mmlu(test: Self.questions, dev: [Self.questions[2]])
    let hub = try hub(dolly: dolly, archive: archive) { request, before in
      guard before == 0 else { return nil }
      var answer = FakeHub.file(request.path.hasSuffix("tar") ? archive : dolly, request)
      answer.cutAfter = answer.body.count / 2
      return answer
    }
    let folder = try fetch(hub, dolly: dolly, archive: archive, test: 3, dev: 1)
    #expect(hub.requests(of: "data.tar").last?.fields["range"] == "bytes=\(archive.count / 2)-")
    #expect(
      try Data(contentsOf: folder.appendingPathComponent("databricks-dolly-15k.jsonl"))
        == Data(dolly))
    let test = folder.appendingPathComponent("mmlu-test.jsonl")
    #expect(try MMLU.questions(jsonLines: test.path) == Self.questions)
    let text = try String(contentsOf: test, encoding: .utf8)
    let line =
      #"{"question": "Is \"7\", a prime,\nodd?", "subject": "algebra", "#
      + #""choices": ["yes", "no", " a\\b", "é"], "answer": 0}"#
    #expect(text.hasPrefix(line + "\n"))
    #expect(
      try MMLU.questions(jsonLines: folder.appendingPathComponent("mmlu-dev.jsonl").path)
        == [Self.questions[2]])
    #expect(!FileManager.default.fileExists(atPath: cache.path("downloads/mmlu")))
    let asked = hub.server.requests.count
    _ = try fetch(hub, dolly: dolly, archive: archive, test: 3, dev: 1)
    #expect(hub.server.requests.count == asked)
  }

  @Test func anArchiveWithOtherContentsThanExpectedGivesNoFile() throws {
    let archive = TarBuilder.mmlu(test: Self.questions, dev: Self.questions)
    let hub = try hub(dolly: [1], archive: archive)
    #expect(throws: HubError.self) {
      try fetch(hub, dolly: [1], archive: archive, test: 4, dev: 3)
    }
    #expect(!FileManager.default.fileExists(atPath: cache.path("data/mmlu-test.jsonl")))
    let noArchive = [UInt8](repeating: 7, count: 2_000)
    let other = try self.hub(dolly: [1], archive: noArchive)
    #expect(throws: HubError.self) {
      try fetch(other, dolly: [1], archive: noArchive, test: 3, dev: 3)
    }
  }

  @Test func bytesThatStayWrongGiveNoFile() throws {
    let hub = try hub(dolly: [1, 2, 4], archive: [])
    #expect(throws: HubError.self) {
      try fetch(hub, dolly: [1, 2, 3], archive: [], test: 1, dev: 1)
    }
    #expect(hub.server.requests.count == 2)
    #expect(!FileManager.default.fileExists(atPath: cache.path("data/databricks-dolly-15k.jsonl")))
  }

  private static let published: URL? = ReferenceFiles.golden.map {
    $0.deletingLastPathComponent().appendingPathComponent("data")
  }

  /// The output must equal files that were made independently from the same questions.
  @Test(.enabled(if: published != nil))
  func convertedQuestionsAreThePublishedFiles() throws {
    let published = try #require(Self.published)
    let files = try ["test", "dev"].map {
      try Data(contentsOf: published.appendingPathComponent("mmlu-\($0).jsonl"))
    }
    let parts = try ["test", "dev"].map {
      try MMLU.questions(jsonLines: published.appendingPathComponent("mmlu-\($0).jsonl").path)
    }
    let archive = TarBuilder.mmlu(test: parts[0], dev: parts[1])
    let hub = try hub(dolly: [1], archive: archive)
    let folder = try fetch(hub, dolly: [1], archive: archive, test: 14_042, dev: 285)
    #expect(try Data(contentsOf: folder.appendingPathComponent("mmlu-test.jsonl")) == files[0])
    #expect(try Data(contentsOf: folder.appendingPathComponent("mmlu-dev.jsonl")) == files[1])
  }
}

@Suite struct GitDigestTests {
  /// FIPS 180-4 examples.
  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    ("blob 6\0hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
  ])
  func digestsAreThoseOfTheStandard(message: String, digest: String) {
    for size in [7, 64, 100_000] {
      var hash = SHA1()
      let bytes = Array(message.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { hash.update($0) }
      }
      #expect(hash.finish() == digest)
    }
  }
}
