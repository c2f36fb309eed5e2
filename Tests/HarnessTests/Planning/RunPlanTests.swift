import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct RunPlanTests {
  private func part(
    _ name: String, _ work: String, _ seconds: Double?, _ basis: CostEstimator.Basis = .samePart,
    maySpare: Bool = false
  ) -> RunPlan.Part {
    .init(
      name, work, seconds.map { .init(seconds: $0, basis: basis) }, maySpare: maySpare)
  }

  @Test func aPlanListsItsPartsAndOneTotal() {
    let plan = RunPlan(
      parts: [
        part("map", "probes of 5,000 prompts", 240), part("exp015", "80 prompts × 94 parts", 700),
        part("exp016", "200 prompts × 3 plans", 180),
      ], uses: ["exp020: routers of 1,000 prompts, from Results/exp020/m.h5"])
    #expect(
      plan.lines == [
        "  plan     map     probes of 5,000 prompts  about 4 min",
        "           exp015  80 prompts × 94 parts    about 12 min",
        "           exp016  200 prompts × 3 plans    about 3 min",
        "           total                            about 19 min on this machine",
        "  uses     exp020: routers of 1,000 prompts, from Results/exp020/m.h5",
      ])
  }

  @Test func onePartIsItsOwnTotal() {
    #expect(
      RunPlan(parts: [part("exp013", "5,000 prompts", 100)]).lines
        == ["  plan     exp013  5,000 prompts  about 2 min on this machine"])
  }

  @Test func whatCannotBeKnownIsSaid() {
    let unknown = RunPlan(parts: [part("a", "x", nil), part("b", "y", 60)]).lines
    #expect(unknown[0].hasSuffix("unknown"))
    #expect(unknown[2].hasSuffix("about 1 min and what is unknown on this machine"))
    #expect(RunPlan(parts: [part("a", "x", nil)]).lines == ["  plan     a  x  unknown"])
    let spared = RunPlan(
      parts: [part("bridges", "x", 120, maySpare: true), part("b", "y", 60)]
    ).lines
    #expect(spared[0].hasSuffix("at most about 2 min"))
    #expect(spared[2].hasSuffix("at most about 3 min on this machine"))
    let short = RunPlan(parts: [part("a", "x", 1), part("b", "y", 2)]).lines
    #expect(short[0].hasSuffix("  a few seconds"))
    #expect(short[2].hasSuffix("  a few seconds on this machine"))
    let guessed = RunPlan(parts: [part("a", "x", 60, .arithmetic)]).lines
    #expect(guessed.count == 2 && guessed[1].contains("rough times"))
  }

  @Test(arguments: [
    (0.1, "a few seconds"), (12, "10 s"), (52, "50 s"), (58, "1 min"), (89, "1 min"),
    (91, "2 min"), (3_000, "50 min"), (5_400, "1 h 30 min"), (7_200, "2 h"),
    (37_000, "10 h 15 min"),
    (.infinity, "years"),
  ])
  func timesAreNoMoreExactThanTheyCanBe(seconds: Double, text: String) {
    #expect(RunPlan.duration(seconds) == text)
  }
}

@Suite struct CostEstimatorTests {
  private let config: ModelConfig

  init() throws { config = try SyntheticModel().load().config }

  private func estimator(_ records: [String: RateBook.Record]) -> CostEstimator {
    CostEstimator(records: records, config: config) { 10 }
  }

  @Test func theSamePartsTimeIsTheBestGuess() {
    let estimator = estimator([
      "exp015": .init(tokens: 1_000, seconds: 10), "map": .init(tokens: 1_000, seconds: 2),
      "exp016": .init(tokens: 1_000, seconds: 4),
    ])
    let work = Workload("", tokens: 500, extraSeconds: 3)
    #expect(estimator.estimate("exp015", work) == .init(seconds: 8, basis: .samePart))
    #expect(estimator.estimate("exp021", work) == .init(seconds: 5, basis: .otherParts))
    #expect(estimator.estimate("exp015", Workload("", tokens: nil)) == nil)
  }

  @Test func withoutATimeTheModelsSizeAndTheMachineDecide() throws {
    let guess = try #require(estimator([:]).estimate("exp015", Workload("", tokens: 1_000)))
    #expect(guess.basis == .arithmetic)
    // Two operations a weight, at seven tenths of 10 GFLOP/s.
    let weights = Double(config.layerCount * config.blockParameters + config.headParameters)
    let expected = 1_000 * 2 * weights / 7e9
    #expect(abs(guess.seconds / expected - 1) < 1e-9)
    let blind = CostEstimator(records: [:], config: config) { 0 }
    #expect(blind.estimate("exp015", Workload("", tokens: 1_000)) == nil)
  }

