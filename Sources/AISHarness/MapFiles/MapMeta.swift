import AISKit
import Foundation

/// A map's origin and the usual settings of a look-up, as `meta.json` holds them.
public struct MapMeta: Sendable, Equatable {
  /// The version of the folder's layout.
  public static let schemaVersion = 1

  /// The shape of the map.
  public var shape: MapShape
  /// The model's file name.
  public var modelName: String
  /// The model's digest.
  public var modelSHA256: String
  /// The number format that the model computed in.
  public var dtype: String
  /// What the model computed on; `meta.json` names it only if it is not the processor.
  public var device: DeviceName
  /// How many neighbours vote by default.
  public var k: Int
  /// How their votes are weighed.
  public var vote: Vote
  /// The name of the data that the entries' prompts come from.
  public var dataName: String
  /// The digest of those data.
  public var dataSHA256: String
  /// When the map was made, ISO 8601.
  public var createdUTC: String
  /// The commit it was made with.
  public var gitCommit: String

  /// The origin of a map made now.
  public init(
    shape: MapShape, modelName: String, modelSHA256: String, dtype: String,
    device: DeviceName = .cpu, k: Int = 10, vote: Vote = .weighted, dataName: String,
    dataSHA256: String,
    createdUTC: String = Date().formatted(.iso8601),
    gitCommit: String = RepositoryState.of().commit
  ) {
    self.shape = shape
    self.modelName = modelName
    self.modelSHA256 = modelSHA256
    self.dtype = dtype
    self.device = device
    self.k = k
    self.vote = vote
    self.dataName = dataName
    self.dataSHA256 = dataSHA256
    self.createdUTC = createdUTC
    self.gitCommit = gitCommit
  }

  /// Refuses another model, precision or pivot, whose probes would not be comparable.
  ///
  /// Another device is no obstacle: its probes differ by rounding alone, far less than those of two
  /// prompts.
  ///
  /// - Parameters:
  ///   - modelSHA256: the digest of the model in use.
  ///   - dtype: the number format that it computes in.
  ///   - pivot: the layer whose output is to be looked up.
  ///   - path: the map's folder, for the error.
  /// - Throws: `MapFolderError` naming the first difference.
  public func check(
    modelSHA256: String, dtype: String, pivot: Int, path: String
  ) throws(MapFolderError) {
    func compare(_ place: String, _ made: String, _ used: String) throws(MapFolderError) {
      guard made != used else { return }
      throw MapFolderError(
        file: MapFolder.metaPath(path), place: place, expected: "\(used), as in use",
        found: made)
    }
    try compare("model_sha256", self.modelSHA256, modelSHA256)
    try compare("dtype", self.dtype, dtype)
    try compare("pivot", "\(shape.pivot)", "\(pivot)")
  }
}

// MARK: - JSON

extension MapMeta {
  /// The members of `meta.json`, with the digest that ties the folder's files together.
  struct Document: Encodable, Equatable {
    var meta: MapMeta
    var entryCount: Int
    var indexSHA256: String

    private enum Key: String, CodingKey {
      case schemaVersion = "schema_version"
      case modelName = "model_name"
      case modelSHA256 = "model_sha256"
      case dtype
      case device
      case pivot
      case width
      case layers
      case categories
      case k
      case vote
      case dataName = "data_name"
      case dataSHA256 = "data_sha256"
      case index
      case indexSHA256 = "index_sha256"
      case entries
      case createdUTC = "created_utc"
      case gitCommit = "git_commit"
    }

    init(meta: MapMeta, entryCount: Int, indexSHA256: String) {
      self.meta = meta
      self.entryCount = entryCount
      self.indexSHA256 = indexSHA256
    }

    func encode(to encoder: any Encoder) throws {
      var members = encoder.container(keyedBy: Key.self)
      try members.encode(MapMeta.schemaVersion, forKey: .schemaVersion)
      try members.encode(meta.modelName, forKey: .modelName)
      try members.encode(meta.modelSHA256, forKey: .modelSHA256)
      try members.encode(meta.dtype, forKey: .dtype)
      if meta.device != .cpu { try members.encode(meta.device, forKey: .device) }
      try members.encode(meta.shape.pivot, forKey: .pivot)
      try members.encode(meta.shape.width, forKey: .width)
      try members.encode(meta.shape.layerCount, forKey: .layers)
      try members.encode(meta.shape.categories, forKey: .categories)
      try members.encode(meta.k, forKey: .k)
      try members.encode(meta.vote.rawValue, forKey: .vote)
      try members.encode(meta.dataName, forKey: .dataName)
      try members.encode(meta.dataSHA256, forKey: .dataSHA256)
      try members.encode(meta.shape.kind.rawValue, forKey: .index)
      try members.encode(indexSHA256, forKey: .indexSHA256)
      try members.encode(entryCount, forKey: .entries)
      try members.encode(meta.createdUTC, forKey: .createdUTC)
      try members.encode(meta.gitCommit, forKey: .gitCommit)
    }

    func bytes() throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Reads the file at `path`; throws `CheckpointError` or `MapFolderError`.
    init(contentsOf path: String) throws {
      let json = try JSONSection(contentsOf: path)
      func text(_ key: Key) throws -> String { try json.string(key.rawValue) }
      func number(_ key: Key, least: Int) throws -> Int {
        let value = try json.integer(key.rawValue)
        guard value >= least else {
          throw MapFolderError(
            file: path, place: key.rawValue, expected: "\(least) or more", found: "\(value)")
        }
        return value
      }
      func known<Value>(_ key: Key, _ values: [Value]) throws -> Value
      where Value: RawRepresentable<String> {
        let spelling = try text(key)
        guard let value = Value(rawValue: spelling) else {
          throw MapFolderError(
            file: path, place: key.rawValue,
            expected: values.map { "\"\($0.rawValue)\"" }.joined(separator: " or "),
            found: "\"\(spelling)\"")
        }
        return value
      }
      // The version is read first: another layout may differ in everything else.
      let version = try json.integer(Key.schemaVersion.rawValue)
      guard version == MapMeta.schemaVersion else {
        throw MapFolderError(
          file: path, place: Key.schemaVersion.rawValue, expected: "\(MapMeta.schemaVersion)",
          found: "\(version)")
      }
      let shape: MapShape
      do {
        shape = try MapShape(
          categories: try json.strings(Key.categories.rawValue),
          pivot: try json.integer(Key.pivot.rawValue), width: try json.integer(Key.width.rawValue),
          layerCount: try json.integer(Key.layers.rawValue),
          kind: try known(.index, MapShape.Kind.allCases))
      } catch let error as RequestError {
        throw MapFolderError(
          file: path, place: error.subject, expected: error.expected, found: error.found)
      }
      let device: DeviceName =
        json.contains(Key.device.rawValue) ? try known(.device, DeviceName.allCases) : .cpu
      meta = MapMeta(
        shape: shape, modelName: try text(.modelName), modelSHA256: try text(.modelSHA256),
        dtype: try text(.dtype), device: device, k: try number(.k, least: 1),
        vote: try known(.vote, Vote.allCases), dataName: try text(.dataName),
        dataSHA256: try text(.dataSHA256), createdUTC: try text(.createdUTC),
        gitCommit: try text(.gitCommit))
      entryCount = try number(.entries, least: 1)
      indexSHA256 = try text(.indexSHA256)
    }
  }
}
