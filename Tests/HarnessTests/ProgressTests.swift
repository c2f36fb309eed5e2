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
    let meter = recorder.meter(total: 2, isTerminal: true)
    recorder.seconds = 1
    meter.advance()
    recorder.seconds = 2
    meter.advance()
    let half = String(repeating: "█", count: 12) + String(repeating: "·", count: 12)
    #expect(recorder.written.first == "\rprompts 1/2 [\(half)] 50 % · 1.0/s · 1 s left\u{1B}[K")
    #expect(recorder.written.last == "\n")
    #expect(recorder.written.allSatisfy { $0.hasPrefix("\r") || $0 == "\n" })
  }

  @Test func whatAnEarlierRunDidDoesNotCountTowardsTheRate() {
    let recorder = Recorder()
    let meter = recorder.meter(total: 1_000, alreadyDone: 900, isTerminal: false)
    recorder.seconds = 20
    meter.advance(by: 20)
    #expect(recorder.written == ["prompts 920/1000 92 % · 1.0/s · 1 min 20 s left\n"])
  }

  @Test func bytesAreShownInAUnitThatSuitsTheTotal() {
    let recorder = Recorder()
    let meter = recorder.meter(
      total: 98_362_432, alreadyDone: 1_000_000, unit: .bytes, isTerminal: false)
    recorder.seconds = 10
    meter.advance(by: 25_500_000)
    recorder.seconds = 20
    meter.advance(by: -25_500_000)
    #expect(
      recorder.written == [
        "prompts 26.5/98.4 MB 26 % · 2.55 MB/s · 28 s left\n",
        "prompts 1.0/98.4 MB 1 % · 0.0 MB/s · ? left\n",
      ])
  }
}