  @Test func timesAreKeptForTheirPlaceAlone() throws {
    let scratch = try ScratchFolder()
    func book(
      _ dtype: String = "f32", _ threads: Int = 2, cpu: String = "a",
      device: ComputeDevice = .processor
    ) -> RateBook {
      RateBook(
        cache: scratch.file("cache"),
        place: .init(
          modelSHA256: "aa", dtype: dtype, threads: threads, cpu: cpu, device: device))
    }
    #expect(book().records.isEmpty)
    book().keep(.init(tokens: 1_000, seconds: 5), of: "exp015")
    book("bf16").keep(.init(tokens: 10, seconds: 1), of: "exp015")
    #expect(book().records == ["exp015": .init(tokens: 1_000, seconds: 5)])
    #expect(book("int8").records.isEmpty && book(cpu: "b").records.isEmpty)
    #expect(book("f32", 4).records.isEmpty && book(device: .someGPU()).records.isEmpty)
    book(device: .someGPU()).keep(.init(tokens: 7, seconds: 1), of: "map")
    #expect(book(device: .someGPU()).records.count == 1 && book().records["map"] == nil)
    #expect(book(device: .someGPU("Another")).records.isEmpty)
    // A short run's time is mostly start-up.
    book().keep(.init(tokens: 10, seconds: 2), of: "exp015")
    #expect(book().records["exp015"]?.tokens == 1_000)
    book().keep(.init(tokens: 600, seconds: 2), of: "exp015")
    #expect(book().records["exp015"]?.tokens == 600)
    book().keep(.init(tokens: 0, seconds: 2), of: "map")
    #expect(book().records["map"] == nil)
    try Data("{".utf8).write(to: scratch.file("cache/run-times.json"))
    #expect(book().records.isEmpty)
    book().keep(.init(tokens: 1, seconds: 1), of: "map")
    #expect(book().records["map"] != nil)
  }
}

@Suite struct PlanProgressTests {
  private final class Listener {
    var seconds = 0.0
    var said: [String] = []
  }

  private func progress(
    _ names: [String], in place: PlanProgress.Place? = nil, _ listener: Listener
  ) -> PlanProgress {
    PlanProgress(
      RunPlan(parts: names.map { .init($0, "work of \($0)") }), in: place,
      seconds: { listener.seconds }, say: { listener.said.append($0) })
  }

  @Test func onePartIsNotNumbered() {
    let listener = Listener()
    let progress = progress(["exp013"], listener)
    _ = progress.during("exp013") { #expect(progress.label == "") }
    #expect(listener.said.isEmpty)
  }

  @Test func partsInsideTheLastOneAreAnnouncedBeforeItAndTakenOffItsTime() {
    let listener = Listener()
    let progress = progress(["exp015", "map", "exp016"], listener)
    let place = progress.handOver("exp015", count: 1)
    #expect(place == .init(before: 0, total: 3))
    #expect(progress.handOver("exp020", count: 1) == nil)
    let own = progress.during("exp016") {
      listener.seconds += 1
      #expect(listener.said.isEmpty)
      let map = progress.during("map") {
        #expect(progress.label == "[2/3 map] ")
        listener.seconds += 10
      }
      #expect(map.seconds == 10)
      #expect(progress.label == "[3/3 exp016] ")
      listener.seconds += 5
    }
    #expect(own.seconds == 6)
    #expect(
      listener.said == [
        "  part     2 of 3: map, work of map, unknown",
        "  part     3 of 3: exp016, work of exp016, unknown",
      ])
  }

  @Test func aPartOfALargerPlanIsNumberedAsItsPart() {
    let listener = Listener()
    let inner = progress(["map", "exp015"], in: .init(before: 1, total: 4), listener)
    _ = inner.during("exp015") {
      _ = inner.during("map") { #expect(inner.label == "[2/4 map] ") }
      #expect(inner.label == "[3/4 exp015] ")
    }
    #expect(
      listener.said == [
        "  part     2 of 4: map, work of map, unknown",
        "  part     3 of 4: exp015, work of exp015, unknown",
      ])
  }

  @Test func whatIsNotInThePlanRunsWithoutAWord() {
    let listener = Listener()
    let progress = progress(["exp015", "exp016"], listener)
    _ = progress.handOver("exp015", count: 1)
    _ = progress.during("exp016") {
      _ = progress.during("bridges") { listener.seconds += 3 }
      #expect(progress.label == "[2/2 exp016] ")
    }
    #expect(listener.said.count == 1)
  }

  @Test(arguments: ["", "1", "1/", "a/b", "3/3", "-1/2", "1/2/3"])
  func aPlaceThatMeansNothingIsNone(text: String) {
    #expect(PlanProgress.Place(environment: ["AIS_PLAN_PLACE": text]) == nil)
  }

  @Test func aPlaceIsHandedOnAsText() {
    let place = PlanProgress.Place(before: 2, total: 5)
    #expect(PlanProgress.Place(environment: ["AIS_PLAN_PLACE": place.text]) == place)
  }
}
