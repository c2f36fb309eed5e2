import Foundation

/// All results of one experiment, which its page shows.
package struct ResultCollection: Sendable {
  /// One result file.
  package struct Member: Sendable {
    /// The file's name as a reader of the page finds it, such as `exp016/model-f32-soft.h5`.
    package let file: String
    /// What it holds.
    package let result: StoredResult
    /// Its short name in pictures: what differs among the results; empty if it is alone and has no
    /// variant.
    package fileprivate(set) var label = ""
    /// Its setting, which tells it apart from others of its model: number format, GPU, variant.
    package fileprivate(set) var run = ""
  }

  /// The experiment's name, such as `exp016`.
  package let experiment: String
  /// Complete results: known models first, smaller ones before larger, the results of a model
  /// together.
  package private(set) var members: [Member]
  /// Results of runs that are going on or were cut off, and shards.
  package let unfinished: [Member]
  /// Files that cannot be read, and why.
  package let unreadable: [(file: String, problem: String)]

  /// The results in these files.
  package init(
    _ experiment: String, _ files: [(file: String, result: StoredResult)],
    unreadable: [(file: String, problem: String)] = []
  ) {
    self.experiment = experiment
    let all = files.map { Member($0.file, $0.result) }.sorted(by: Member.precedes)
    members = all.filter(\.isWhole)
    unfinished = all.filter { !$0.isWhole }
    self.unreadable = unreadable
    for (index, label) in Self.labels(members).enumerated() { members[index].label = label }
    // Files that someone renamed may hold the same setting.
    for same in members.indices.grouped(by: { [members[$0].model, members[$0].run] })
    where same.rows.count > 1 {
      for index in same.rows { members[index].run = members[index].stem }
    }
  }

  /// The members by model.
  var models: [RowGroup<String, Member>] { members.grouped(by: \.model) }

  /// Reads the results of an experiment from the folder that holds `expNNN/`.
  ///
  /// Files that hold something else are skipped. Throws if the folder cannot be listed.
  package init(_ experiment: String, in folder: URL) throws {
    let place = folder.appendingPathComponent(experiment, isDirectory: true)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path)
    var files: [(String, StoredResult)] = []
    var unreadable: [(String, String)] = []
    for name in names.sorted() where name.hasSuffix(".h5") {
      let file = "\(experiment)/\(name)"
      do {
        let result = try ResultFile.read(place.appendingPathComponent(name).path)
        let other = result.provenance.experiment
        if other == experiment {
          files.append((file, result))
        } else {
          unreadable.append((file, "a result of \(other)"))
        }
      } catch let error as ResultError {
        if error.problem != ResultFile.otherFile { unreadable.append((file, error.problem)) }
      }
    }
    self.init(experiment, files, unreadable: unreadable)
  }

  /// The bench and its page of GPUs, whose engines and criteria are others.
  static let (bench, benchOnGPU) = ("bench", "bench-cuda")

  /// Reads what a page shows: all results of an experiment, but the bench's either of processors or
  /// of GPUs.
  ///
  /// Throws if the folder cannot be listed.
  package init(page name: String, in folder: URL) throws {
    guard name == Self.bench || name == Self.benchOnGPU else {
      try self.init(name, in: folder)
      return
    }
    let all = try ResultCollection(Self.bench, in: folder)
    let own = (all.members + all.unfinished).filter {
      Self.isOnGPU($0.result.provenance) == (name == Self.benchOnGPU)
    }
    self.init(Self.bench, own.map { ($0.file, $0.result) }, unreadable: all.unreadable)
  }

  static func isOnGPU(_ run: Provenance) -> Bool { ComputeFacts(of: run).kind != "cpu" }

  /// A model's name as result files spell it.
  static func modelStem(_ origin: Provenance) -> String {
    ModelCatalog.fileStem(ofShownName: origin.modelName)
  }
}

extension ResultCollection.Member {
  fileprivate init(_ file: String, _ result: StoredResult) {
    (self.file, self.result) = (file, result)
    run = setting.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Its number format, GPU, variant and starter set; empty where there is none.
  private var setting: [String] {
    let origin = result.provenance
    let device = ComputeFacts(of: origin).kind
    return [
      origin.dtype, device == ComputeFacts.hostDevice ? "" : device, variant,
      origin.usesStarterSet ? "starter set" : "",
    ]
  }

  /// Whether a result stands before another.
  fileprivate static func precedes(_ left: Self, _ right: Self) -> Bool {
    func place(_ member: Self) -> Int {
      // Known models are listed by size.
      let entries = ModelCatalog.entries
      return entries.firstIndex { $0.file == member.model } ?? entries.count
    }
    func words(_ member: Self) -> [String] { [member.model] + member.setting + [member.file] }
    let (first, second) = (place(left), place(right))
    return first == second
      ? words(left).lexicographicallyPrecedes(words(right)) : first < second
  }

  /// The model's name.
  package var model: String { result.provenance.modelName }

  /// Whether the run finished, and is not a shard.
  var isWhole: Bool { result.provenance.isComplete && result.provenance.shard == nil }

  /// The file's name without folder and extension.
  var stem: String {
    String((file.split(separator: "/").last ?? "").dropLast(".h5".count))
  }

  /// The variant, from the file or, in older files, from its name.
  var variant: String {
    let origin = result.provenance
    if let variant = origin.variant { return variant }
    let usual = "\(ResultCollection.modelStem(origin))-\(origin.dtype)"
    if stem == usual { return "" }
    return stem.hasPrefix(usual + "-") ? String(stem.dropFirst(usual.count + 1)) : stem
  }
}
