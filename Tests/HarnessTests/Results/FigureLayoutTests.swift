import AISHarness
import Testing

/// Where texts break, tics stand and labels go.
@Suite struct FigureLayoutTests {
  @Test func textBreaksBetweenWordsAndLongWordsToo() {
    let title = "a title of several words that is long"
    let lines = TextBlock.lines(title, width: 90)
    #expect(lines.count > 2 && lines.joined(separator: " ") == title)
    #expect(lines.allSatisfy { TextBlock.width($0) <= 90 })
    let model = TextBlock.lines("SmolLM2-135M-Instruct.Q4_1-f32-exit-bridge", width: 90)
    #expect(model.joined() == "SmolLM2-135M-Instruct.Q4_1-f32-exit-bridge")
    #expect(model.count > 2 && model.allSatisfy { TextBlock.width($0) <= 90 })
    #expect(model[0].hasSuffix("-"))
    #expect(TextBlock.lines("", width: 90).isEmpty)
    #expect(TextBlock.lines("wide", width: 1) == ["w", "i", "d", "e"])
  }

  @Test func ticsAreRoundNumbersInsideTheRange() {
    func texts(_ range: ClosedRange<Double>) -> [String] {
      PlotAxis(range).tics(height: 180, width: 100).flatMap(\.lines)
    }
    #expect(texts(0.93...1.83) == ["1.0", "1.2", "1.4", "1.6", "1.8"])
    #expect(texts(-3...7) == ["−2", "0", "2", "4", "6"])
    #expect(texts(0...12_000) == ["0", "5,000", "10,000"])
    // Neighbours that no two numbers separate.
    #expect(texts(1e300...1e300.nextUp).count < 10)
  }

  @Test func ticsBelowLeaveOutLabelsThatWouldOverlap() {
    let axis = PlotAxis(logarithmic: [1, 2, 4, 8, 16, 1_000], 0.8...1_200)
    let wide = axis.tics(width: 600).map { $0.lines.isEmpty }
    #expect(wide == [false, false, false, false, false, false])
    let narrow = axis.tics(width: 80)
    #expect(narrow.count == 6 && narrow.filter { $0.lines.isEmpty }.count >= 2)
    let places = PlotAxis(places: (0..<30).map { "\($0)" })
    let shown = places.tics(width: 200).map(\.value)
    #expect(shown.count < 15 && shown.starts(with: [0, 4, 8]))
  }

  @Test func logarithmicAndReversedAxesInvert() {
    let axes = [
      PlotAxis(logarithmic: [], 1...16), PlotAxis(2...10),
      PlotAxis(places: ["a", "b", "c"], isReversed: true),
    ]
    for axis in axes {
      for share in [0, 0.25, 1] {
        #expect(abs(axis.fraction(of: axis.value(at: share)) - share) < 1e-12)
      }
    }
    #expect(axes[0].fraction(of: 4) == 0.5 && axes[2].fraction(of: 0) > axes[2].fraction(of: 2))
  }

  @Test func labelsCoverNeitherEachOtherNorPoints() {
    let frame = LabelPlacement.Box(left: 0, top: 0, right: 600, bottom: 300)
    // A crowd in the middle, and marks in the corners.
    var places: [(x: Double, y: Double)] = [(2, 2), (598, 298), (598, 2), (2, 298)]
    for (column, row) in (0..<9).map({ (Double($0 % 3), Double($0 / 3)) }) {
      places.append((300 + 25 * column, 150 + 20 * row))
    }
    let marks = places.enumerated().map { index, place in
      LabelPlacement.Mark(x: place.x, y: place.y, label: "layers \(index)")
    }
    let labels = LabelPlacement.labels(marks, in: frame)
    #expect(Set(labels.map(\.text)).count == 13)
    for (index, label) in labels.enumerated() {
      #expect(label.box.overlap(frame) > 0.999 * label.box.width * label.box.height)
      for other in labels[..<index] { #expect(label.box.overlap(other.box) == 0) }
      for mark in marks {
        let dot = LabelPlacement.Box(
          left: mark.x - 4, top: mark.y - 4, right: mark.x + 4, bottom: mark.y + 4)
        #expect(label.box.overlap(dot) == 0, "\(label.text)")
      }
    }
    #expect(labels.filter(\.isFar).isEmpty == false)
    let alone = LabelPlacement.labels([.init(x: 300, y: 150, label: "one")], in: frame)
    #expect(alone.first.map { !$0.isFar && $0.box.left > 300 } == true)
    // A line through the label's usual place moves it.
    let line = LabelPlacement.boxes(along: [(0, 150), (600, 150)])
    let moved = LabelPlacement.labels(
      [.init(x: 300, y: 150, label: "one")], in: frame, besides: line)
    #expect(moved.first.map { label in line.allSatisfy { label.box.overlap($0) == 0 } } == true)
  }
}
