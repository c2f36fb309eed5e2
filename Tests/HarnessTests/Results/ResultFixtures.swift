import AISHarness
import Foundation

/// A row with every kind of value.
struct SampleRow: ResultRow, Equatable {
  var layer = 0
  var klBaseSkip = 0.0
  var agreement: Float = 0
  var isExact = false
  var category = ""
  var milliseconds = 0.0

  static let columns: [Column<SampleRow>] = [
    Column("layer", \.layer, "0-based index"),
    Column(
      "kl_base_skip", \.klBaseSkip, unit: "nats", "KL(base‖skip)", compare: .relative(0.01),
      show: .decimals(3)),
    Column(
      "top_one_agreement", \.agreement, "equal argmax", compare: .absolute(0.001),
      show: .percent(1)),
    Column("is_exact", \.isExact, "bit-equal logits"),
    Column("category", \.category, "gold label"),
    Column("wall", \.milliseconds, unit: "ms", "one pass", compare: .ignored, show: .hidden),
  ]

  static func sample(_ index: Int) -> SampleRow {
    let kl = [0.1, .nan, .infinity, -0.0, .leastNonzeroMagnitude, 1 / 3][index % 6]
    return SampleRow(
      layer: [index, .min, .max][index % 3], klBaseSkip: kl, agreement: 0.1 * Float(index % 11),
      isExact: index % 2 == 0, category: "Grüße\n\"\(index)\" | 漢", milliseconds: Double(index))
  }
}

extension Provenance {
  static func sample(
    seed: Int = 7, parameters: [String: String] = ["alpha": "0.7"]
  ) -> Provenance {
    Provenance(
      experiment: "exp099", command: "make exp-099 ALPHA=0.7", gitCommit: "abc123",
      gitDirty: false, modelName: "model.gguf", modelSHA256: "aa", dataName: "starter",
      dataSHA256: "bb", dtype: "f32", seed: seed, threads: 2, cpuModel: "A processor",
      isa: "avx2", libraryVersions: ["hdf5 1.10.8", "openblas 0.3.21"],
      startedUTC: "2026-01-02T03:04:05Z", criteria: ["KL ≥ 0.1 nats", "n ≥ 25"],
      title: "A title", question: "Does it work?", parameters: parameters)
  }
}

extension StoredResult {
  /// A result of sample rows, not judged.
  init(
    _ provenance: Provenance, rows: [SampleRow], summary: [SummaryValue] = [],
    timings: [String: [Double]] = [:], tables: [DerivedTable] = [], figures: [Figure] = [],
    showsRows: Bool = true
  ) {
    self = Evidence(rows: rows, timings: timings).stored(provenance)
    self.summary = summary
    self.tables = tables
    self.figures = figures
    self.showsRows = showsRows
  }
}

extension ExperimentCard {
  /// The card of sample results.
  static let sample = ExperimentCard(
    id: "099", title: "A title", question: "Does it work?", claim: "It works.",
    criteria: [Criterion("KL", "≥ 0.1 nats")], cost: "nothing")
}

/// A folder that is deleted with its owner.
final class ResultFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/results-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/exp099.h5" }
  var journal: String { ResultRun<SampleRow>.journalPath(for: file) }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  func write(_ bytes: Data, to path: String) throws {
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
}

/// The rows' values, which can be compared even with NaN.
func values(_ rows: [SampleRow]) -> [[ColumnValue]] {
  Evidence(rows: rows).stored(.sample()).rows
}

/// The error of `body`, as text.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
