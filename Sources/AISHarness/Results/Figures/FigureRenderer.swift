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

  /// The picture with its own title instead of gnuplot's name.
  private static func cleaned(_ picture: String, _ title: String) -> String {
    let text = GnuplotScript.visible(title).replacing("&", with: "&amp;").replacing(
      "<", with: "&lt;")
    return picture.replacing("<title>Gnuplot</title>", with: "<title>\(text)</title>")
      .replacing(/<desc>[^<]*<\/desc>\n?/, with: "")
      .replacing(/<title>gnuplot_plot_[0-9a-z]*<\/title>/, with: "")
  }
}
