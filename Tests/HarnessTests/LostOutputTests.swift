import AISHarness
import Foundation
import TestSupport
import Testing

/// Tools with lost output, run by a shell: they print a line and exit with a failure.
@Suite(
  .enabled(
    if: ["ais", "exp015"].allSatisfy { RunningTool.path(of: $0) != nil }
      && FileManager.default.fileExists(atPath: "/dev/full")))
struct LostOutputTests {
  private let folder: TemporaryFolder
  private static let full = "standard output: cannot write: No space left on device\n"

  init() throws { folder = try TemporaryFolder() }

  /// The output of a shell script; `$AIS`, `$EXP` and `$DIR` are the tools and a folder.
  private func shell(_ script: String) throws -> String {
    let tools = ["AIS": "ais", "EXP": "exp015"].compactMap { name, tool in
      RunningTool.path(of: tool).map { "\(name)='\($0)'" }
    }
    let variables = tools + ["DIR='\(folder.url.path)'", "export AIS_CACHE=\"$DIR/cache\""]
    let output = try ChildProcess.output(
      of: URL(fileURLWithPath: "/bin/sh"),
      ["-c", variables.joined(separator: "; ") + "; " + script], limit: 1 << 24, seconds: 300)
    return String(decoding: output.bytes, as: UTF8.self)
  }

  private func model() throws {
    try folder.write(SyntheticModel().bytes(), as: "model.gguf")
    try folder.write("{\"ids\": [1, 2, 3]}\n{\"ids\": [4, 5]}\n", as: "in.jsonl")
  }

  private func results() throws {
    for name in ["a", "b"] {
      try ResultFile.write(FigureFixtures.result(variant: ""), to: folder.path("\(name).h5"))
    }
  }

  @Test(arguments: [
    "--help", "inspect --help", "inspect $DIR/model.gguf", "results diff $DIR/a.h5 $DIR/b.h5",
  ])
  func aToolWhoseOutputIsLostFails(_ arguments: String) throws {
    try model()
    try results()
    let said = try shell("$AIS \(arguments) >$DIR/out 2>&1; echo $?")
    #expect(said == "0\n")
    #expect(
      try shell("$AIS \(arguments) 2>&1 >/dev/full; echo $?")
        == "ais: " + Self.full + "1\n")
    // A closed output is lost too.
    let closed = try shell("{ $AIS \(arguments) 2>&3 >&-; echo $? >&3; } 3>&1")
    #expect(closed == "ais: standard output: cannot write: Bad file descriptor\n1\n")
  }

  @Test(arguments: ["--describe", "--help", "--model $DIR/model.gguf --out $DIR/out"])
  func anExperimentWhoseOutputIsLostFails(_ arguments: String) throws {
    try model()
    #expect(
      try shell("$EXP \(arguments) 2>&1 >/dev/full; echo $?") == "exp015: " + Self.full + "1\n")
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  /// A long run goes on if the reader of its output ends.
  @Test func aRunOutlivesItsListener() throws {
    try model()
    let said = try shell(
      "{ $EXP --model $DIR/model.gguf --out $DIR/out 2>$DIR/err; echo $? >$DIR/status; } | true; "
        + "cat $DIR/status; tail -n 1 $DIR/err")
    // Not 141, as after a signal.
    #expect(["1\n", "2\n"].contains { said.hasPrefix($0) }, "\(said)")
    #expect(said.split(separator: "\n").count == 2, "\(said)")
  }

  @Test func anErrorComesAfterTheOutputBeforeItOnAPipeToo() throws {
    let said = try shell("$EXP --model $DIR/none.gguf --out $DIR/out 2>&1").split(separator: "\n")
    #expect(said.first?.hasPrefix("exp015 · ") == true)
    #expect(said.last?.hasPrefix("exp015: ") == true && said.last?.contains("none.gguf") == true)
    #expect(said.filter { $0.hasPrefix("exp015: ") }.count == 1)
  }

  /// A limit on a file's size ends a write in the middle, as a full disk does.
  @Test func aFileThatCannotBeWrittenIsOneLine() throws {
    try model()
    let said = try shell(
      "ulimit -f 1; $AIS forward --model $DIR/model.gguf --input $DIR/in.jsonl --out $DIR/out.h5 "
        + "--hidden 0,1,2,3 --all-positions 2>&1; echo $?"
    ).split(separator: "\n").filter { !$0.hasPrefix("inputs ") }
    #expect(said.count == 2 && said.last == "1")
    #expect(said.first?.hasPrefix("ais: \(folder.path("out.h5")): cannot write") == true)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(!left.contains { $0.hasPrefix("out") })
  }

  @Test func aPictureThatCannotBeWrittenIsAFailureAndTheEarlierOneStays() throws {
    guard FigureRenderer() != nil else {
      FileHandle.standardError.write(Data("*** NO GNUPLOT: pictures are NOT TESTED ***\n".utf8))
      return
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("exp099"), withIntermediateDirectories: true)
    try ResultFile.write(FigureFixtures.result(variant: ""), to: folder.path("exp099/a.h5"))
    let first = try shell("$AIS results report $DIR 2>&1; echo $?")
    #expect(first.contains(" pictures\n") && first.hasSuffix("README.md\n0\n"), "\(first)")
    let figures = folder.path("figures")
    let names = try FileManager.default.contentsOfDirectory(atPath: figures).sorted()
    let before = try names.map { try folder.read("figures/\($0)") }
    #expect(!names.isEmpty)
    // The script for gnuplot fits, the largest picture doesn't.
    let said = try shell("ulimit -f 24; $AIS results report $DIR 2>&1; echo $?")
    #expect(said.contains("cannot write: File too large\n1\n"))
    #expect(said.split(separator: "\n").count == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: figures).sorted() == names)
    #expect(try names.map { try folder.read("figures/\($0)") } == before)
  }

  /// Only one place of the source writes to standard output, so that no failure is missed.
  @Test func nothingPrintsByItself() throws {
    for folder in ["Sources", "Experiments"] {
      let root = ReferenceFiles.repository.appendingPathComponent(folder)
      let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
      for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        let call = text.firstMatch(of: /(?m)^[^\/]*\b(print|puts|printf|debugPrint)\(/)
        #expect(call == nil, "\(file.path)")
      }
    }
  }
}
