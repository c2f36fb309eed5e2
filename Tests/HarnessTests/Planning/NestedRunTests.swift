import AISHarness
import Foundation
import TestSupport
import Testing

/// An experiment that needs another one and a map, from nothing, with a small model.
@Suite(
  .enabled(if: ["exp015", "exp016"].allSatisfy { RunningTool.path(of: $0) != nil }))
struct NestedRunTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    try TalkingModel.write(to: scratch.file("tiny"))
    // Short prompts: this model has a token for each byte.
    try TalkingModel.writePrompts(400, to: scratch.file("data")) {
      "Ask \($0 * 7_919) of \($0 % 8)?"
    }
  }

  /// What it printed, a line each.
  private func run(_ arguments: String...) throws -> [String] {
    let tool = try RunningTool(
      "exp016",
      [
        "--model", scratch.file("tiny").path, "--data", scratch.file("data").path, "--out",
        scratch.file("out").path,
      ] + arguments,
      environment: ["AIS_CACHE": scratch.file("cache").path])
    #expect(tool.wait() == 0, "\(tool.errors)")
    return tool.output.split(separator: "\n").map(String.init)
  }

  private func parameters(_ variant: String) throws -> [String: String] {
    let file = scratch.file("out/exp016/tiny-f32-\(variant).h5").path
    return try ResultFile.read(file).provenance.parameters
  }

  private func ablations() -> [String] {
    let folder = scratch.file("out/exp015").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".h5") }
  }

  @Test func whatIsNeededIsToldMadeSmallAndUsedAgain() throws {
    let named = try run("--n", "8", "--layers", "3-4")
    let told = named.filter { !$0.hasPrefix("  costs ") }
    #expect(told.allSatisfy { !$0.contains("exp015") } && ablations().isEmpty)
    #expect(try parameters("hard-layers3-4")["exp015_n"] == nil)

    let first = try run("--n", "8")
    let plan = try #require(first.firstIndex { $0.hasPrefix("  plan ") })
    let begins = try #require(first.firstIndex { $0.hasPrefix("  part ") })
    #expect(plan < begins && first[plan].contains("exp015  16 prompts × 22 parts"))
    #expect(first[plan..<begins].contains { $0.contains(" total ") })
    let parts = first.filter { $0.hasPrefix("  part ") }
    #expect(parts.count == 2)
    #expect(parts.first?.hasPrefix("  part     1 of 2: exp015, ") == true)
    #expect(parts.last?.hasPrefix("  part     2 of 2: exp016, ") == true)
    #expect(first.count { $0.contains("  exp015  ") } == 1, "the inner run has none of its own")
    #expect(ablations() == ["tiny-f32.h5"])
    let origin = try parameters("hard")
    #expect(origin["exp015_n"] == "16" && origin["exp015_rows_sha256"]?.count == 64)
    #expect(origin["map_n"] == "400")

    // A larger run uses the existing results, whatever their size, and says so.
    let second = try run("--n", "9")
    #expect(second.contains { $0.hasPrefix("  uses     exp015: ablation of 16 prompts, from ") })
    let map = try #require(second.first { $0.hasPrefix("  uses     map: of ") })
    #expect(map.hasSuffix(" (made for 400, a full one for 5000)"))
    #expect(second.allSatisfy { !$0.hasPrefix("  part ") && !$0.contains("rough times") })
    #expect(ablations().count == 1)
    #expect(try parameters("hard")["exp015_n"] == "16")
  }
}
