import AISKit
import FAISS
import Foundation
import HDF5

/// A topological map on disk: a folder that Python opens with faiss, h5py and json.
///
///     index.faiss  the probes, of unit length, as FAISS saves them
///     values.h5    what is known about categories and entries
///     meta.json    where the map comes from, and what fits it
///
/// Both other files name the index by its SHA-256, so files of different maps are never mixed.
public enum MapFolder {
  static let names = ["index.faiss", "meta.json", "values.h5"]

  static func indexPath(_ folder: String) -> String { folder + "/index.faiss" }
  static func metaPath(_ folder: String) -> String { folder + "/meta.json" }
  static func valuesPath(_ folder: String) -> String { folder + "/values.h5" }

  /// The map in a folder.
  ///
  /// - Throws: an `InputError` that names file and place if a file is missing, damaged, of
  ///   another layout, or does not fit the others.
  public static func load(_ path: String) throws -> (map: TopologicalMap, meta: MapMeta) {
    for name in names where !FileManager.default.fileExists(atPath: "\(path)/\(name)") {
      // A save was cut off between its last two steps.
      let isBeside = FileManager.default.fileExists(atPath: "\(path).old/\(name)")
      throw MapFolderError(
        file: path, expected: "a map: \(names.joined(separator: ", "))",
        found: "no \(name)" + (isBeside ? ", but an earlier map at \(path).old" : ""))
    }
    let document = try MapMeta.Document(contentsOf: metaPath(path))
    let index = try readIndex(indexPath(path), document)
    do {
      let values = try MapValues(contentsOf: valuesPath(path), document: document)
      let digest = try FileDigest.compute(path: indexPath(path))
      guard digest == document.indexSHA256 else {
        throw MapFolderError(
          file: indexPath(path), expected: "SHA-256 \(document.indexSHA256)", found: digest)
      }
      let map = try TopologicalMap(
        document.meta.shape, index: index, entries: values.entries, importance: values.importance)
      return (map, document.meta)
    } catch let error as HDF5Error {
      throw MapFolderError(
        file: error.file, place: error.object ?? "", expected: error.expected ?? "what a map holds",
        found: error.found ?? error.detail ?? "a file that cannot \(error.operation)")
    } catch let error as RequestError {
      throw MapFolderError(
        file: valuesPath(path), place: error.subject, expected: error.expected,
        found: error.found)
    }
  }

  private static func readIndex(
    _ path: String, _ document: MapMeta.Document
  ) throws -> any VectorIndex {
    let shape = document.meta.shape
    let index: any VectorIndex
    do {
      switch shape.kind {
      case .exact: index = try FlatIndex(path: path)
      case .approximate: index = try ApproximateIndex(path: path)
      }
    } catch {
      var reason = error.description
      if case .file(_, let plain) = error { reason = plain }
      throw MapFolderError(file: path, expected: "\(shape.kind) index", found: "one: \(reason)")
    }
    guard index.metric == .innerProduct, index.dimension == shape.width else {
      throw MapFolderError(
        file: path, expected: "inner products of \(shape.width) floats, the width in meta.json",
        found: "\(index.metric) of \(index.dimension)")
    }
    guard index.count == document.entryCount else {
      throw MapFolderError(
        file: path, expected: "\(document.entryCount) vectors, the entries in meta.json",
        found: "\(index.count)")
    }
    return index
  }
}
