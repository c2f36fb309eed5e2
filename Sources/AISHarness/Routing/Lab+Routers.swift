import AISKit

extension Lab {
  /// What exp020 puts behind its result's name for the routers that it trained.
  public static var routerSuffix: String { "-router.safetensors" }

  /// The token routers of this lab's model: of the file that the user named, or those that exp020
  /// left beside its result.
  ///
  /// The user's file was checked when the run began.
  ///
  /// - Throws: `CheckpointError` for a file of routers that is missing or damaged, `DepthError`;
  ///   where no file was named, `ResultError` where exp020 has no result, and
  ///   `ForeignArtefactError` where what lies beside it is another model's.
  public func routers(option: String?) throws -> TokenRouters {
    let path =
      try option
      ?? Self.companion(of: result(of: Prerequisite.routers.id).file, Self.routerSuffix).path
    let routers = try TokenRouters(path: path)
    // Without a digest they are of an earlier version, and the result beside them has it.
    if option == nil, let digest = routers.notes[ModelArtefact.digestName] {
      _ = try ModelArtefact(kind: "routers", path: path, modelSHA256: digest)
        .check(usedWith: modelSHA256, ForeignOptions())
    }
    say("  routers  \(path)")
    say("           after layers \(routers.layers.map(String.init).joined(separator: ", "))")
    return routers
  }
}
