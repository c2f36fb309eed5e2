import Foundation

/// Draws figures by gnuplot, to files that are there whole or not at all.
///
/// The same figure gives the same bytes, whenever it is drawn.
package struct FigureRenderer {
  private let gnuplot: URL

  /// A renderer, or `nil` where no folder of `PATH` has gnuplot.
  package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let found = folders.map { $0 + "/gnuplot" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    gnuplot = URL(fileURLWithPath: found)
  }

  /// Draws a script to an SVG file.
  ///
  /// gnuplot hands the picture over and writes nothing itself: on a full disk it would leave half
  /// of one and say nothing.
  ///
  /// Throws `FigureError` where gnuplot doesn't draw it, and `ResultWriteError`,
  /// `ChildProcessError`; an earlier picture is then untouched.
  package func draw(_ script: GnuplotScript, to file: URL) throws {
    let program = file.path + ".gnuplot"
    defer { unlink(program) }
    try FileBytes.replace(program, with: Data(script.text().utf8))
    // Nobody's own settings: a picture is the same on every machine.
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

  /// The picture under its own title, without the name of the program that drew it.
  private static func cleaned(_ picture: String, _ title: String) -> String {
    let text = GnuplotScript.visible(title).replacing("&", with: "&amp;").replacing(
      "<", with: "&lt;")
    return picture.replacing("<title>Gnuplot</title>", with: "<title>\(text)</title>")
      .replacing(/<desc>[^<]*<\/desc>\n?/, with: "")
      .replacing(/<title>gnuplot_plot_[0-9a-z]*<\/title>/, with: "")
  }
}
