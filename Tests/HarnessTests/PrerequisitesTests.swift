import AISHarness
import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct PrerequisitesTests {
  private let scratch: ScratchFolder
  private let need = Prerequisite(
    "997", "trial", settings: [.init("groups", "4")], full: .data(80, starter: 24), least: 16,
    itemColumn: nil)

  init() throws { scratch = try ScratchFolder() }

  private func prerequisites(
    asked: Int? = nil, isStarter: Bool = false, categories: Int = 8, device: DeviceName = .cpu
  ) -> Prerequisites {
    Prerequisites(
      folders: [scratch.file("out"), scratch.file("Results")],
      subject: .init(
        modelStem: "m", modelSHA256: "aa", promptsSHA256: "bb", isStarter: isStarter, dtype: "f32",
        device: device, categoryCount: categories),
      size: PreparationSize(asked: asked, wholeFrom: 1_000),
      arguments: ["--out", scratch.file("out").path], tools: scratch.file("tools"))
  }

  private func file(_ folder: String, _ name: String = "m-f32") -> String {
    scratch.file("\(folder)/exp997/\(name).h5").path
  }

  private func write(
    in folder: String, _ name: String = "m-f32", n: Int? = nil,
    _ change: (inout Provenance) -> Void = { _ in }
  ) throws {
    var origin = Provenance.sample()
    origin.experiment = "exp997"
    origin.isComplete = true
    origin.dtype = name.contains("bf16") ? "bf16" : "f32"
    origin.parameters = ["groups": "4"]
    origin.parameters["n"] = n.map(String.init)
    change(&origin)
    try FileManager.default.createDirectory(
      at: scratch.file("\(folder)/exp997"), withIntermediateDirectories: true)
    try ResultFile.write(
      StoredResult(provenance: origin, columns: [], rows: []), to: file(folder, name))
  }

  private func found() throws -> String { try prerequisites().result(need).file }

  private func problem() -> String? {
    #expect(throws: ResultError.self) { try prerequisites().result(need) }?.description
  }

  // MARK: - Which result serves

  @Test func theFirstFolderThatHasAFittingResultGivesIt() throws {
    try write(in: "Results")
    #expect(try found() == file("Results"))
    try write(in: "out") { $0.modelSHA256 = "ab" }
    #expect(try found() == file("Results"))
    try write(in: "out")
    #expect(try found() == file("out"))
  }

  @Test func aFullResultIsPreferredToASmallOneWhereverTheyLie() throws {
    try write(in: "out", "m-f32-n16", n: 16)
    let small = try prerequisites().result(need)
    #expect(small.file == file("out", "m-f32-n16") && small.items == 16 && small.full == 80)
    try write(in: "out", "m-f32-n40-seed3", n: 40)
    #expect(try found() == file("out", "m-f32-n40-seed3"))
    try write(in: "Results", "m-bf16")
    #expect(try found() == file("Results", "m-bf16"), "of another number format, but full")
    try write(in: "Results")
    #expect(try found() == file("Results"), "full, and of the run's own format")
    try write(in: "out", "m-bf16-n200", n: 200)
    #expect(try prerequisites().result(need).items == 200)
  }

  /// With equally many items, the experiment's default settings win, whatever the files' names.
  @Test func aResultOfTheUsualSettingsIsPreferredToAVariant() throws {
    try write(in: "out", "m-f32-seed7") { $0.variant = "seed7" }
    #expect(try found() == file("out", "m-f32-seed7"))
    try write(in: "out") { $0.variant = "" }
    #expect(try found() == file("out"))
  }

  @Test func oneThatIsDamagedInItsRowsLeavesTheNextBest() throws {
    try write(in: "out", "m-f32-n40", n: 40)
    try write(in: "out")
    // Only the root is left: the provenance can be read, the rows cannot.
    var origin = Provenance.sample()
    origin.experiment = "exp997"
    origin.isComplete = true
    origin.parameters = ["groups": "4"]
    let damaged = try HDF5File.create(file("out"))
    try ResultFile.writeProvenance(origin, to: damaged)
    try damaged.close()
    #expect(throws: ResultError.self) { try ResultFile.read(file("out")) }
    #expect(try found() == file("out", "m-f32-n40"))
  }

  @Test func aSmallResultServesAndIsToldWithItsSize() throws {
    try write(in: "out", "m-f32-n16", n: 16)
    let plan = try prerequisites().plan([need])
    #expect(plan.parts.isEmpty, "nothing has to be made")
    #expect(plan.uses.count == 1)
    let line = try #require(plan.uses.first)
    #expect(line.hasPrefix("exp997: trial of 16 prompts, from ") && line.contains("m-f32-n16.h5"))
    #expect(line.contains("a full one is of 80: make exp-997 makes it"))
    try write(in: "out")
    #expect(try prerequisites().plan([need]).uses.first?.contains("a full one") == false)
  }

  @Test func theRowsTellHowManyItemsThereAre() throws {
    struct Line: ResultRow {
      var prompt = 0
      var part = 0
      static let columns: [Column<Line>] = [
        Column("prompt", \.prompt, "which"), Column("part", \.part, "of it"),
      ]
    }
    try write(in: "out", n: 4_000)
    var result = try ResultFile.read(file("out"))
    let lines = (0..<21).map { Line(prompt: $0 / 3, part: $0 % 3) }
    result.columns = Line.columns.map(\.column)
    result.rows = lines.map { [.integer($0.prompt), .integer($0.part)] }
    try ResultFile.write(result, to: file("out"))
    let counted = Prerequisite(
      "997", "trial", full: .data(80, starter: 24), least: 16, itemColumn: "prompt")
    #expect(try prerequisites().result(counted).items == 7)
    #expect(try prerequisites().result(need).items == 4_000, "as was asked for")
  }

  @Test func whatIsMissingSaysWhatMakesIt() {
    #expect(problem() == "\(file("out")): is missing; make exp-997 makes it")
  }

  @Test(arguments: ["out", "Results"])
  func whatDoesNotFitIsNamedWithItsFile(folder: String) throws {
    let cases: [((inout Provenance) -> Void, String)] = [
      ({ $0.isComplete = false }, "is unfinished"),
      ({ $0.modelSHA256 = "ab" }, "model_sha256: expected aa, found ab"),
      ({ $0.dataSHA256 = "bc" }, "data_sha256: expected bb, found bc"),
      ({ $0.experiment = "exp996" }, "is a result of exp996"),
      (
        { $0.libraryVersions = LibraryVersions.loaded(device: .someGPU()) },
        "device: expected cpu, found cuda"
      ),
      ({ $0.parameters["groups"] = "6" }, "groups: expected 4, found 6"),
    ]
    for (change, reason) in cases {
      try write(in: folder, "m-f32-other", change)
      #expect(problem() == "\(file(folder, "m-f32-other")): \(reason)")
    }
    try write(in: folder, "m-f32-other") { $0.parameters["groups"] = nil }
    #expect(try found() == file(folder, "m-f32-other"), "made before there was a choice")
  }

  /// A result of any GPU serves a run on any other, as one of any processor does.
  @Test func aRunOnAGPURestsOnResultsOfGPUsAlone() throws {
    let run = prerequisites(device: .cuda)
    func problem() -> String? {
      #expect(throws: ResultError.self) { try run.result(need) }?.description
    }
    #expect(problem() == "\(file("out", "m-f32-cuda")): is missing; make exp-997 makes it")
    try write(in: "out")
    #expect(problem() == "\(file("out")): device: expected cuda, found cpu")
    try write(in: "out", "m-f32-cuda", n: 16) {
      $0.libraryVersions = LibraryVersions.loaded(device: .someGPU("Another"))
    }
    #expect(try run.result(need).file == file("out", "m-f32-cuda"))
    #expect(try found() == file("out"))
  }

  @Test func anotherModelsResultIsNotWhatIsMissed() throws {
    try write(in: "out", "gemma-f32") { $0.modelSHA256 = "ab" }
    #expect(problem() == "\(file("out")): is missing; make exp-997 makes it")
  }

  @Test func aDamagedResultIsAnErrorThatNamesItUnlessAnotherServes() throws {
    try write(in: "out")
    try Data("text".utf8).write(to: URL(fileURLWithPath: file("out")))
    let text = try #require(problem())
    #expect(text.hasPrefix(file("out") + ": ") && !text.contains("\n"))
    try write(in: "Results", "m-bf16-n8", n: 8)
    #expect(try found() == file("Results", "m-bf16-n8"))
  }

  // MARK: - How a missing one is made

  @Test(
    arguments: [
      (nil, false, nil), (1_000, false, nil), (5_000, false, nil), (500, false, 40),
      (510, false, 48), (100, false, 16), (1, false, 16), (500, true, 16), (990, true, nil),
    ] as [(Int?, Bool, Int?)])
  func aMissingOneIsMadeAsSmallAsTheRunIs(asked: Int?, isStarter: Bool, n: Int?) {
    let arguments = prerequisites(asked: asked, isStarter: isStarter).arguments(for: need)
    #expect(
      arguments == ["--out", scratch.file("out").path, "--groups", "4"]
        + (n.map { ["--n", "\($0)"] } ?? []))
  }

  @Test func everyCategoryHasItsPrompts() {
    let few = prerequisites(asked: 1, categories: 13).arguments(for: need)
    #expect(few.suffix(2) == ["--n", "26"])
    #expect(!prerequisites(asked: 1, categories: 40).arguments(for: need).contains("--n"))
  }

  @Test func whatIsThereDoesNotRunAgain() throws {
    try write(in: "Results")
    var said: [String] = []
    let progress = PlanProgress(RunPlan(parts: []), in: nil) { said.append($0) }
    let results = try prerequisites().ensure([need], progress: progress) { said.append($0) }
    #expect(results["997"]?.file == file("Results"))
    #expect(try prerequisites().ensure([], progress: progress) { said.append($0) }.isEmpty)
    #expect(said.isEmpty)
  }

  @Test func anExperimentThatCannotRunEndsTheOneThatNeedsItBeforeAnythingRuns() throws {
    let error = #expect(throws: ChildProcessError.self) { try prerequisites().plan([need]) }
    #expect(error?.executable.hasSuffix("/exp997") == true)
    try tool("exit 2")
    let ended = #expect(throws: PrerequisiteError.self) { try prerequisites().plan([need]) }
    #expect(ended?.experiment == "exp997" && ended?.ending == "exit status 2")
    try tool("echo no plan")
    #expect(throws: ResultError.self) { try prerequisites().plan([need]) }
  }

  /// Replaces an experiment with a script that prints a plan and its place, and writes a result.
  private func tool(_ body: String) throws {
    try writeScript(body, to: scratch.file("tools/exp997"))
  }

  @Test func aMissingOneIsPlannedAndThenMadeInItsPlaceOfThePlan() throws {
    try write(in: "made", "m-f32-n16", n: 16)
    let plan = RunPlan(
      parts: [.init("map", "some"), .init("exp997", "16 prompts")], uses: ["exp990: all of it"])
    let json = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
    try tool(
      """
      if [ "$1" = --plan-data ]; then shift; echo "$*" >'\(scratch.file("planned").path)'
      echo '\(json)'; exit 0; fi
      echo "$*" >'\(scratch.file("ran").path)'
      echo "$AIS_PLAN_PLACE" >'\(scratch.file("place").path)'
      mkdir -p '\(scratch.file("out").path)'
      cp -r '\(scratch.file("made/exp997").path)' '\(scratch.file("out").path)'
      """)
    let prerequisites = prerequisites(asked: 100)
    var whole = try prerequisites.plan([need])
    #expect(whole == plan)
    whole.parts.append(.init("exp998", "itself"))
    var said: [String] = []
    let progress = PlanProgress(whole, in: nil) { said.append($0) }
    let results = try prerequisites.ensure([need], progress: progress) { said.append($0) }
    #expect(results["997"]?.items == 16)
    func text(_ name: String) throws -> String {
      try String(contentsOf: scratch.file(name), encoding: .utf8)
        .trimmingCharacters(in: .newlines)
    }
    let arguments = prerequisites.arguments(for: need).joined(separator: " ")
    #expect(try text("ran") == arguments && text("planned") == arguments)
    #expect(try text("place") == "0/3")
    #expect(ProcessInfo.processInfo.environment["AIS_PLAN_PLACE"] == nil)
    #expect(said == ["  goes on  with what was asked for"])
  }
}
