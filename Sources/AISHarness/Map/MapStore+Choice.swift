import Foundation

extension MapStore {
  /// The number of prompts of the map that serves a run: the largest that is in the cache and has at
  /// least as many as one that would be made now, else as many as that.
  package func prompts(size: PreparationSize) -> Int {
    let wanted = size.items(full: Self.defaultPrompts, least: Self.leastPrompts)
    return sizesInCache.filter { $0 > wanted && meta(prompts: $0) != nil }.max() ?? wanted
  }

  /// Whether the cache has the map of so many prompts, read at this layer.
  package func hasMap(prompts: Int, pivot: Int) -> Bool {
    meta(prompts: prompts)?.shape.pivot == pivot
  }

  /// Prompts of a corpus whose probes are on disk; they are checked when they are read.
  func probesOnDisk(prompts: Int, width: Int) -> Int {
    let folder = probeFolder(prompts: prompts)
    guard let note = try? Data(contentsOf: folder.appendingPathComponent("probes.json")),
      let known = try? JSONDecoder().decode(ProbeFile.Identity.self, from: note),
      known.modelSHA256 == modelSHA256, known.dtype == dtype, known.width == width, width > 0,
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: folder.appendingPathComponent("probes.f32").path),
      let bytes = attributes[.size] as? Int
    else { return 0 }
    return min(known.rows, bytes / (4 * width))
  }

  /// The sizes of maps that lie in the cache under this one's name.
  private var sizesInCache: [Int] {
    let maps = folder(prompts: 0).deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: maps.path)) ?? []
    return names.compactMap { name in
      name.matches(of: /[0-9]+/).compactMap { Int($0.0) }.first {
        folder(prompts: $0).lastPathComponent == name
      }
    }
  }

  /// Where the map of so many prompts comes from, if it is there and of this model and data.
  private func meta(prompts: Int) -> MapMeta? {
    let path = MapFolder.metaPath(folder(prompts: prompts).path)
    guard FileManager.default.fileExists(atPath: path),
      let meta = try? MapMeta.Document(contentsOf: path).meta, let data = try? identity(),
      meta.modelSHA256 == modelSHA256, meta.dtype == dtype, meta.dataSHA256 == data.sha256,
      meta.dataName == data.name
    else { return nil }
    return meta
  }
}
