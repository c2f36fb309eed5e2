import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// A map, and what the plans that it chooses leave out.
struct RouteOptions: ParsableArguments {
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions

  /// A router for a map's folder.
  ///
  /// - Throws: `MapFolderError` for a folder that holds no map, or another model's; what making a
  ///   router throws.
  func router(map folder: String, _ loaded: LoadedModel, dtype: String) throws -> MapRouter {
    let (map, meta) = try MapFolder.load(folder)
    try meta.check(
      modelSHA256: FileDigest.sha256(ofModel: URL(fileURLWithPath: loaded.path)), dtype: dtype,
      pivot: map.pivot, path: folder)
    guard map.importance != nil else {
      throw MapError(
        "\(folder)", expected: "layer importance, which make exp-015 and make exp-016 bring",
        found: "none")
    }
    return try MapRouter(
      map: map, rule: skip.rule, style: depth.style, config: loaded.decoder.config,
      k: skip.neighbors, vote: meta.vote, confidence: skip.confidence)
  }
}
