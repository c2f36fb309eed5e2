import AISKit
import Foundation

/// The data files that experiments read, and the starter set that replaces absent ones.
public enum DataFiles {
  /// databricks-dolly-15k: instructions in eight categories.
  public static let dolly = "databricks-dolly-15k.jsonl"
  /// The MMLU questions that are asked.
  public static let mmluTest = "mmlu-test.jsonl"
  /// Five solved MMLU questions per subject, shown as examples.
  public static let mmluDev = "mmlu-dev.jsonl"

  /// The benchmark suite's files.
  public static let suite = Set(SuiteTask.all.map(\.file)).subtracting([mmluTest]).sorted()

  /// Programs to complete, which no task of the suite asks for.
  static let humanEval = "humaneval.jsonl"
  /// Programs to write, likewise.
  static let mbpp = "mbpp_sanitized.jsonl"
  /// All files that lie with the benchmark suite's.
  private static let besideSuite = suite + [humanEval, mbpp]

  /// The names of all data files.
  static let all = named + besideSuite
  /// Those that are not a benchmark suite's.
  static let named = [dolly, mmluTest, mmluDev]

  /// The prompts of a file, or those of the starter set if there is none.
  ///
  /// Throws: `CheckpointError` or `DataFileError` for an unreadable or invalid file.
  public static func prompts(_ file: URL?) throws -> [InstructionPrompt] {
    guard let file else { return StarterData.prompts }
    return try Dolly.prompts(jsonLines: file.path)
  }

  /// The questions of a file or a folder as `find` gives it, or those of the starter set.
  ///
  /// Throws: `CheckpointError` or `DataFileError` for an unreadable or invalid file.
  public static func questions(_ file: URL?) throws -> [MultipleChoiceQuestion] {
    guard let file else { return StarterData.questions }
    return try readQuestions(file)
  }

  /// Solved questions to show before the one that is asked.
  ///
  /// Without a file there are none: the starter set is too small.
  ///
  /// Throws: `CheckpointError` or `DataFileError` for an unreadable or invalid file.
  public static func examples(_ file: URL?) throws -> [MultipleChoiceQuestion] {
    guard let file else { return [] }
    return try readQuestions(file)
  }

  /// Reads the data called `name` to their end, so that an error anywhere in them is reported
  /// before a run starts.
  ///
  /// Throws: `CheckpointError` or `DataFileError` for an unreadable or invalid file.
  static func check(_ name: String, at place: URL) throws {
    if name == dolly { _ = try prompts(place) }
    if parts[name] != nil { _ = try readQuestions(place) }
    if suite.contains(name), let task = SuiteTask.all.first(where: { $0.file == name }) {
      _ = try task.items(place.path)
    }
  }

  /// Whether a starter set can replace the data called `name`.
  static func hasStarterSet(_ name: String) -> Bool { name == dolly || name == mmluTest }

  /// The data called `name` in a folder: the file of that name, for MMLU also the folder `test` or
  /// `dev` of its original CSV layout; `nil` if there is neither.
  ///
  /// A suite's file may also lie in the folder `suite`, and may be compressed (`.gz`).
  package static func find(_ name: String, in folder: URL) -> URL? {
    let places =
      besideSuite.contains(name) ? [name, name + ".gz"].flatMap { [$0, "suite/" + $0] } : [name]
    for place in places.map(folder.appendingPathComponent)
    where FileManager.default.isReadableFile(atPath: place.path) {
      return place
    }
    guard let part = parts[name] else { return nil }
    return ["data/\(part.rawValue)", part.rawValue].map { folder.appendingPathComponent($0) }
      .first { !MMLU.csvSubjects(in: $0.path, part: part).isEmpty }
  }

  /// The data's name and SHA-256, as a result states them.
  ///
  /// - Parameters:
  ///   - name: the name under which an experiment asked for it.
  ///   - place: where it is; `nil` for the starter set, or if there are no data.
  /// - Returns: the name to show and the digest, `none` if there is no data.
  /// - Throws: `FileDigestError` for a file that cannot be read.
  static func identity(
    of name: String, at place: URL?
  ) throws -> (name: String, sha256: String) {
    if let place {
      let shown = part(ofFolder: place).map { "MMLU \($0.rawValue) (CSV)" }
      return (shown ?? place.lastPathComponent, try FileDigest.sha256(ofData: place))
    }
    switch name {
    case dolly: return ("starter prompts", StarterData.promptsSHA256)
    case mmluTest: return ("starter questions", StarterData.questionsSHA256)
    default: return ("no \(name)", "none")
    }
  }

  private static let parts: [String: MMLU.Part] = [mmluTest: .test, mmluDev: .dev]

  private static func readQuestions(_ place: URL) throws -> [MultipleChoiceQuestion] {
    guard let part = part(ofFolder: place) else {
      return try MMLU.questions(jsonLines: place.path, isUniform: true)
    }
    return try MMLU.questions(csvFolder: place.deletingLastPathComponent().path, part: part)
  }

  /// The part of MMLU that a folder of the CSV layout holds; `nil` for a file.
  private static func part(ofFolder place: URL) -> MMLU.Part? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder),
      isFolder.boolValue
    else { return nil }
    return MMLU.Part(rawValue: place.lastPathComponent)
  }
}
