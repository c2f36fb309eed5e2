import Foundation
import HDF5

/// The HDF5 form of a result.
///
/// Measured: one dataset per column under `/rows`, a group per further
/// raw table under `/raw`, figures under `/facts`, raw times under `/timings`. Computed from these:
/// figures under `/summary`, a group per table under `/tables`, pictures as JSON under `/figures`.
/// Provenance is in attributes of the root.
///
/// Every dataset carries its unit, its meaning, and how it is compared and shown. So a page or a
/// diff needs only the file.
public enum ResultFile {
  private static let groups = [
    "/rows", "/raw", "/facts", "/summary", "/timings", "/tables", "/figures",
  ]

  /// Reads the result at `path`, complete or not, with a separate process: see `ForeignHDF5`.
  ///
  /// Throws `ResultError` if the file is missing, damaged, or not a result of this layout,
  /// `ChildProcessError` if the program that reads it is missing.
  public static func read(_ path: String) throws -> StoredResult {
    do {
      return try read(try ForeignHDF5.read(path, roots: groups), path)
    } catch let error as HDF5Error {
      throw ResultError(file: path, problem: problem(error, path))
    }
  }

  /// Reads only the provenance of the result at `path`.
  ///
  /// Throws `ResultError` as `read` does.
  static func provenance(ofFile path: String) throws -> Provenance {
    do {
      let file = try ForeignHDF5.read(path, roots: [])
      guard try file.hasAttribute("schema_version") else {
        throw ResultError(file: path, problem: otherFile)
      }
      return try provenance(file, path)
    } catch let error as HDF5Error {
      throw ResultError(file: path, problem: problem(error, path))
    }
  }

  /// Writes `result` to `path`, completely or not at all, even if the machine stops meanwhile.
  ///
  /// The file is built in memory first, so a full disk does no harm. Throws `ResultWriteError`; an
  /// earlier file is then untouched.
  public static func write(_ result: StoredResult, to path: String) throws {
    // Readers refuse larger files.
    guard result.elementCount <= HDF5ContentsLimits.elements else {
      throw ResultWriteError(
        file: path,
        problem: "\(result.elementCount) values, expected at most \(HDF5ContentsLimits.elements)")
    }
    let image: [UInt8]
    do {
      let file = try HDF5File.createInMemory(path)
      try write(result, to: file)
      image = try file.image()
    } catch let error as HDF5Error {
      throw ResultWriteError(file: path, problem: problem(error, path))
    }
    try FileBytes.replace(path, with: image)
  }

  private static func problem(_ error: HDF5Error, _ path: String) -> String {
    let prefix = path + ": "
    let text = error.description
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }
}

extension StoredResult {
  /// The number of values in all columns, tables and times.
  fileprivate var elementCount: Int {
    let grids =
      [(columns.count, rows.count)] + (raw + tables).map { ($0.columns.count, $0.rows.count) }
    return grids.reduce(0) { $0 + $1.0 * $1.1 } + timings.values.reduce(0) { $0 + $1.count }
  }
}
