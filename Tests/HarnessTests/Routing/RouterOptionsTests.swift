import AISHarness
import AISKit
import ArgumentParser
import Testing

private struct Probe: ParsableCommand {
  @OptionGroup var exit: RouterOptions
}

@Suite struct RouterOptionsTests {
  private static let usual = [1.01, 0.85, 0.5]

  private func options(_ arguments: String...) throws -> RouterOptions {
    try Probe.parse(arguments).exit
  }

  private func routers(_ notes: [String: String] = [:]) throws -> TokenRouters {
    let router = TokenRouter(
      layer: 3, width: 2, down: [Float](repeating: 0, count: 4), up: [0, 0])
    return try TokenRouters([router], notes: notes)
  }

  @Test func unsetOptionsTakeTheUsualThresholdsAndTheFilesSettings() throws {
    let options = try options()
    let routers = try routers()
    let settings = try options.settings(usual: Self.usual, routers)
    #expect(settings.map(\.label) == ["1.01", "0.85", "0.5"])
    #expect(settings.map(\.threshold) == [1.01, 0.85, 0.5])
    #expect(options.configuration(0.7, routers).exitThreshold == 0.7)
    #expect(options.configuration(0.7, routers).minLayers == routers.configuration.minLayers)
    #expect(options.needs == [.result(.routers)] && options.inputFiles.isEmpty)
    #expect(options.label == "")
  }

  @Test func aNamedFileSparesTheExperimentThatWouldMakeOne() throws {
    let options = try options(
      "--router", "a b/my.routers.safetensors", "--min-layers", "12", "--kv-fill", "hole")
    #expect(options.needs.isEmpty)
    #expect(options.inputFiles.map(\.path) == ["a b/my.routers.safetensors"])
    #expect(options.label == "my.routers")
    let configuration = options.configuration(0.5, try routers())
    #expect(configuration.minLayers == 12 && configuration.kvCacheStrategy == .hole)
  }

  @Test func theGuaranteedThresholdJoinsTheUsualOnesAndIsMarked() throws {
    let guaranteed = try routers(["guarantee_threshold": "0.97"])
    let settings = try options().settings(usual: Self.usual, guaranteed)
    #expect(settings.map(\.label) == ["1.01", "0.97 (guaranteed)", "0.85", "0.5"])
    #expect(settings[1].threshold == 0.97)
    let same = try routers(["guarantee_threshold": "0.5"])
    #expect(
      try options().settings(usual: Self.usual, same).map(\.label)
        == ["1.01", "0.85", "0.5 (guaranteed)"])
    for text in ["none", "nan", "inf", "-1"] {
      let routers = try routers(["guarantee_threshold": text])
      #expect(try options().settings(usual: Self.usual, routers).count == 3)
    }
  }

  @Test func aGuaranteeIsForOneReadout() throws {
    let bridged = try routers(["guarantee_threshold": "0.97", "readout": "bridge"])
    #expect(bridged.readout == .bridge)
    #expect(try options().settings(usual: Self.usual, bridged).count == 3)
    let settings = try options().settings(usual: Self.usual, bridged, readout: .bridge)
    #expect(settings.map(\.label) == ["1.01", "0.97 (guaranteed)", "0.85", "0.5"])
  }

  @Test func givenThresholdsAreTakenAsTheyAreFallingAndOnce() throws {
    let options = try options("--thresholds", "0.3, 1.01,0.3,0.9")
    let settings = try options.settings(
      usual: Self.usual, routers(["guarantee_threshold": "0.97"]))
    #expect(settings.map(\.threshold) == [1.01, 0.9, 0.3])
  }

  @Test(arguments: [
    (["--thresholds", "0.5,x"], "--thresholds '0.5,x': expected numbers of at least 0"),
    (["--thresholds=-1"], "--thresholds '-1': expected numbers of at least 0"),
    (["--thresholds", ""], "--thresholds '': expected numbers of at least 0"),
    (["--thresholds", "nan"], "--thresholds 'nan': expected numbers of at least 0"),
    (["--min-layers=-1"], "--min-layers -1: expected at least 0"),
  ])
  func whatHasNoMeaningIsRefused(arguments: [String], beginning: String) {
    let outcome = HarnessMain.outcome(of: Probe.self, arguments: arguments)
    #expect(outcome.status == .wrongRequest)
    #expect(outcome.standardError?.hasPrefix(beginning) == true, "\(outcome)")
  }
}
