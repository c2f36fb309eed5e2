extension GnuplotScript {
  private static let mostLabels = 200

  /// The labels of a panel's points, and the thin lines to those that stand away from them.
  func pointLabels(
    _ panel: PlotContent.Panel, _ box: LabelPlacement.Box, _ canvas: GnuplotCanvas
  ) -> [String] {
    func x(_ value: Double) -> Double {
      box.left + content.x.fraction(of: value) * box.width
    }
    func y(_ value: Double) -> Double {
      box.bottom - content.y.fraction(of: value) * box.height
    }
    // Points outside an axis that the figure limits are not drawn.
    let shown = panel.points.filter {
      content.x.range.contains($0.x) && content.y.range.contains($0.y)
    }
    // So many labels could not be read.
    if shown.count > Self.mostLabels { return [] }
    let marks = shown.map { point in
      LabelPlacement.Mark(
        (x(point.x), y(point.y)), xBounds: point.xBounds.map(x), yBounds: point.yBounds.map(y),
        label: point.label)
    }
    var lines: [LabelPlacement.Box] = []
    if let line = content.horizontalLine.map(y) {
      lines += LabelPlacement.boxes(along: [(box.left, line), (box.right, line)])
    }
    if let line = content.verticalLine.map(x) {
      lines += LabelPlacement.boxes(along: [(line, box.top), (line, box.bottom)])
    }
    lines += LabelPlacement.boxes(along: panel.front.map { (x($0.x), y($0.y)) })
    return LabelPlacement.labels(marks, in: box, besides: lines).flatMap { label -> [String] in
      let text = FigureLayout.Text(
        text: label.text, x: (label.box.left + label.box.right) / 2,
        y: (label.box.top + label.box.bottom) / 2, side: .center)
      guard label.isFar else { return [canvas.label(text)] }
      let near = (
        min(max(label.mark.x, label.box.left), label.box.right),
        min(max(label.mark.y, label.box.top), label.box.bottom)
      )
      let line = canvas.line(label.mark, near, "linewidth 0.7 linecolor rgb '#999999'")
      return [canvas.label(text), line]
    }
  }
}
