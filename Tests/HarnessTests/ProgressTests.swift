import AISHarness
import Testing

@Suite struct ProgressTests {
  private final class Recorder {
    var seconds = 0.0
    var written: [String] = []

    func meter(
      total: Int, alreadyDone: Int = 0, unit: ProgressMeter.Unit = .items, isTerminal: Bool
    ) -> ProgressMeter {
      ProgressMeter(
        "prompts", total: total, alreadyDone: alreadyDone, unit: unit,
        surroundings: .init(
          isTerminal: isTerminal, seconds: { self.seconds },
          write: { self.written.append($0) }))
    }
  }

  @Test func aLogGetsAPlainLineAtIntervalsAndOneAtTheEnd() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 30, isTerminal: false)
    for _ in 0..<30 {
      recorder.seconds += 1
      meter.advance()
    }
    #expect(
      recorder.written == [
        "prompts 10/30 33 % · 1.0/s · 20 s left\n",
        "prompts 20/30 66 % · 1.0/s · 10 s left\n",
        "prompts 30/30 100 % · 1.0/s · took 30 s\n",
      ])
  }

  @Test func aTerminalsLineIsRedrawnInPlace() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 8, isTerminal: true)
    for _ in 0..<8 {
      recorder.seconds += 1
      meter.advance()
    }
    let half = String(repeating: "█", count: 12) + String(repeating: "·", count: 12)
    #expect(recorder.written[3] == "\rprompts 4/8 [\(half)] 50 % · 1.0/s · 4 s left\u{1B}[K")
    #expect(recorder.written.last == "\n")
    #expect(recorder.written.allSatisfy { $0.hasPrefix("\r") || $0 == "\n" })
  }

  @Test func whatAnEarlierRunDidDoesNotCountTowardsTheRate() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 1_000, alreadyDone: 900, isTerminal: false)
    for _ in 0..<4 {
      recorder.seconds += 20
      meter.advance(by: 20)
    }
    #expect(recorder.written[3] == "prompts 980/1000 98 % · 1.0/s · 20 s left\n")
  }

  @Test func noTimeIsToldBeforeItMeansSomething() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 1_000, isTerminal: true)
    func told(_ seconds: Double) -> Bool {
      recorder.seconds = seconds
      meter.advance()
      return recorder.written.last?.contains("left") == true
    }
    // Many items in little time.
    #expect((1...9).map { told(Double($0) * 0.2) }.allSatisfy { !$0 })
    #expect(!recorder.written.joined().contains("/s"))
    #expect(!told(2.3) && told(2.6))
    // Few items in much time.
    let slow = Recorder()
    let few = slow.meter(total: 10, isTerminal: true)
    for _ in 0..<3 {
      slow.seconds += 30
      few.advance()
      #expect(slow.written.last?.contains("left") == false)
    }
    slow.seconds += 30
    few.advance()
    #expect(slow.written.last?.contains(" · 0.03/s · 3 min 0 s left") == true)
  }

  /// As in an ablation: a prompt takes seconds and then gives its 94 rows at once.
  @Test func aBurstSaysNothingOfTheTimeBeforeIt() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 940, isTerminal: true)
    var left: [String] = []
    for _ in 0..<10 {
      recorder.seconds += 5
      for row in 0..<94 {
        recorder.seconds += 0.0001
        meter.advance()
        if row == 0 { left.append(recorder.written.last ?? "") }
      }
    }
    #expect(left[..<3].allSatisfy { !$0.contains("left") })
    // After 20 seconds three prompts of ten are whole and the first row of the fourth is there.
    #expect(left[3].contains("283/940 ") && left[3].contains("· 35 s left"))
    #expect(left[8].contains("753/940 ") && left[8].contains("· 10 s left"))
  }

  @Test func aSlowBeginningIsForgotten() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 200, isTerminal: true)
    for item in 0..<100 {
      recorder.seconds += item == 0 ? 30 : 1
      meter.advance()
    }
    #expect(recorder.written.last?.contains(" · 1.0/s · 1 min 40 s left") == true)
    // Only the later half of the time counts.
    for _ in 0..<60 {
      recorder.seconds += 4
      meter.advance()
    }
    #expect(recorder.written.last?.contains(" · 0.25/s · 2 min 40 s left") == true)
  }

  @Test func aLongRunsPaceIsStillTold() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 10_000, isTerminal: true)
    for _ in 0..<5_000 {
      recorder.seconds += 0.5
      meter.advance()
    }
    #expect(recorder.written.last?.contains(" · 2.0/s · 41 min 40 s left") == true)
  }

  @Test func bytesAreShownInAUnitThatSuitsTheTotal() {
    let recorder = Recorder()
    let meter = recorder.meter(
      total: 98_362_432, alreadyDone: 1_000_000, unit: .bytes, isTerminal: false)
    for _ in 0..<4 {
      recorder.seconds += 10
      meter.advance(by: 12_500_000)
    }
    #expect(recorder.written[3] == "prompts 51.0/98.4 MB 51 % · 1.25 MB/s · 38 s left\n")
    recorder.seconds += 10
    meter.advance(by: -50_000_000)
    recorder.seconds += 10
    meter.advance(by: 0)
    #expect(recorder.written.last == "prompts 1.0/98.4 MB 1 %\n")
  }
}
