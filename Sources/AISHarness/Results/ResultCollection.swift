import Foundation

/// All results of one experiment, which its page shows.
package struct ResultCollection: Sendable {
  /// One result file.
  package struct Member: Sendable {
    /// The file's name as a reader of the page finds it, such as `exp016/model-f32-soft.h5`.
    package let file: String
    /// What it holds.
    package let result: StoredResult
    /// Its label among the others; empty if it is alone and has no variant.
    package fileprivate(set) var label: String
  }

  /// The experiment's name, such as `exp016`.
  package let experiment: String
  /// Complete results, by file name.
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
    let all = files.map { Member(file: $0.file, result: $0.result, label: "") }
    members = all.filter(\.isWhole)
    unfinished = all.filter { !$0.isWhole }
    self.unreadable = unreadable
    for (index, label) in Self.labels(members).enumerated() { members[index].label = label }
  }

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

  /// Labels of the members: their variant, then their dtype, device and model if those differ.
  private static func labels(_ members: [Member]) -> [String] {
    func differs(_ value: (Provenance) -> String) -> Bool {
      Set(members.map { value($0.result.provenance) }).count > 1
    }
    let (models, types) = (differs(\.modelName), differs(\.dtype))
    let devices = differs { ComputeFacts(of: $0).kind }
    let labels = members.map { member in
      let origin = member.result.provenance
      let parts = [
        member.variant, types ? origin.dtype : "", devices ? ComputeFacts(of: origin).kind : "",
        models ? modelStem(origin) : "",
      ]
      let label = parts.filter { !$0.isEmpty }.joined(separator: " ")
      return label.isEmpty && members.count > 1 ? "default" : label
    }
    return Set(labels).count == labels.count ? labels : members.map(\.stem)
  }

  /// A model's name as result files spell it.
  fileprivate static func modelStem(_ origin: Provenance) -> String {
    ModelCatalog.fileStem(ofShownName: origin.modelName)
  }
}

extension ResultCollection.Member {
  /// Whether the run finished, and is not a shard.
  var isWhole: Bool { result.provenance.isComplete && result.provenance.shard == nil }

  /// The file's name without folder and extension.
  var stem: String {
    String((file.split(separator: "/").last ?? "").dropLast(".h5".count))
  }

  /// The variant, from the file or, in older files, from its name.
  fileprivate var variant: String {
    let origin = result.provenance
    if let variant = origin.variant { return variant }
    let usual = "\(ResultCollection.modelStem(origin))-\(origin.dtype)"
    if stem == usual { return "" }
    return stem.hasPrefix(usual + "-") ? String(stem.dropFirst(usual.count + 1)) : stem
  }
}
