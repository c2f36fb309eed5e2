import AISKit

extension Lab {
  /// The topological map of this lab's model and data with the ablation's importance: from the cache,
  /// or made.
  ///
  /// - Parameter language: the lab's model.
  /// - Returns: the map, which is kept in the cache.
  /// - Throws: what making a map throws; `ResultError` where the ablation has no result.
  public func topologicalMap(for language: LanguageModel) throws -> TopologicalMap {
    let prompts = MapStore.defaultPrompts
    let map = try mapStore.map(prompts: prompts, language: language, say: say)
    let ablation = try prerequisites.result("015")
    let importance = try ImportanceTable.importance(
      of: ablation.result, file: ablation.file, categories: map.categories,
      layerCount: map.layerCount)
    if map.importance != importance {
      try map.setImportance(importance)
      try mapStore.save(map, prompts: prompts)
    }
    say(
      "  map      \(map.count) prompts, importance from \(ablation.file)")
    say("           \(mapStore.folder(prompts: prompts).path)")
    return map
  }
}
