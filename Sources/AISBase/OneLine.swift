/// `text` without line breaks or other control characters, clipped after `limit` scalars.
package func oneLine(_ text: String, limit: Int) -> String {
  var line = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == limit { return line + "…" }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator:
      line += scalar.escaped(asASCII: true)
    default:
      line.unicodeScalars.append(scalar)
    }
  }
  return line
}
