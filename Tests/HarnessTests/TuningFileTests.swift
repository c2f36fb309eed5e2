import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: RunningTool.path(of: "ais") != nil)) struct TuningFileTests {
  private func tune(_ cache: URL, _ arguments: [String] = []) throws -> (text: String, code: Int32?)
  {
    let tool = try RunningTool(
      "ais", ["tune"] + arguments, environment: ["AIS_CACHE": cache.path])
    let code = tool.wait()
    return (tool.output + tool.errors, code)
  }

  private func file(_ cache: URL) throws -> URL {
    let folder = cache.appendingPathComponent("tuning")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return folder.appendingPathComponent(try #require(names.first))
  }

  @Test(.enabled(if: Threads.instructionSet != "reference"))
  func aMeasurementIsKeptUntilItIsDamaged() throws {
    let scratch = try ScratchFolder()
    let cache = scratch.file("cache")
    let first = try tune(cache)
    #expect(first.code == 0 && first.text.contains("bf16 uses "), "\(first.text)")
    let kept = try Data(contentsOf: file(cache))
    let second = try tune(cache, ["--if-missing"])
    #expect(second.code == 0 && second.text.isEmpty, "\(second.text)")
    #expect(try Data(contentsOf: file(cache)) == kept)
    for damaged in [Data("{".utf8), Data(), kept.prefix(kept.count / 2)] {
      try damaged.write(to: file(cache))
      #expect(try tune(cache, ["--if-missing"]).text.contains("bf16 uses "))
    }
  }

  @Test(.enabled(if: Threads.instructionSet != "reference"))
  func aFolderThatCannotBeWrittenIsOneLine() throws {
    let scratch = try ScratchFolder()
    let place = scratch.file("cache")
    try Data().write(to: place)
    let outcome = try tune(place)
    #expect(outcome.code == 1)
    #expect(outcome.text.hasPrefix("ais: ") && outcome.text.split(separator: "\n").count == 1)
  }
}
