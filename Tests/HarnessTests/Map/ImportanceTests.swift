import AISHarness
import AISKit
import HDF5
import TestSupport
import Testing

/// An ablation's importance, from a result file into a map and the map's folder.
@Suite("Importance")
struct ImportanceTests {
  private let categories = ["closed_qa", "brainstorming"]
  private let runs = [LayerRun(0, 2), LayerRun(3, 4)]

  private func row(
    _ category: String, _ part: AblationUnit.Part, _ run: LayerRun, _ kl: Double
  ) -> ImportanceTable.Row {
    var row = ImportanceTable.Row()
    row.category = category
    row.part = part.rawValue
    (row.first, row.last, row.kl) = (run.first, run.last, kl)
    return row
  }

  /// A table as exp015 writes it: every category and the mean over all, layers, halves and groups.
  private func rows() -> [ImportanceTable.Row] {
    (["all"] + categories.reversed()).enumerated().flatMap { place, category in
      let base = Double(100 * place)
      return (0..<5).flatMap { layer in
        [AblationUnit.Part.layer, .attention, .feedForward].enumerated().map {
          row(category, $1, LayerRun(layer, layer), base + Double(10 * $0 + layer))
        }
      } + runs.reversed().map { row(category, .group, $0, base + 50 + Double($0.first)) }
    }
  }

  private func importance(
    _ rows: [ImportanceTable.Row], name: String = ImportanceTable.name
  ) throws -> LayerImportance {
    let result = StoredResult(
      provenance: .sample(), columns: [], rows: [],
      tables: [DerivedTable(name, title: "Importance", rows: rows)])
    return try ImportanceTable.importance(
      of: result, file: "exp015/x.h5", categories: categories, layerCount: 5)
  }

  @Test func aTableBecomesImportanceInTheMapsOrder() throws {
    let found = try importance(rows())
    #expect(
      found
        == (try LayerImportance(
          rows: [[200, 201, 202, 203, 204], [100, 101, 102, 103, 104]], runs: runs,
          runRows: [[250, 253], [150, 153]])))
    #expect(found.costs(of: 1).runs == [runs[0]: 150, runs[1]: 153])
    #expect(found.costs(of: 1).layers == [100, 101, 102, 103, 104])
    #expect(found.overall == [150, 151, 152, 153, 154])
  }

  @Test func aTableOutlivesItsFile() throws {
    let folder = try TemporaryFolder()
    let stored = StoredResult(
      provenance: .sample(), columns: [], rows: [],
      tables: [DerivedTable(ImportanceTable.name, title: "Importance", rows: rows())])
    try ResultFile.write(stored, to: folder.path("x.h5"))
    let read = try ImportanceTable.importance(
      of: ResultFile.read(folder.path("x.h5")), file: "x.h5", categories: categories,
      layerCount: 5)
    #expect(read == (try importance(rows())))
  }

  @Test func aMissingCellIsNamed() throws {
    func problem(_ isMissing: (ImportanceTable.Row) -> Bool) -> String? {
      let rest = rows().filter { !isMissing($0) }
      return #expect(throws: ResultError.self) { try importance(rest) }?.description
    }
    #expect(
      problem { $0.category == "closed_qa" && $0.part == "layer" && $0.first == 3 }
        == "exp015/x.h5: expected the cost of layer 3 for closed_qa, found none")
    #expect(
      problem { $0.category == "brainstorming" && $0.part == "group" && $0.first == 3 }
        == "exp015/x.h5: expected the cost of group 3-4 for brainstorming, found none")
    #expect(
      problem { $0.category == "closed_qa" }
        == "exp015/x.h5: expected the cost of layer 0 for closed_qa, found none")
  }

  @Test func anotherTableIsRefused() throws {
    let absent = #expect(throws: ResultError.self) { try importance(rows(), name: "other") }
    #expect(absent?.problem == "expected a table 'importance', found none")
    let foreign = StoredResult(
      provenance: .sample(), columns: [], rows: [],
      tables: [DerivedTable(ImportanceTable.name, title: "", rows: [SampleRow.sample(0)])])
    #expect(throws: ResultError.self) {
      try ImportanceTable.importance(
        of: foreign, file: "x.h5", categories: categories, layerCount: 5)
    }
  }

  @Test func groupsThatAreNoRunsOfLayersAreRefused() throws {
    for (first, last) in [(4, 3), (-1, 2), (3, 5)] {
      var rows = rows()
      for place in rows.indices where rows[place].part == "group" && rows[place].first == 3 {
        (rows[place].first, rows[place].last) = (first, last)
      }
      do {
        _ = try importance(rows)
        Issue.record("\(first) to \(last): expected an error")
      } catch let error as any InputError {
        #expect(!error.description.contains("\n"))
      }
    }
  }

  @Test func aMapsFolderKeepsTheRuns() throws {
    let fixture = try MapFixture()
    let whole = try LayerImportance(
      rows: [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]], runs: runs,
      runRows: [[0.5, 0.25], [1.5, 1.25], [1e-300, 0]])
    try fixture.map.setImportance(whole)
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    #expect(try MapFolder.load(fixture.path).map.importance == whole)
    let layersOnly = try LayerImportance(rows: (0..<3).map { _ in [1, 2, 3, 4, 5] })
    try fixture.map.setImportance(layersOnly)
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    #expect(try MapFolder.load(fixture.path).map.importance == layersOnly)
  }

  @Test func damagedRunsAreRefused() throws {
    typealias Change = (borrowing HDF5File) throws -> Void
    let (ends, values) = ("/runs", "/run_importance")
    func write(_ numbers: [Int32], _ shape: [Int]) -> Change {
      { try $0.write(numbers, shape: shape, to: ends) }
    }
    let changes: [(String, Change)] = [
      (ends, write([2, 0, 3, 4], [2, 2])), (ends, write([-1, 2, 3, 4], [2, 2])),
      (ends, write([0, 2, 3, 5], [2, 2])), (ends, write([0, 2, 3], [3])),
      (ends, write([0, 2, 3, 4], [4])), (ends, write([0, 2], [1, 2])),
      (ends, { try $0.write([0.0, 2, 3, 4], shape: [2, 2], to: "/runs") }),
      (values, { try $0.write([1.0, 2, 3], shape: [3, 1], to: "/run_importance") }),
      (values, { _ in }),
      (
        values,
        {
          try $0.write([Double](repeating: .nan, count: 6), shape: [3, 2], to: "/run_importance")
        }
      ),
    ]
    for (place, change) in changes.enumerated() {
      let fixture = try MapFixture()
      try fixture.map.setImportance(
        LayerImportance(
          rows: (0..<3).map { _ in [1, 2, 3, 4, 5] }, runs: runs,
          runRows: (0..<3).map { _ in [1, 2] }))
      try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
      let file = try HDF5File.open(fixture.folder.path("map/values.h5"), .readWrite)
      try file.delete(change.0)
      try change.1(file)
      try file.close()
      do {
        _ = try MapFolder.load(fixture.path)
        Issue.record("change \(place): expected an error")
      } catch let error as any InputError {
        #expect(error.description.contains("values.h5"), "change \(place)")
        #expect(!error.description.contains("\n"), "change \(place)")
      }
    }
  }
}
