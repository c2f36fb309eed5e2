import Foundation

/// Draws figures with gnuplot; each file is written completely or not at all.
///
/// The same figure always gives the same bytes.
package struct FigureRenderer {
  private let gnuplot: URL

  /// A renderer, or `nil` if no folder of `PATH` has gnuplot.
  package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let found = folders.map { $0 + "/gnuplot" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    gnuplot = URL(fileURLWithPath: found)
  }

  /// Draws a script to an SVG file.
  ///
  /// gnuplot prints the picture and does not write the file itself: on a full disk it would leave
  /// half a picture without an error.
  ///
  /// Throws `FigureError` if gnuplot doesn't draw it, and `ResultWriteError`,
  /// `ChildProcessError`; an earlier picture is then untouched.
  package func draw(_ script: GnuplotScript, to file: URL) throws {
    let program = file.path + ".gnuplot"
    defer { unlink(program) }
    try FileBytes.replace(program, with: Data(script.text().utf8))
    // No user settings, so that a picture is the same on every machine.
    let output = try ChildProcess.output(
      of: gnuplot, ["--default-settings", program], limit: 64 << 20, seconds: 120)
    let drawn = String(decoding: output.bytes, as: UTF8.self)
    guard output.ending == .exited(0),
      drawn.hasSuffix("</svg>\n\n") || drawn.hasSuffix("</svg>\n")
    else {
      throw FigureError(
        figure: script.figure.name, problem: "gnuplot drew no picture: \(output.ending)")
    }
    try FileBytes.replace(file.path, with: Data(Self.cleaned(drawn, script.figure.title).utf8))
  }

  /// The picture with its own title instead of gnuplot's name, on a card.
  ///
  /// The card is opaque, so that a page's dark background does not shine through, and its edge
  /// separates it from a page's light one.
  private static func cleaned(_ picture: String, _ title: String) -> String {
    let text = GnuplotScript.visible(title).replacing("&", with: "&amp;").replacing(
      "<", with: "&lt;")
    return picture.replacing("<title>Gnuplot</title>", with: "<title>\(text)</title>")
      .replacing(/<desc>[^<]*<\/desc>\n?/, with: "")
      .replacing(/<title>gnuplot_plot_[0-9a-z]*<\/title>/, with: "")
      // gnuplot takes the weight for a part of the font's name.
      .replacing(
        "font-family=\"\(GnuplotCanvas.boldFont)\"",
        with: "font-family=\"\(GnuplotCanvas.font)\" font-weight=\"bold\""
      )
      .replacing(
        /<rect x="0" y="0" width="(\d+)" height="(\d+)" fill="#ffffff"\/>/, maxReplacements: 1
      ) { match in
        let inner = [match.1, match.2].map { (Int($0) ?? 1) - 1 }
        return "<rect x=\"0.5\" y=\"0.5\" width=\"\(inner[0])\" height=\"\(inner[1])\" "
          + "rx=\"6\" fill=\"#ffffff\" stroke=\"#d0d7de\"/>"
      }
  }
}
