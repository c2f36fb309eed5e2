/// Where a result comes from: enough to make it again, and to see how another differs.
///
/// Plain data; the root attributes of a result file have the same names in `snake_case`.
public struct Provenance: Sendable, Equatable, Codable {
  /// The experiment's name, such as `exp016`.
  public var experiment: String
  /// The command line that made the result, as it can be typed again.
  public var command: String
  /// The source's commit, or the empty string outside a checkout.
  public var gitCommit: String
  /// Whether the source had uncommitted changes.
  public var gitDirty: Bool
  /// The model's file or folder name.
  public var modelName: String
  /// SHA-256 of the model file, hexadecimal.
  public var modelSHA256: String
  /// Where set-up fetched the model from; `nil` for other models, and in older files.
  public var modelSource: String?
  /// The data's names: of files, `starter prompts`, `starter questions`, or `no` and the name of an
  /// absent file that nothing replaces.
  public var dataName: String
  /// SHA-256 of each of them, hexadecimal; `none` for an absent file.
  public var dataSHA256: String
  /// The number format of the computation: `f32`, `bf16`, `f16`, `int8`, `native`.
  public var dtype: String
  /// The random seed.
  public var seed: Int
  /// Threads that computed.
  public var threads: Int
  /// The processor's own name.
  public var cpuModel: String
  /// The instruction set of the kernels in use, such as `avx512-vnni`.
  public var isa: String
  /// Name and version of every loaded library; the device and its kernels.
  public var libraryVersions: [String]
  /// When the run began: ISO 8601, UTC.
  public var startedUTC: String
  /// What must hold for the claim to be supported, written before the run.
  public var criteria: [String]
  /// The experiment's title.
  public var title: String
  /// What the experiment asks.
  public var question: String
  /// The command's parameters that the rows depend on, by name.
  public var parameters: [String: String]
  /// The label that distinguishes the run's file from those of other settings, such as `soft`;
  /// empty if there is none, `nil` in files without this attribute.
  public var variant: String?
  /// The `make` line that runs the experiment with these settings; `nil` if there is none.
  public var makeLine: String?
  /// The part of the measurement that the result holds; `nil` if it is the whole.
  public var shard: Shard?
  /// The number of items in the whole measurement of a shard; `nil` if it is unfinished.
  public var shardItems: Int?
  /// Seconds of work so far, over all resumed parts.
  public var wallSeconds: Double
  /// Whether the run finished.
  public var isComplete: Bool
  /// The verdict on the experiment's first claim; `nil` until judged.
  public var verdict: Verdict?
  /// The verdict on each claim and its reason, the first claim first; `nil` until judged, and in
  /// older files.
  public var judgements: [Judgement]?
  /// The answer in one sentence; `nil` in older files.
  public var conclusion: String?
  /// The sizes that the run was asked for, by the option that gives them.
  ///
  /// A larger run of the same parameters takes up a smaller one's rows.
  public var extents: [String: Int]?
  /// Each time that the rows were judged while a run grew; `nil` in older files.
  public var looks: [Look]?

  /// A provenance from its parts; those known only at a run's end come last.
  public init(
    experiment: String, command: String, gitCommit: String, gitDirty: Bool, modelName: String,
    modelSHA256: String, dataName: String, dataSHA256: String, dtype: String, seed: Int,
    threads: Int, cpuModel: String, isa: String, libraryVersions: [String], startedUTC: String,
    criteria: [String], title: String = "", question: String = "",
    parameters: [String: String] = [:], variant: String? = nil, makeLine: String? = nil,
    shard: Shard? = nil, shardItems: Int? = nil, wallSeconds: Double = 0, isComplete: Bool = false,
    verdict: Verdict? = nil, judgements: [Judgement]? = nil
  ) {
    self.experiment = experiment
    self.command = command
    self.gitCommit = gitCommit
    self.gitDirty = gitDirty
    self.modelName = modelName
    self.modelSHA256 = modelSHA256
    self.dataName = dataName
    self.dataSHA256 = dataSHA256
    self.dtype = dtype
    self.seed = seed
    self.threads = threads
    self.cpuModel = cpuModel
    self.isa = isa
    self.libraryVersions = libraryVersions
    self.startedUTC = startedUTC
    self.criteria = criteria
    self.title = title
    self.question = question
    self.parameters = parameters
    self.variant = variant
    self.makeLine = makeLine
    self.shard = shard
    self.shardItems = shardItems
    self.wallSeconds = wallSeconds
    self.isComplete = isComplete
    self.verdict = verdict
    self.judgements = judgements
  }

  /// Parameters that say how often a process times things: they change how sure a time is, not what
  /// it is of.
  static let effort: Set<String> = ["pairs"]

  /// The layout that this code writes and reads.
  public static let schemaVersion = 1

  /// The first difference that forbids mixing rows of `earlier` with rows of this run, as `name:
  /// earlier, now`; `nil` if there is none.
  ///
  /// Git commit, threads and processor may differ: they affect timings, which are never resumed
  /// into one figure, but not the rows. The device may not.
  func obstacle(toResuming earlier: Provenance) -> (name: String, stored: String, now: String)? {
    let identities = [
      ("experiment", earlier.experiment, experiment),
      ("model_sha256", earlier.modelSHA256, modelSHA256),
      ("data_sha256", earlier.dataSHA256, dataSHA256),
      ("dtype", earlier.dtype, dtype),
      ("device", ComputeFacts(of: earlier).device, ComputeFacts(of: self).device),
      ("seed", "\(earlier.seed)", "\(seed)"),
      ("shard", earlier.shard?.description ?? "none", shard?.description ?? "none"),
    ]
    if let difference = identities.first(where: { $0.1 != $0.2 }) { return difference }
    let names = Set(parameters.keys).union(earlier.parameters.keys).sorted()
    let sizes = Self.effort.union((extents ?? [:]).keys)
    for name in names where !sizes.contains(name) && parameters[name] != earlier.parameters[name] {
      return (name, earlier.parameters[name] ?? "unset", parameters[name] ?? "unset")
    }
    return nil
  }
}
