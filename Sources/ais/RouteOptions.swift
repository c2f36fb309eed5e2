import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// Options of a map, and of the layers that its plans leave out.
struct RouteOptions: ParsableArguments {
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions

  /// Those of these options that are on the command line, also with default values.
  static var given: [String] {
    let own = Set(helpMessage().matches(of: /--[a-z-]+(?= <)/).map { String($0.0) })
    return CommandLine.arguments.dropFirst().prefix { $0 != "--" }
      .map { String($0.prefix { $0 != "=" }) }.filter(own.contains)
  }

  /// A map's folder with a router for it.
  ///
  /// - Throws: `MapFolderError` for a folder that holds no map, or one of another number format;
  ///   `ForeignArtefactError` for another model's; what making a router throws.
  func open(
    map folder: String, _ loaded: LoadedModel, dtype: String, _ foreign: ForeignOptions
  ) throws -> RoutedMap {
    let (map, meta) = try MapFolder.load(folder)
    _ = try loaded.check(
      ModelArtefact(kind: "a map", path: folder, modelSHA256: meta.modelSHA256), foreign)
    try meta.check(
      modelSHA256: meta.modelSHA256, dtype: dtype, pivot: map.pivot, path: folder)
    let rule = try skip.rule(layerCount: map.layerCount)
    guard map.importance != nil || !rule.dependsOnCosts else {
      throw RequestError(
        "map \(folder)", expected: "layer importance, which make exp-015 and make exp-016 bring",
        found: "none")
    }
    guard let style = depth.style else {
      throw RequestError(
        "--mode", expected: "hard or soft: plans with bridges are fitted by experiments alone",
        found: depth.mode.rawValue)
    }
    let router = try MapRouter(
      map: map, rule: rule, style: style,
      config: loaded.decoder.config,
      k: skip.neighbors, vote: meta.vote, confidence: skip.confidence)
    return RoutedMap(folder: folder, meta: meta, router: router)
  }
}

/// A map on disk and the router that reads it.
struct RoutedMap {
  let folder: String
  let meta: MapMeta
  let router: MapRouter

  /// Computes the answer's first token with the full model, records in the map whether the route
  /// kept it, and writes the map back.
  ///
  /// - Returns: whether the route kept the token.
  /// - Throws: what a forward pass and writing throw; the map on disk is then as it was.
  func observe(_ route: Route, prompt: [Int32], model: LanguageModel) throws -> Bool {
    let comparison = LogitComparison(
      base: try model.logits(of: prompt), other: try model.logits(of: prompt, policy: route.plan))
    try router.map.observe(route.neighborhood, quality: comparison.topOneAgrees ? 1 : 0)
    router.map.settle()
    try MapFolder.save(router.map, meta, to: folder)
    return comparison.topOneAgrees
  }
}
