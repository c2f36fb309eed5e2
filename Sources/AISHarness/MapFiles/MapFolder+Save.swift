import AISKit
import FAISS
import Foundation
import Glibc
import HDF5

extension MapFolder {
  /// Saves a map at `path`, completely or not at all.
  ///
  /// It is first written to a folder beside `path`. An earlier map stays until that is complete; if
  /// the machine stops between the two renames that follow, the earlier map is at `path` + `.old`.
  ///
  /// - Throws: `MapFolderError` if `path` holds something other than a map, or `meta` describes
  ///   another map; `RequestError` for a map without entries; `ResultWriteError` if the disk is full
  ///   or the place unwritable. What was at `path` is then untouched.
  public static func save(_ map: TopologicalMap, _ meta: MapMeta, to path: String) throws {
    guard meta.shape == map.shape else {
      throw MapFolderError(
        file: path, expected: "an origin of this map, \(map.shape)", found: "\(meta.shape)")
    }
    let folder = URL(fileURLWithPath: path).standardizedFileURL.path
    try requireMapOrNothing(folder)
    // A fixed name, not a random one, so that the next run overwrites what a killed run left.
    let fresh = folder + ".writing"
    do {
      try remove(fresh)
      try FileManager.default.createDirectory(atPath: fresh, withIntermediateDirectories: false)
      try map.withParts { index, entries, importance in
        try write(index, entries, importance, meta, to: fresh)
      }
      try swap(fresh, folder)
    } catch {
      try? FileManager.default.removeItem(atPath: fresh)
      throw writeError(error, folder)
    }
  }

  private static func write(
    _ index: any VectorIndex, _ entries: [MapEntry], _ importance: LayerImportance?,
    _ meta: MapMeta, to folder: String
  ) throws {
    try index.save(path: indexPath(folder))
    let digest = try FileDigest.compute(path: indexPath(folder))
    let values = MapValues(
      categories: meta.shape.categories, entries: entries, importance: importance,
      indexSHA256: digest)
    try values.write(to: valuesPath(folder))
    let document = MapMeta.Document(meta: meta, entryCount: entries.count, indexSHA256: digest)
    try FileBytes.replace(metaPath(folder), with: document.bytes())
    for file in [indexPath(folder), valuesPath(folder), folder] { try sync(file) }
  }

  /// Refuses to overwrite a folder that holds something other than a map.
  private static func requireMapOrNothing(_ folder: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return }
    let expected = "a map's folder, an empty one, or nothing"
    guard isFolder.boolValue else {
      throw MapFolderError(file: folder, expected: expected, found: "a file")
    }
    let strangers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    if let stranger = strangers.sorted().first(where: { !names.contains($0) }) {
      throw MapFolderError(file: folder, expected: expected, found: "one with \(stranger)")
    }
  }

  private static func remove(_ folder: String) throws {
    guard FileManager.default.fileExists(atPath: folder) else { return }
    try FileManager.default.removeItem(atPath: folder)
  }

  /// Puts `fresh` where `folder` is, and removes what was there.
  private static func swap(_ fresh: String, _ folder: String) throws {
    if rename(fresh, folder) == 0 { return try syncParent(of: folder) }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw failure(folder) }
    let old = folder + ".old"
    try remove(old)
    guard rename(folder, old) == 0 else { throw failure(folder) }
    guard rename(fresh, folder) == 0 else {
      let error = failure(folder)
      rename(old, folder)
      throw error
    }
    try syncParent(of: folder)
    try? FileManager.default.removeItem(atPath: old)
  }

  private static func syncParent(of folder: String) throws {
    try sync(URL(fileURLWithPath: folder).deletingLastPathComponent().path)
  }

  private static func sync(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    // Some file systems cannot sync folders and report EINVAL; the new name exists all the same.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(path) }
  }

  private static func failure(_ file: String) -> ResultWriteError {
    ResultWriteError(file: file, problem: String(cString: strerror(errno)))
  }

  /// The error of a failed write, naming the folder that the caller knows.
  private static func writeError(_ error: any Error, _ folder: String) -> any Error {
    switch error {
    case let error as any InputError: error
    case let error as ResultWriteError: ResultWriteError(file: folder, problem: error.problem)
    case let error as FAISSError: ResultWriteError(file: folder, problem: error.description)
    case let error as HDF5Error: ResultWriteError(file: folder, problem: error.description)
    default: ResultWriteError(file: folder, problem: error.localizedDescription)
    }
  }
}
