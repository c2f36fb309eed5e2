import AISHarness
import Testing

@Suite struct ProgressTests {
  private final class Recorder {
    var seconds = 0.0
    var written: [String] = []

    func meter(total: Int, alreadyDone: Int = 0, isTerminal: Bool) -> ProgressMeter {
      ProgressMeter(
        "prompts", total: total, alreadyDone: alreadyDone,
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
}
