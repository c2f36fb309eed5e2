import AISKit
import Foundation

/// The cache of one model's, number format's and data set's topological map.
///
/// The map is made when it is first needed, and read from then on.
///
/// The folder's name tells a person what the map is of; its `meta.json` tells it exactly. A map of
/// anything else is made anew. So is one that another kind of device computed: its probes differ by
/// rounding, and rows of one run must rest on one device.
public struct MapStore: Sendable {
  /// The default number of prompts of a corpus.
  public static let defaultPrompts = 5_000
  /// With fewer prompts a map means little: these are fifty a category.
  static let leastPrompts = 400
  /// The name in plans of making a map.
  static let part = "map"

  /// The model's file or folder.
  let model: URL
  let modelSHA256: String
  let dtype: String
  /// What computes the probes.
  let device: DeviceName
  /// The prompts' file; `nil` if the starter set serves.
  let dataFile: URL?
  var seed: UInt64
  let cache: URL

  package init(
    model: URL, modelSHA256: String, dtype: String, device: DeviceName = .cpu, dataFile: URL?,
    seed: UInt64, cache: URL
  ) {
    self.model = model
    self.modelSHA256 = modelSHA256
    self.dtype = dtype
    self.device = device
    self.dataFile = dataFile
    self.seed = seed
    self.cache = cache
  }

  /// The store of maps drawn from another seed.
  public func seeded(_ seed: UInt64) -> MapStore {
    var other = self
    other.seed = seed
    return other
  }

  /// The folder of the map of this many prompts.
  public func folder(prompts: Int) -> URL {
    cache.appendingPathComponent("maps/\(name(prompts))", isDirectory: true)
  }

  /// The folder of that map's probes.
  func probeFolder(prompts: Int) -> URL {
    cache.appendingPathComponent("probes/\(name(prompts))", isDirectory: true)
  }

  private func name(_ prompts: Int) -> String {
    let stem = ResultName.stem(
      ResultName.model(model), dtype: dtype, device: device, isStarter: dataFile == nil)
    return "\(stem)-\(prompts)" + (seed == DataOptions.defaultSeed ? "" : "-seed\(seed)")
  }

  /// The fewest prompts of which five sixths are at least `count`.
  public static func fewestPrompts(forMapOf count: Int) -> Int {
    var prompts = max(2, count)
    while mapCount(of: prompts) < count { prompts += 1 }
    return prompts
  }

  private static func heldOutCount(of prompts: Int) -> Int { max(1, prompts / 6) }
  private static func mapCount(of prompts: Int) -> Int {
    max(1, prompts - heldOutCount(of: prompts))
  }

  /// A corpus of this many prompts: five sixths for the map, the rest held out.
  ///
  /// - Throws: what reading the data and the chat template throw.
  public func corpus(prompts: Int, language: LanguageModel) throws -> Corpus {
    try Corpus(
      of: DataFiles.prompts(dataFile), language: language, mapCount: Self.mapCount(of: prompts),
      heldOutCount: Self.heldOutCount(of: prompts), seed: seed)
  }

  /// The corpus's probes: those on disk, and the rest still to be computed.
  ///
  /// - Throws: as `CorpusProbes`.
  public func probes(
    of corpus: Corpus, prompts: Int, language: LanguageModel, pivot: Int, fresh: Bool
  ) throws -> CorpusProbes {
    try CorpusProbes(
      corpus, model: language.decoder, pivot: pivot, folder: probeFolder(prompts: prompts),
      modelSHA256: modelSHA256, dtype: dtype, device: device, fresh: fresh)
  }

  /// A map of a corpus's map prompts, without observations and importance.
  ///
  /// - Throws: `RequestError`.
  public func map(
    of corpus: Corpus, probes: [Float], width: Int, pivot: Int, layerCount: Int,
    kind: MapShape.Kind = .exact
  ) throws -> TopologicalMap {
    let map = TopologicalMap(
      try MapShape(
        categories: corpus.categories, pivot: pivot, width: width, layerCount: layerCount,
        kind: kind))
    let entries = zip(corpus.prompts, corpus.labels).prefix(corpus.mapCount).map {
      MapEntry(category: $1, text: $0.text)
    }
    try map.add(probes: Array(probes.prefix(corpus.mapCount * width)), entries: entries)
    return map
  }

