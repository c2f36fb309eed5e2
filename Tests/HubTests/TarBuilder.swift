import AISKit

/// Writes tar archives.
enum TarBuilder {
  /// An archive like MMLU's: a table per subject, and other files that are not wanted.
  static func mmlu(
    test: [MultipleChoiceQuestion], dev: [MultipleChoiceQuestion]
  ) -> [UInt8] {
    var archive = header("data/", size: 0, type: "5")
    for (part, questions) in [("test", test), ("dev", dev)] {
      let subjects = Dictionary(grouping: questions, by: \.subject)
      for (subject, list) in subjects {
        archive += file("data/\(part)/\(subject)_\(part).csv", list.map(row).joined())
      }
      archive += file("data/\(part)/._hidden_\(part).csv", "no table")
      archive += file("data/\(part)/../up_\(part).csv", "no table")
    }
    archive += file("data/auxiliary_train/long.csv", "not wanted")
    return archive + [UInt8](repeating: 0, count: 1_024)
  }

  private static func row(_ question: MultipleChoiceQuestion) -> String {
    let letter = ["A", "B", "C", "D"][question.answer]
    let fields = ([question.question] + question.choices + [letter]).map { field in
      let isPlain = field.unicodeScalars.allSatisfy { !",\"\n\r".unicodeScalars.contains($0) }
      return isPlain
        ? field
        : "\""
          + field.split(separator: "\"", omittingEmptySubsequences: false)
          .joined(separator: "\"\"") + "\""
    }
    return fields.joined(separator: ",") + "\n"
  }

  private static func file(_ name: String, _ text: String) -> [UInt8] {
    let content = Array(text.utf8)
    let padding = (512 - content.count % 512) % 512
    return header(name, size: content.count, type: "0") + content
      + [UInt8](repeating: 0, count: padding)
  }

  private static func header(_ name: String, size: Int, type: Unicode.Scalar) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at start: Int) {
      for (index, byte) in text.utf8.enumerated() { block[start + index] = byte }
    }
    let octal = String(size, radix: 8)
    put(name, at: 0)
    put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
    put("        ", at: 148)
    put(String(type), at: 156)
    put("ustar\u{0}00", at: 257)
    let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    return block
  }
}
