import AISKit

extension Lab {
  /// What exp020 puts behind its result's name for the routers that it trained.
  public static var routerSuffix: String { "-router.safetensors" }

  /// The token routers of this lab's model: of the file that the user named, or those that exp020
  /// left beside its result.
  ///
  /// - Throws: `CheckpointError` for a file of routers that is missing or damaged, `DepthError`;
  ///   `ResultError` where no file was named and exp020 has no result.
  public func routers(option: String?) throws -> TokenRouters {
    let path =
      try option
      ?? Self.companion(of: result(of: Prerequisite.routers.id).file, Self.routerSuffix).path
    let routers = try TokenRouters(path: path)
    say("  routers  \(path)")
    say("           behind layers \(routers.layers.map(String.init).joined(separator: ", "))")
    return routers
  }
}
