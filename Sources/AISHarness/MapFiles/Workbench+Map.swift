import AISKit

extension Workbench {
  /// The topological map of this lab's model and data: from the cache, or made.
  ///
  /// If the experiment's options need an ablation, the map has its importance.
  ///
  /// - Parameter language: the lab's model.
  /// - Returns: the map, which is kept in the cache.
  /// - Throws: what making a map throws; `ResultError` if the ablation does not fit.
  public func topologicalMap(for language: LanguageModel) throws -> TopologicalMap {
    let prompts = mapPrompts
    let map = try progress.during(MapStore.part) {
      try mapStore.map(prompts: prompts, language: language, say: say) {
        rates.keep($0, of: MapStore.part)
      }
    }.result
    var origin = "no importance, which these options do not ask for"
    if let ablation = neededResult(of: "015") {
      let importance = try ImportanceTable.importance(
        of: ablation.result, file: ablation.file, categories: map.categories,
        layerCount: map.layerCount)
      if map.importance != importance {
        try map.setImportance(importance)
        try mapStore.save(map, prompts: prompts)
      }
      origin = "importance from \(ablation.file)"
    }
    say("  map      \(map.count) prompts, \(origin)")
    say("           \(mapStore.folder(prompts: prompts).path)")
    return map
  }
}
