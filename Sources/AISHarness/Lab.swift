import AISKit
import Foundation

/// What an experiment's `measure` works with: a workbench, and a store for what it measures.
///
/// Everything is safe on disk once `record` or `note` returns. A run that was killed starts again
/// with the rows it had, and continues after them. So the order of the work, and all random draws,
/// must follow from the options alone, never from the number of rows there are.
///
/// Only raw measurements are kept here. What is computed from them belongs in the experiment's
/// `report`.
public final class Lab<Row: ResultRow>: Workbench {
  /// The folder for files other than the page, such as routers; made on demand.
  public let folder: URL

  private let shard: Shard?
  private let run: ResultRun<Row>

  init(
    run: ResultRun<Row>, setting: LabSetting, results: [String: Prerequisites.Found],
    progress: PlanProgress, folder: URL
  ) {
    self.run = run
    self.folder = folder
    shard = setting.shard
    super.init(setting, results: results, progress: progress)
  }

  /// A file beside the result that belongs to it: its name with `suffix` instead of `.h5`.
  public func companion(_ suffix: String) -> URL {
    Self.companion(of: run.path, suffix)
  }

  /// Whether the run continues after rows of an earlier one.
  public var isResumed: Bool { run.resumedRowCount > 0 }

  /// The rows so far, those of an earlier part of the run first.
  public var rows: [Row] { run.evidence.rows }

  /// The rows of a raw table so far.
  public func rows<Other: RawRow>(of type: Other.Type) -> [Other] { run.evidence.rows(of: type) }

  /// Keeps a row.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func record(_ row: Row) throws { try run.append(row) }

  /// Keeps rows of a raw table that the experiment lists in `rawTables`, all or none.
  ///
  /// Throws `ResultWriteError` if they cannot be kept.
  public func record<Other: RawRow>(raw rows: [Other]) throws { try run.append(raw: rows) }

  /// Keeps a measured figure about the whole run; one of the same name is replaced.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func note(_ fact: SummaryValue) throws { try run.note(fact) }

  /// Keeps a measured figure about the whole run, in a style.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func note<Value: ColumnScalar>(
    _ name: String, _ value: Value, _ description: String, _ style: ValueStyle = .plain
  ) throws {
    try note(SummaryValue(name, value, description, style))
  }

  /// Keeps raw times under a name, after those already there.
  ///
  /// Throws `ResultWriteError` if they cannot be kept.
  public func keepTimes(_ name: String, seconds: [Double]) throws {
    try run.appendTimings(name, seconds: seconds)
  }

  /// Makes a row of every item that has none yet, in order, with a progress line.
  ///
  /// A run of one shard measures that shard's items only, and then does not return, since the code
  /// that follows is about all rows.
  ///
  /// - Parameters:
  ///   - items: the work, in an order that is the same in every run.
  ///   - label: what the items are, such as `prompts`.
  ///   - itemKey: a key that identifies an item.
  ///   - rowKey: the same key, read from its row.
  ///   - measure: makes an item's row.
  /// - Throws: what `measure` throws, and `ResultWriteError`; in a run of one shard, the error that
  ///   ends it.
  public func measureEach<Item, Key: Hashable>(
    _ items: [Item], _ label: String, by itemKey: (Item) -> Key, rowKey: (Row) -> Key,
    _ measure: (Item) throws -> Row
  ) throws {
    let itemCount = items.count
    let items = shard.map { Array(items[$0.range(of: itemCount)]) } ?? items
    let done = Set(rows.map(rowKey))
    let left = items.filter { !done.contains(itemKey($0)) }
    let meter = ProgressMeter(label, total: items.count, alreadyDone: items.count - left.count)
    for item in left {
      try record(try measure(item))
      meter.advance()
    }
    if shard != nil { throw ShardIsMeasured(itemCount: itemCount) }
  }

  /// Makes the rows of every group that lack some, in order, with a progress line.
  ///
  /// All rows of a group are made at once, such as those of a prompt under every plan.
  ///
  /// - Parameters:
  ///   - groups: the work, in an order that is the same in every run.
  ///   - parts: how many rows each group has.
  ///   - label: what the rows are, such as `prompts × plans`.
  ///   - itemKey: a key that identifies a group's row, from the group and the row's place in it.
  ///   - rowKey: the same key, read from the row.
  ///   - measure: makes a group's rows.
  /// - Throws: as above.
  public func measureEach<Group: Equatable, Key: Hashable>(
    _ groups: [Group], of parts: Int, _ label: String, by itemKey: (Group, _ part: Int) -> Key,
    rowKey: (Row) -> Key, _ measure: (Group) throws -> [Row]
  ) throws {
    var current: (group: Group, rows: [Row])?
    let items = groups.flatMap { group in (0..<parts).map { (group: group, part: $0) } }
    func row(_ item: (group: Group, part: Int)) throws -> Row {
      if let current, current.group == item.group { return current.rows[item.part] }
      let rows = try measure(item.group)
      current = (item.group, rows)
      return rows[item.part]
    }
    try measureEach(
      items, label, by: { itemKey($0.group, $0.part) }, rowKey: rowKey, row)
  }

  /// Makes the rows of a raw table for every item that has none yet, in order, with a progress
  /// line.
  ///
  /// - Parameters:
  ///   - items: the work, in an order that is the same in every run.
  ///   - label: what the items are, such as `prompts`.
  ///   - itemKey: a key that identifies an item.
  ///   - rowKey: the same key, read from one of its rows.
  ///   - measure: makes an item's rows, at least one.
  /// - Throws: what `measure` throws, and `ResultWriteError`.
  public func measureEach<Item, Other: RawRow, Key: Hashable>(
    raw items: [Item], _ label: String, by itemKey: (Item) -> Key, rowKey: (Other) -> Key,
    _ measure: (Item) throws -> [Other]
  ) throws {
    let done = Set(rows(of: Other.self).map(rowKey))
    let left = items.filter { !done.contains(itemKey($0)) }
    let meter = ProgressMeter(label, total: items.count, alreadyDone: items.count - left.count)
    for item in left {
      try record(raw: try measure(item))
      meter.advance()
    }
  }

  /// The rows of a raw table whose rows are made together; they are made unless there are some.
  ///
  /// Throws what `make` throws, and `ResultWriteError`.
  public func measureOnce<Other: RawRow>(raw make: () throws -> [Other]) throws -> [Other] {
    let known = rows(of: Other.self)
    guard known.isEmpty else { return known }
    try record(raw: try make())
    return rows(of: Other.self)
  }
}
