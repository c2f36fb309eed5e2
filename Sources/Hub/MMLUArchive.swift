import AISKit
import Foundation

/// The tables of MMLU's archive, and the JSON lines made from them.
package enum MMLUArchive {
  /// Unpacks the tables of one part into `folder`, in a folder of the part's name.
  ///
  /// - Throws: `HubError` if the archive can't be read or the files can't be written.
  static func extract(_ part: MMLU.Part, of archive: URL, to folder: URL) throws {
    let place = folder.appendingPathComponent(part.rawValue, isDirectory: true)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try TarArchive.read(archive) { name in
      plainName(name, part) != nil
    } take: { name, content in
      guard let plain = plainName(name, part) else { return }
      let path = place.appendingPathComponent(plain).path
      guard FileManager.default.createFile(atPath: path, contents: Data(content)) else {
        throw HubError.disk(path: path, reason: "it cannot be made")
      }
    }
  }

  /// The name of a part's table without its folders, or `nil` for anything else in the archive.
  private static func plainName(_ name: String, _ part: MMLU.Part) -> String? {
    let path = "data/\(part.rawValue)/"
    guard name.hasPrefix(path), name.hasSuffix("_\(part.rawValue).csv") else { return nil }
    let plain = name.dropFirst(path.count)
    let isPlain = plain.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: ".")
    }
    return isPlain && plain.first != "." ? String(plain) : nil
  }

  /// A question as a line of JSON, exactly as Python's `json.dumps` with `ensure_ascii=False`
  /// writes it, so that the same questions give the same bytes.
  package static func line(_ question: MultipleChoiceQuestion) -> String {
    let choices = question.choices.map(text).joined(separator: ", ")
    return #"{"question": \#(text(question.question)), "subject": \#(text(question.subject)), "#
      + #""choices": [\#(choices)], "answer": \#(question.answer)}"#
  }

  private static func text(_ string: String) -> String {
    var line = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case "\u{8}": line += "\\b"
      case "\u{C}": line += "\\f"
      case "\u{0}"..<" ": line += "\\u" + String(format: "%04x", scalar.value)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line + "\""
  }
}
