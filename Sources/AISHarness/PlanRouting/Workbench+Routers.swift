import AISKit

extension Workbench {
  /// The ending that exp020 adds to its result's name for the routers that it trained.
  public static var routerSuffix: String { "-router.safetensors" }

  /// The exit routers of this lab's model: from the file that the user named, or those that exp020
  /// saved beside its result.
  ///
  /// The user's file was checked when the run began.
  ///
  /// - Throws: `CheckpointError` for a file of routers that is missing or damaged, `RequestError`; if
  ///   no file was named, `ResultError` if exp020 has no result, and `ForeignArtefactError` if the
  ///   routers there are for another model.
  public func routers(option: String?) throws -> TokenRouters {
    let path =
      try option
      ?? Self.companion(of: result(of: Prerequisite.routers.id).file, Self.routerSuffix).path
    let routers = try TokenRouters(path: path)
    // Routers of an earlier version have no digest, but the result beside them has one.
    if option == nil, let digest = routers.notes[ModelArtefact.digestName] {
      _ = try ModelArtefact(kind: "routers", path: path, modelSHA256: digest)
        .check(usedWith: modelSHA256, ForeignOptions())
    }
    say("  routers  \(path)")
    say("           after layers \(routers.layers.map(String.init).joined(separator: ", "))")
    return routers
  }
}
