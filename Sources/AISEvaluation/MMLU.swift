import Foundation

/// The files of the MMLU benchmark, in the two layouts in which they are published.
///
/// Source: Hendrycks et al. 2021, "Measuring massive multitask language understanding".
public enum MMLU {
  /// A part of the benchmark.
  public enum Part: String, Sendable, CaseIterable {
    /// The questions that are scored, 14,042 in 57 subjects.
    case test
    /// Five solved questions of each subject, shown before the question that is asked.
    case dev
    /// Validation questions.
    case val
  }

  /// The questions of a file with one JSON object a line, in file order.
  ///
  /// The fields are `question`, `subject`, `choices` (an array of 2 to 26 texts) and `answer` (the
  /// index of the right one). With `isUniform` every question must have as many choices as the
  /// first of the file, as in the benchmark. CSV files must always be uniform.
  ///
  /// Throws: `CheckpointError` for a file that cannot be read, `DataFileError` for a wrong line.
  public static func questions(
    jsonLines path: String, isUniform: Bool = false
  ) throws -> [MultipleChoiceQuestion] {
    var usualCount: Int?
    return try JSONLines.map(path) { line in
      let question = try line.string("question")
      guard !isBlank(question) else { throw line.error("question", expected: "a question") }
      let subject = try line.string("subject")
      guard !isBlank(subject) else { throw line.error("subject", expected: "a subject") }
      let choices = try line.strings("choices")
      guard choiceCounts.contains(choices.count) else {
        throw line.error("choices", expected: "2 to 26 choices")
      }
      if isUniform, let usualCount, choices.count != usualCount {
        throw line.error(
          "choices", expected: "\(usualCount) choices, as the first question of the file has")
      }
      usualCount = choices.count
      let answer = try line.integer("answer")
      guard choices.indices.contains(answer) else {
        throw line.error("answer", expected: "the index of a choice, 0 to \(choices.count - 1)")
      }
      return MultipleChoiceQuestion(
        question: question, subject: subject, choices: choices, answer: answer)
    }
  }

  /// The questions of a folder in the original layout, subjects in alphabetical order.
  ///
  /// For every subject there is a file such as `test/college_physics_test.csv`: no header, and in
  /// each row the question, the choices and the letter of the right one.
  ///
  /// Throws: `CheckpointError` for a file that cannot be read, `DataFileError` for a folder without
  /// such files and for a wrong row.
  public static func questions(
    csvFolder path: String, part: Part
  ) throws -> [MultipleChoiceQuestion] {
    let folder = (path as NSString).appendingPathComponent(part.rawValue)
    let subjects = csvSubjects(in: folder, part: part)
    guard !subjects.isEmpty else {
      let exists = FileManager.default.fileExists(atPath: folder)
      throw DataFileError(
        file: folder, expected: "a folder of files called <subject>\(ending(part))",
        found: exists ? "none" : "no such folder")
    }
    return try subjects.flatMap { subject in
      try questions(
        csvFile: (folder as NSString).appendingPathComponent(subject + ending(part)),
        subject: subject)
    }
  }

  /// The subjects with a CSV file in a folder, in alphabetical order; none if the folder does not
  /// exist.
  package static func csvSubjects(in folder: String, part: Part) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(ending(part)) && !$0.hasPrefix(".") }
      .map { String($0.dropLast(ending(part).count)) }.filter { !$0.isEmpty }.sorted()
  }

  private static func questions(
    csvFile path: String, subject: String
  ) throws -> [MultipleChoiceQuestion] {
    let records = try CSVReader.records(contentsOf: path)
    guard let first = records.first else {
      throw DataFileError(file: path, expected: "a question a row", found: "blank lines only")
    }
    return try records.map { record in
      let fields = record.fields
      func error(_ field: String?, _ expected: String, _ found: String) -> DataFileError {
        DataFileError(
          file: path, line: record.line, field: field, expected: expected, found: found)
      }
      let choices = Array(fields.dropFirst().dropLast())
      guard choiceCounts.contains(choices.count) else {
        throw error(nil, "a question, 2 to 26 choices and a letter", "\(fields.count) columns")
      }
      guard fields.count == first.fields.count else {
        throw error(
          nil, "\(first.fields.count) columns, as on line \(first.line)", "\(fields.count)")
      }
      guard !isBlank(fields[0]) else { throw error("question", "a question", "\"\(fields[0])\"") }
      let letters = letters.prefix(choices.count)
      let letter = fields[fields.count - 1].trimmingCharacters(in: .whitespaces)
      guard let answer = letters.firstIndex(of: letter) else {
        throw error(
          "answer", "a letter from A to \(letters[letters.count - 1])", "\"\(letter)\"")
      }
      return MultipleChoiceQuestion(
        question: fields[0], subject: subject, choices: choices, answer: answer)
    }
  }

  private static let choiceCounts = 2...26
  private static let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map {
    String(Unicode.Scalar($0))
  }

  private static func ending(_ part: Part) -> String { "_\(part.rawValue).csv" }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
