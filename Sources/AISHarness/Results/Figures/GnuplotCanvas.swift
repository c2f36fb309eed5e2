import Foundation

/// Pixels of a picture as gnuplot's words for places on the screen.
struct GnuplotCanvas {
  let height: Double
  private let width = FigureLayout.width

  static let font = "DejaVu Sans,Helvetica,Arial,sans-serif"
  static let boldFont = "DejaVu Sans:Bold"

  init(height: Double) { self.height = height }

  /// A place, from pixels counted from the upper left corner.
  func place(_ x: Double, _ y: Double) -> String { size(x, height - y) }

  /// A width and a height, as shares of the picture's.
  func size(_ width: Double, _ height: Double) -> String {
    "\(share(width / self.width)),\(share(height / self.height))"
  }

  /// The settings that make a plot fill a box.
  func margins(_ box: LabelPlacement.Box) -> [String] {
    [
      "set lmargin at screen \(share(box.left / width))",
      "set rmargin at screen \(share(box.right / width))",
      "set tmargin at screen \(share(1 - box.top / height))",
      "set bmargin at screen \(share(1 - box.bottom / height))",
    ]
  }

  /// A line of text.
  func label(_ text: FigureLayout.Text) -> String {
    let font = "\(text.isBold ? Self.boldFont : ""),\(GnuplotScript.number(text.size))"
    return "set label \(GnuplotScript.quoted(text.text)) at screen \(place(text.x, text.y)) "
      + "\(text.side.rawValue) \(text.turn == 0 ? "" : "rotate by \(text.turn) ")front "
      + "font '\(font)' textcolor rgb '#\(text.color)'"
  }

  /// A straight line between two places.
  func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ style: String)
    -> String
  {
    "set arrow from screen \(place(from.x, from.y)) to screen \(place(to.x, to.y)) nohead "
      + style
  }

  /// The sign of a legend's entry, drawn as the series is.
  func sign(_ sign: FigureLayout.Sign) -> [String] {
    let (entry, end) = (sign.entry, sign.x + sign.entry.width)
    let middle = place((sign.x + end) / 2, sign.y)
    let line = line((sign.x, sign.y), (end, sign.y), Self.lineStyle(entry.style, width: 2))
    let point =
      "set label '' at screen \(middle) point pointtype \(entry.style.pointType) pointsize 0.8 "
      + "linecolor rgb '#\(entry.style.color)' front"
    switch entry.sign {
    case .dashes: return [line]
    case .line: return [line, point]
    case .point: return [point]
    case .box:
      return [
        self.line(
          (sign.x, sign.y), (end, sign.y),
          "linewidth 11 linecolor rgb '#\(entry.style.color)'")
      ]
    }
  }

  static func lineStyle(_ style: MarkStyle, width: Double) -> String {
    "linewidth \(GnuplotScript.number(width)) dashtype \(style.dashType) "
      + "linecolor rgb '#\(style.color)'"
  }

  private func share(_ value: Double) -> String { String(format: "%.5f", value) }
}
