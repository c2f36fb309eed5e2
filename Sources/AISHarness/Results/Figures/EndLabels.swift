/// The labels beside the right ends of curves.
enum EndLabels {
  /// A label: the left end of its sign, the middle of its height, and its lines.
  struct Label {
    let end: PlotContent.End
    let x: Double
    let y: Double
    let lines: [String]
  }

  static let lineHeight = 14.0
  private static let limit = 150.0
  private static let gap = 6.0

  private static func lines(_ label: String) -> [String] {
    TextBlock.lines(label, width: limit)
  }

  /// The width of the widest label.
  static func width(_ ends: [PlotContent.End]) -> Double {
    ends.flatMap { lines($0.entry.label) }.map { TextBlock.width($0) }.max() ?? 0
  }

  /// The height that labels need one below the other.
  static func height(_ labels: [String]) -> Double {
    labels.reduce(0) { $0 + Double(lines($1).count) * lineHeight + gap }
  }

  /// Puts each label beside its curve's end, and those that would overlap further apart.
  static func labels(
    _ ends: [PlotContent.End], _ axis: PlotAxis, _ box: LabelPlacement.Box
  ) -> [Label] {
    func middle(_ end: PlotContent.End) -> Double {
      box.bottom - axis.fraction(of: end.y) * box.height
    }
    let sorted = ends.sorted { middle($0) < middle($1) }
    let heights = sorted.map { height([$0.entry.label]) }
    var places = sorted.map(middle)
    var above = box.top - 10
    for index in places.indices {
      places[index] = max(places[index], above + heights[index] / 2)
      above = places[index] + heights[index] / 2
    }
    var below = box.bottom + 10
    for index in places.indices.reversed() {
      places[index] = min(places[index], below - heights[index] / 2)
      below = places[index] - heights[index] / 2
    }
    return zip(sorted, places).map { end, place in
      Label(end: end, x: box.right + 14, y: place, lines: lines(end.entry.label))
    }
  }
}
