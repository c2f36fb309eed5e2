import AISHarness
import ArgumentParser
import Foundation
import TestSupport
import Testing

private struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tool", subcommands: [Sing.self, Group.self])
}

private struct Sing: ParsableCommand {
  @Option var pitch: Double = 0
  @Option var voices: Int = 1
  @Flag var loudly = false
  @Argument var words: [String] = []

  func run() throws { throw Sung(text: "\(pitch) \(voices) \(loudly) \(words)") }
}

private struct Group: ParsableCommand {
  static let configuration = CommandConfiguration(subcommands: [Inner.self])
}

private struct Inner: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "describe")
}

/// The arguments of `sing`, as the outcome's one line.
private struct Sung: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}

@Suite struct CommandWordsTests {
  private func outcome(_ words: [String]) -> HarnessMain.Outcome {
    HarnessMain.outcome(of: Tool.self, arguments: words)
  }

  @Test(arguments: [
    (["sing", "--pitch", "-1"], "-1.0 1 false []"),
    (["sing", "--pitch", "-.5", "--voices", "-3"], "-0.5 -3 false []"),
    (["sing", "--pitch=-2e-3"], "-0.002 1 false []"),
    (["sing", "--pitch", "-inf", "la"], #"-inf 1 false ["la"]"#),
    // After `--` all words stay as they are.
    (["sing", "--pitch", "1", "--", "--voices", "-3"], #"1.0 1 false ["--voices", "-3"]"#),
  ])
  func aNegativeNumberIsTheOptionsValue(words: [String], got: String) {
    #expect(outcome(words) == .init(status: .failed, standardError: got))
  }

  @Test(arguments: [
    (["sin"], "there is no command 'sin'; did you mean 'sing'? There are: sing, group"),
    (["sign", "--pitch", "1"], "did you mean 'sing'?"),
    (["group", "desribe"], "there is no command 'group desribe'; did you mean 'describe'?"),
    (["frobnicate"], "there is no command 'frobnicate'. There are: sing, group"),
    (["sing", "--ptich", "1"], "Unknown option '--ptich'. Did you mean '--pitch'?"),
    (["sing", "--pitch"], "Missing value for '--pitch <pitch>'"),
    (["sing", "--voices", "1.5"], "expected a whole number"),
  ])
  func aSlipIsNamedWithWhatWasMeant(words: [String], says: String) {
    let got = outcome(words)
    #expect(got.status == .wrongRequest)
    #expect(got.standardError?.contains(says) == true, "\(got.standardError ?? "")")
  }

  @Test func helpAndVersionAreNoSlips() {
    for words in [["help"], ["help", "sing"], ["--help"], ["group", "--help"], [], ["group"]] {
      #expect(outcome(words).status == .done, "\(words)")
      #expect(outcome(words).standardOutput?.contains("USAGE") == true, "\(words)")
    }
    let version = outcome(["--version"])
    #expect(version.status == .done)
    #expect(version.standardOutput?.hasSuffix(" \(ToolVersion.text())") == true)
  }

  @Test func theNearestWordIsFoundWhereOneIsNear() {
    let words = ["generate", "inspect", "exits"]
    #expect(Spelling.nearest(to: "generat", among: words) == "generate")
    #expect(Spelling.nearest(to: "GENERATE", among: words) == "generate")
    #expect(Spelling.nearest(to: "exist", among: words) == "exits")
    #expect(Spelling.nearest(to: "xyzzy", among: words) == nil)
    #expect(Spelling.nearest(to: "", among: words) == nil)
    #expect(Spelling.nearest(to: "x", among: []) == nil)
  }
}

@Suite struct ToolVersionTests {
  @Test func theChangelogHasTheVersion() throws {
    let changelog = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("Docs/CHANGELOG.md"),
      encoding: .utf8)
    let heading = try #require(changelog.firstMatch(of: /\n## ([^\n]*)\n/))
    #expect(heading.1.hasPrefix(ToolVersion.number), "\(heading.1)")
  }

  /// The build's note is used unless the tool was rebuilt later.
  @Test func theCommitIsTheOneThatTheBuildNoted() throws {
    let folder = try TemporaryFolder()
    let tool = folder.url.appendingPathComponent("ais")
    try Data().write(to: tool)
    #expect(ToolVersion.text(of: tool) == ToolVersion.number)
    let note = folder.url.appendingPathComponent(ToolVersion.commitFile)
    try Data("0123456789ab, with changes\n".utf8).write(to: note)
    let noted = "\(ToolVersion.number) (commit 0123456789ab, with changes)"
    #expect(ToolVersion.text(of: tool) == noted)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 60)], ofItemAtPath: tool.path)
    #expect(ToolVersion.text(of: tool) == ToolVersion.number)
    try Data("\n".utf8).write(to: note)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 90)], ofItemAtPath: note.path)
    #expect(ToolVersion.text(of: tool) == ToolVersion.number)
  }
}
