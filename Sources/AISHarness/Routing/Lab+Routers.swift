import AISKit
import Foundation

extension Lab {
  /// The token routers of this lab's model: of the file that the user named, or of the one that
  /// exp020 left beside its result.
  ///
  /// - Throws: `CheckpointError` for a file that is no router file, `DepthError`; `ResultError` where
  ///   no file was named and exp020 has no result.
  public func routers(option: String?) throws -> TokenRouters {
    let path = try option ?? prerequisites.companion(of: "020", "safetensors")
    let routers = try TokenRouters(path: path)
    say("  routers  \(path)")
    let layers = routers.layers.map(String.init).joined(separator: ", ")
    say("           behind layers \(layers)")
    return routers
  }
}

extension Prerequisites {
  /// A file that an experiment leaves beside its result, under the same name.
  ///
  /// Throws `ResultError` where result or file is missing.
  package func companion(of id: String, _ pathExtension: String) throws -> String {
    let file = URL(fileURLWithPath: try result(id).file).deletingPathExtension()
      .appendingPathExtension(pathExtension).path
    guard FileManager.default.isReadableFile(atPath: file) else {
      throw ResultError(file: file, problem: "is missing; make exp-\(id) RESUME=0 makes it")
    }
    return file
  }
}
