import AISHarness
import AISKit
import ArgumentParser
import Testing

private struct Routed: ParsableCommand {
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions
}

@Suite struct SkipOptionsTests {
  private func parse(_ arguments: [String]) throws -> Routed {
    try #require(try Routed.parseAsRoot(arguments) as? Routed)
  }

  @Test(arguments: [
    ([], SkipRule.budget(7)),
    (["--k-skip", "2"], .groups(2, of: 4)),
    (["--groups", "6"], .groups(1, of: 6)),
    (["--k-skip", "0", "--groups", "1"], .groups(0, of: 1)),
    (["--budget", "3"], .budget(3)),
    (["--threshold", "0.05"], .threshold(0.05)),
    (["--layers", "14-16,20"], .layers([14, 15, 16, 20])),
    (["--layers", "", "--confidence", "0.5"], .layers([])),
    (["--budget", "0", "--neighbors", "3"], .budget(0)),
  ])
  func optionsMakeARule(arguments: [String], rule: SkipRule) throws {
    #expect(try parse(arguments).skip.rule(layerCount: 30) == rule)
  }

  @Test(arguments: [
    ([], nil), (["--budget", "3"], nil), (["--threshold", "0.05"], nil), (["--k-skip", "1"], 4),
    (["--groups", "6"], 6),
  ])
  func anAblationMustHaveTheGroupsThatAreLeftOut(arguments: [String], groups: Int?) throws {
    #expect(try parse(arguments).skip.needs == [.result(.ablation(groups: groups))])
  }

  @Test(arguments: ["11-13", "14,20", ""])
  func layersThatAreNamedNeedNoAblation(layers: String) throws {
    #expect(try parse(["--layers", layers]).skip.needs.isEmpty)
  }

  @Test func bridgesAreNeededWhereTheyStandForLayers() throws {
    #expect(try parse(["--mode", "bridge"]).depth.needs == [.bridges])
    #expect(try parse(["--mode", "soft"]).depth.needs.isEmpty)
  }

  @Test func theMapDecidesByItsOwnDefaults() throws {
    let skip = try parse([]).skip
    #expect(skip.confidence == 0 && skip.neighbors == 10)
  }

  @Test(arguments: [
    (["--budget", "1", "--threshold", "1"], "--budget and --threshold: expected one of them"),
    (
      ["--budget", "1", "--threshold", "1", "--layers", "2"],
      "--budget and --threshold and --layers: expected one of them"
    ),
    (
      ["--budget", "1", "--k-skip", "1"],
      "--budget leaves out single layers; --k-skip and --groups do not go with it"
    ),
    (
      ["--layers", "3", "--groups", "2"],
      "--layers leaves out single layers; --k-skip and --groups do not go with it"
    ),
    (["--k-skip=-1"], "--k-skip -1: expected at least 0"),
    (["--groups", "0"], "--groups 0: expected at least 1"),
    (["--budget=-1"], "--budget -1: expected at least 0"),
    (["--threshold=-0.1"], "--threshold -0.1: expected at least 0 nats"),
    (["--threshold", "nan"], "--threshold nan: expected at least 0 nats"),
    (["--confidence", "1.5"], "--confidence 1.5 is out of range, expected 0 to 1"),
    (["--confidence", "nan"], "--confidence nan is out of range, expected 0 to 1"),
    (["--neighbors", "0"], "--neighbors 0: expected at least 1"),
  ])
  func whatDoesNotGoTogetherIsRefusedInOneLine(arguments: [String], line: String) {
    let outcome = HarnessMain.outcome(of: Routed.self, arguments: arguments)
    #expect(outcome.status == .wrongRequest)
    #expect(outcome.standardError == line)
  }

  @Test(arguments: ["3a", "3-1", "x", "5,6f", "-1"])
  func onlyWholeLayersAreListed(list: String) throws {
    let skip = try parse(["--layers=\(list)"]).skip
    #expect(throws: RequestError.self) { try skip.rule(layerCount: 30) }
  }

  @Test func theModeIsAStyleAndAFileName() throws {
    #expect(try parse([]).depth.style == .hard && parse([]).depth.label == "hard")
    let soft = try parse(["--mode", "soft"]).depth
    #expect(soft.style == .soft(alpha: 0.7) && soft.label == "soft0.7")
    #expect(try parse(["--mode", "soft", "--alpha", "0.25"]).depth.label == "soft0.25")
    let bridge = try parse(["--mode", "bridge"]).depth
    #expect(bridge.style == nil && bridge.label == "bridge", "bridges have to be fitted")
  }
}
