import AISKit

extension Evidence {
  /// Whether nothing was measured; facts alone don't count.
  var isEmpty: Bool { rows.isEmpty && timings.isEmpty && raw.values.allSatisfy(\.rows.isEmpty) }

  /// How many processes timed something.
  var processCount: Int { Set(rows(of: TimedPair.self).map(\.process)).count }

  /// The evidence as a result that is not judged.
  package func stored(_ provenance: Provenance) -> StoredResult {
    StoredResult(
      provenance: provenance, columns: Row.columns.map(\.column), rows: rows.map(\.values),
      raw: raw.sorted { $0.key < $1.key }.map(\.value), facts: facts, timings: timings)
  }

  /// The evidence as lines of a journal.
  func entries(elapsed: Double) -> [ResultJournal.Entry] {
    var entries = rows.map { ResultJournal.Entry(elapsed: elapsed, row: $0.values) }
    for table in raw.values.sorted(by: { $0.name < $1.name }) {
      entries += table.rows.map { .init(elapsed: elapsed, table: table.name, row: $0) }
    }
    entries += facts.map { .init(elapsed: elapsed, fact: $0) }
    for (name, seconds) in timings.sorted(by: { $0.key < $1.key }) {
      entries.append(.init(elapsed: elapsed, timing: .init(name: name, seconds: seconds)))
    }
    return entries
  }

  /// Takes over a line that another process wrote.
  mutating func take(_ entry: ResultJournal.Entry, raw types: [any RawRow.Type]) {
    if let row = entry.row, let name = entry.table,
      let type = types.first(where: { $0.tableName == name })
    {
      add([row], to: type.emptyTable)
    }
    if let fact = entry.fact { note(fact) }
    if let timing = entry.timing { timings[timing.name, default: []] += timing.seconds }
  }
}