  /// Writes a map to its folder in the cache, completely or not at all.
  ///
  /// - Throws: `MapFolderError` and what writing throws.
  public func save(_ map: TopologicalMap, prompts: Int) throws {
    let folder = folder(prompts: prompts)
    try FileBytes.makeFolder(folder.deletingLastPathComponent())
    try save(map, to: folder)
  }

  /// Writes a map to a folder, completely or not at all.
  ///
  /// - Throws: `MapFolderError` and what writing throws.
  public func save(_ map: TopologicalMap, to folder: URL) throws {
    let data = try identity()
    let meta = MapMeta(
      shape: map.shape, modelName: ModelCatalog.shownName(of: model), modelSHA256: modelSHA256,
      dtype: dtype, device: device, k: 10, vote: .weighted, dataName: data.name,
      dataSHA256: data.sha256,
      createdUTC: Date().formatted(.iso8601), gitCommit: RepositoryState.of().commit)
    try MapFolder.save(map, meta, to: folder.path)
  }

  /// The exact key of something that the cache keeps: model, data, device and the rest that it
  /// depends on.
  ///
  /// - Parameter rest: what it depends on besides.
  /// - Returns: the key. The processor's is as it was before there was a choice of devices.
  /// - Throws: `FileDigestError` if the data cannot be read.
  package func key(_ rest: String) throws -> String {
    let data = try DataFiles.identity(of: DataFiles.dolly, at: dataFile)
    let place = device == .cpu ? "" : ", on \(device.rawValue)"
    return "\(modelSHA256) \(data.sha256) \(rest)" + place
  }

  /// The name and digest of the map's prompts: the data, and how they were drawn.
  func identity() throws -> (name: String, sha256: String) {
    let data = try DataFiles.identity(of: DataFiles.dolly, at: dataFile)
    return ("\(data.name), ≤ \(Corpus.maximumTokens) tokens, seed \(seed)", data.sha256)
  }

  /// The map of a corpus of this many prompts: from its folder, or made and kept there.
  ///
  /// - Parameters:
  ///   - prompts: how many the corpus has.
  ///   - language: the model that reads them.
  ///   - say: prints a line.
  ///   - didRead: called with the time that reading took, if prompts had to be read.
  /// - Returns: the map.
  /// - Throws: what making it throws. A folder that holds another map, or a damaged one, is replaced.
  func map(
    prompts: Int, language: LanguageModel, say: (String) -> Void,
    didRead: (RateBook.Record) -> Void = { _ in }
  ) throws -> TopologicalMap {
    let folder = folder(prompts: prompts)
    let pivot = language.decoder.config.defaultPivot
    let data = try identity()
    if let known = try? MapFolder.load(folder.path),
      (try? known.meta.check(
        modelSHA256: modelSHA256, dtype: dtype, pivot: pivot, path: folder.path)) != nil,
      known.meta.device == device, known.meta.dataSHA256 == data.sha256,
      known.meta.dataName == data.name
    {
      return known.map
    }
    let corpus = try corpus(prompts: prompts, language: language)
    let probes = try probes(
      of: corpus, prompts: prompts, language: language, pivot: pivot, fresh: false)
    let total = corpus.tokens.count
    say("  map      is not in the cache: reads \(total) prompts through layer \(pivot), once")
    let meter = ProgressMeter("map: prompts", total: total)
    var read = RateBook.Record(tokens: 0, seconds: 0)
    let tokenShare = language.decoder.config.share(ofLayersThrough: pivot)
    let values = try probes.compute { range, seconds in
      if let seconds {
        read.seconds += seconds
        read.tokens += tokenShare * Double(corpus.tokens[range].reduce(0) { $0 + $1.count })
      }
      meter.advance(by: range.count)
    }
    didRead(read)
    let map = try map(
      of: corpus, probes: values, width: probes.width, pivot: pivot,
      layerCount: language.decoder.config.layerCount)
    try save(map, prompts: prompts)
    say("  map      \(folder.path)")
    return map
  }
}
