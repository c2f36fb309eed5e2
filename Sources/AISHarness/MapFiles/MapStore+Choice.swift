import Foundation

extension MapStore {
  /// The number of prompts of a run's map: that of the largest one in the cache, if it has at least
  /// as many as a new map would have, else the new map's number.
  package func prompts(size: PreparationSize) -> Int {
    let wanted = size.items(full: Self.defaultPrompts, least: Self.leastPrompts)
    return sizesInCache.filter { $0 > wanted && document(prompts: $0) != nil }.max() ?? wanted
  }

  /// The number of entries of the cached map of this many prompts, read at this pivot; `nil` if
  /// there is none.
  package func entryCount(prompts: Int, pivot: Int) -> Int? {
    guard let map = document(prompts: prompts), map.meta.shape.pivot == pivot else { return nil }
    return map.entryCount
  }

  /// How many of the corpus's probes are on disk; they are checked when they are read.
  func probesOnDisk(prompts: Int, width: Int) -> Int {
    let folder = probeFolder(prompts: prompts)
    guard let note = try? Data(contentsOf: folder.appendingPathComponent("probes.json")),
      let known = try? JSONDecoder().decode(ProbeFile.Identity.self, from: note),
      known.modelSHA256 == modelSHA256, known.dtype == dtype, known.isOf(device),
      known.width == width, width > 0,
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

  /// The `meta.json` of the map of this many prompts, if it exists for this model and data.
  private func document(prompts: Int) -> MapMeta.Document? {
    let path = MapFolder.metaPath(folder(prompts: prompts).path)
    guard FileManager.default.fileExists(atPath: path),
      let map = try? MapMeta.Document(contentsOf: path), let data = try? identity(),
      map.meta.modelSHA256 == modelSHA256, map.meta.dtype == dtype, map.meta.device == device,
      map.meta.dataSHA256 == data.sha256, map.meta.dataName == data.name
    else { return nil }
    return map
  }
}
