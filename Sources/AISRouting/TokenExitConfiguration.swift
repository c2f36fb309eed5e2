/// The settings of token exit, named as TIDE names them.
///
/// They are stored in every router file and every result. Two of TIDE's settings are absent:
/// `exit_strategy`, which TIDE's code never reads, and `calibration_dataset`, because the caller
/// gives the texts.
public struct TokenExitConfiguration: Sendable, Equatable {
  /// A row exits if its router's score is above this.
  ///
  /// With a value above 1 no row exits.
  public var exitThreshold: Double = 0.85
  /// A row runs at least this many layers: it may exit after layer ℓ only if ℓ + 1 ≥ `minLayers`.
  public var minLayers: Int = 8
  /// There is a router after every `checkpointInterval`-th layer, but never after the last.
  public var checkpointInterval: Int = 4
  /// Width of a router's hidden layer.
  public var routerBottleneckDim: Int = 128
  /// For labels by cosine: a state has settled if its cosine with the final state is above this.
  public var convergenceThreshold: Double = 0.98
  /// The most texts that calibration reads.
  public var calibrationSamples: Int = 2_000
  /// Exited rows are removed from the batch once they are at least this share of the computed rows.
  ///
  /// Until then they are computed and ignored. 0: removed at once. Above 1: never removed, but a
  /// pass ends once all of its rows have exited.
  public var compactionThreshold: Double = 0.25
  /// How the KV cache is filled for the layers that a row did not run.
  public var kvCacheStrategy: KVFill = .project

  /// The defaults: TIDE's, except for the cache.
  public init() {}

  /// Checks that every setting is in range.
  ///
  /// - Throws: `RequestError`.
  public func validate() throws {
    func check(_ name: String, _ holds: Bool, _ expected: String, _ found: some Any) throws {
      guard holds else { throw RequestError(name, expected: expected, found: "\(found)") }
    }
    try check("exit_threshold", exitThreshold >= 0, "a number of at least 0", exitThreshold)
    try check("min_layers", minLayers >= 0, "at least 0", minLayers)
    try check("checkpoint_interval", checkpointInterval >= 1, "at least 1", checkpointInterval)
    try check("router_bottleneck_dim", routerBottleneckDim >= 1, "at least 1", routerBottleneckDim)
    try check(
      "convergence_threshold", (-1...1).contains(convergenceThreshold), "a cosine, −1 to 1",
      convergenceThreshold)
    try check("calibration_samples", calibrationSamples >= 1, "at least 1", calibrationSamples)
    try check(
      "compaction_threshold", compactionThreshold >= 0, "a number of at least 0",
      compactionThreshold)
  }

  /// The layers with a router, in a model with `layerCount` layers: every `checkpointInterval`-th.
  ///
  /// The model's last layer has none, because no layer after it could be saved.
  public func checkpoints(layerCount: Int) -> [Int] {
    stride(from: checkpointInterval - 1, to: layerCount - 1, by: checkpointInterval).map { $0 }
  }

  /// The checkpoints after which a row may exit.
  public func exits(layerCount: Int) -> [Int] {
    checkpoints(layerCount: layerCount).filter { $0 + 1 >= minLayers }
  }

  /// The settings by name, as files store them.
  public var fields: [(name: String, value: String)] {
    [
      ("exit_threshold", "\(exitThreshold)"), ("min_layers", "\(minLayers)"),
      ("checkpoint_interval", "\(checkpointInterval)"),
      ("router_bottleneck_dim", "\(routerBottleneckDim)"),
      ("convergence_threshold", "\(convergenceThreshold)"),
      ("calibration_samples", "\(calibrationSamples)"),
      ("compaction_threshold", "\(compactionThreshold)"),
      ("kv_cache_strategy", kvCacheStrategy.rawValue),
    ]
  }

  /// Sets the settings that a file names.
  ///
  /// The others keep their values.
  ///
  /// - Throws: `CheckpointError` for a value that does not parse or is out of range.
  mutating func adopt(_ metadata: [String: String], file: String) throws {
    func value<Value: LosslessStringConvertible>(_ name: String, _ current: Value) throws -> Value {
      guard let text = metadata[name] else { return current }
      guard let value = Value(text) else {
        throw CheckpointError(
          file: file, place: .metadata(name), expected: "a \(Value.self)", found: text)
      }
      return value
    }
    exitThreshold = try value("exit_threshold", exitThreshold)
    minLayers = try value("min_layers", minLayers)
    checkpointInterval = try value("checkpoint_interval", checkpointInterval)
    routerBottleneckDim = try value("router_bottleneck_dim", routerBottleneckDim)
    convergenceThreshold = try value("convergence_threshold", convergenceThreshold)
    calibrationSamples = try value("calibration_samples", calibrationSamples)
    compactionThreshold = try value("compaction_threshold", compactionThreshold)
    if let name = metadata["kv_cache_strategy"] {
      guard let fill = KVFill(name: name) else {
        throw CheckpointError(
          file: file, place: .metadata("kv_cache_strategy"),
          expected: KVFill.allCases.map(\.rawValue).joined(separator: ", "), found: name)
      }
      kvCacheStrategy = fill
    }
    do {
      try validate()
    } catch let error as RequestError {
      throw CheckpointError(
        file: file, place: .metadata(error.subject), expected: error.expected, found: error.found)
    }
  }
}
