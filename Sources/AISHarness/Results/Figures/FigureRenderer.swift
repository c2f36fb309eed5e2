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
  /// Throws `FigureError` where gnuplot doesn't draw it, and `ResultWriteError`,
  /// `ChildProcessError`; an earlier picture is then untouched.
  package func draw(_ script: GnuplotScript, to file: URL) throws {
    let (program, picture) = (file.path + ".gnuplot", file.path + ".drawing")
    defer { for path in [program, picture] { unlink(path) } }
    try FileBytes.replace(program, with: Data(script.text(output: picture).utf8))
    // Nobody's own settings: a picture is the same on every machine.
    let status = try ChildProcess.run(gnuplot, ["--default-settings", program])
    let drawn = FileManager.default.contents(atPath: picture).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard status == 0, let drawn, drawn.hasSuffix("</svg>\n\n") || drawn.hasSuffix("</svg>\n")
    else {
      throw FigureError(figure: script.figure.name, problem: "gnuplot ended with \(status)")
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
