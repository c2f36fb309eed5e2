import AISKit
import Foundation

/// Finds the results of other experiments that an experiment needs, or makes them first.
package struct Prerequisites {
  /// The model and data that a result must be about.
  package struct Subject: Sendable {
    /// The model's name as result files begin.
    let modelStem: String
    /// The model's digest.
    let modelSHA256: String
    /// The digest of the prompts' data.
    let promptsSHA256: String
    /// Whether the starter set serves.
    let isStarter: Bool
    /// The run's number format.
    ///
    /// The cost of leaving a layer out hardly depends on it, so a result of another format may be
    /// used.
    let dtype: String
    /// What computes.
    ///
    /// A result of another device is never used: its rows have other digits, and the run that it is
    /// for would rest on both.
    let device: DeviceName
    /// The number of categories, each of which must have items.
    let categoryCount: Int

    package init(
      modelStem: String, modelSHA256: String, promptsSHA256: String, isStarter: Bool, dtype: String,
      device: DeviceName = .cpu, categoryCount: Int
    ) {
      self.categoryCount = categoryCount
      self.modelStem = modelStem
      self.modelSHA256 = modelSHA256
      self.promptsSHA256 = promptsSHA256
      self.isStarter = isStarter
      self.dtype = dtype
      self.device = device
    }
  }

  /// A result that was found.
  package struct Found {
    /// Its file.
    package let file: String
    /// What it holds.
    package let result: StoredResult
    /// How many items it covers.
    package let items: Int
    /// How many items a full one covers.
    package let full: Int
  }

  /// Folders of results; missing results are written to the first.
  let folders: [URL]
  let subject: Subject
  /// The size at which missing results are made.
  let size: PreparationSize
  /// The arguments that make another experiment use the same model and data.
  let arguments: [String]
  /// The folder of the experiments' executables.
  let tools: URL

  package init(
    folders: [URL], subject: Subject,
    size: PreparationSize = PreparationSize(asked: nil, wholeFrom: nil), arguments: [String],
    tools: URL = Self.besideThisTool
  ) {
    self.folders = folders
    self.subject = subject
    self.size = size
    self.arguments = arguments
    self.tools = tools
  }

  /// The folder that this executable lies in.
  package static var besideThisTool: URL {
    OwnExecutable.file.deletingLastPathComponent()
  }

  // MARK: - Finding

  /// The best complete result of an experiment for this model and data.
  ///
  /// It has the most items; among equals, default settings, then the run's own number format, then
  /// the first folder win.
  ///
  /// Throws `ResultError` if there is none.
  package func result(_ need: Prerequisite) throws -> Found {
    var candidates: [(file: String, items: Int, isPlain: Bool, isOwnFormat: Bool)] = []
    let stem = ResultName.stem(subject.modelStem, dtype: subject.dtype, device: subject.device)
    let expected = folders.first.map { "\($0.path)/\(need.name)/\(stem).h5" } ?? need.name
    var problem = ResultError(
      file: expected, problem: "is missing; make exp-\(need.id) makes it")
    for file in files(of: need) {
      do {
        let origin = try ResultFile.provenance(ofFile: file)
        if let mismatch = mismatch(origin, need) {
          throw ResultError(file: file, problem: mismatch)
        }
        candidates.append(
          (
            file, asked(origin, need), (origin.variant ?? "").isEmpty,
            origin.dtype == subject.dtype
          ))
      } catch let error as ResultError {
        // Results of other models are in the folder too; they are not worth a message.
        let name = URL(fileURLWithPath: file).lastPathComponent
        if name.hasPrefix(subject.modelStem + "-") { problem = error }
      }
    }
    let ranks = candidates.indices.map { place -> (Int, Int, Int, Int) in
      let candidate = candidates[place]
      return (candidate.items, candidate.isPlain ? 1 : 0, candidate.isOwnFormat ? 1 : 0, -place)
    }
    // If a result's rows are damaged, the next best is used.
    for place in candidates.indices.sorted(by: { ranks[$0] > ranks[$1] }) {
      let file = candidates[place].file
      do {
        let result = try ResultFile.read(file)
        return Found(
          file: file, result: result, items: items(result, need) ?? candidates[place].items,
          full: need.full(isStarter: subject.isStarter))
      } catch let error as ResultError {
        problem = error
      }
    }
    throw problem
  }

  private func files(of need: Prerequisite) -> [String] {
    var seen = Set<String>()
    return folders.map { $0.appendingPathComponent(need.name) }
      .filter { seen.insert($0.standardizedFileURL.path).inserted }
      .flatMap { folder in
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
          .filter { $0.hasSuffix(".h5") }.map { folder.appendingPathComponent($0).path }
      }
  }

  private func mismatch(_ origin: Provenance, _ need: Prerequisite) -> String? {
    if origin.experiment != need.name { return "is a result of \(origin.experiment)" }
    if !origin.isComplete { return "is unfinished" }
    if let shard = origin.shard { return "is shard \(shard) of a result" }
    let pairs =
      [
        ("model_sha256", origin.modelSHA256, subject.modelSHA256),
        ("data_sha256", origin.dataSHA256, subject.promptsSHA256),
        ("device", ComputeFacts(of: origin).kind, subject.device.rawValue),
      ]
      // A result that lacks a setting was made when there was only one choice.
      + need.settings.map { ($0.option, origin.parameters[$0.parameter] ?? $0.value, $0.value) }
    return pairs.first { $0.1 != $0.2 }.map { "\($0.0): expected \($0.2), found \($0.1)" }
  }

  /// The number of items that a result's run was asked for.
  private func asked(_ origin: Provenance, _ need: Prerequisite) -> Int {
    origin.parameters["n"].flatMap { Int($0) } ?? need.full(isStarter: subject.isStarter)
  }

  /// The number of items in its rows, if they tell.
  private func items(_ result: StoredResult, _ need: Prerequisite) -> Int? {
    guard let column = need.itemColumn,
      let place = result.columns.firstIndex(where: { $0.name == column }), !result.rows.isEmpty
    else { return nil }
    return Set(result.rows.compactMap { Int(columnValue: $0[place]) }).count
  }

  // MARK: - Planning and making

  /// The plan for the results: which must be made, and which exist.
  ///
  /// - Throws: `ChildProcessError` and `PrerequisiteError` if an experiment cannot state its plan,
  ///   since it then could not run either.
  package func plan(_ needs: [Prerequisite]) throws -> RunPlan {
    var plan = RunPlan(parts: [])
    for need in needs {
      if let found = try? result(need) {
        plan.add(RunPlan(parts: [], uses: [found.line(need)]))
      } else {
        plan.add(try self.plan(of: need))
      }
    }
    return plan
  }

  private func plan(of need: Prerequisite) throws -> RunPlan {
    let output = try ChildProcess.output(
      of: tool(need), [PlanCommand.dataFlag] + arguments(for: need), limit: 1 << 20, seconds: 600)
    guard output.ending == .exited(0) else {
      throw PrerequisiteError(experiment: need.name, ending: "\(output.ending)")
    }
    do {
      return try JSONDecoder().decode(RunPlan.self, from: Data(output.bytes))
    } catch {
      throw ResultError(file: tool(need).path, problem: "expected a plan, found other output")
    }
  }

  /// Runs the experiments that have no result yet, each with its own executable.
  ///
  /// - Returns: every result, by the experiment's number.
  /// - Throws: `PrerequisiteError` if one fails.
  package func ensure(
    _ needs: [Prerequisite], progress: PlanProgress, say: (String) -> Void
  ) throws -> [String: Found] {
    var all: [String: Found] = [:]
    for need in needs {
      if (try? result(need)) == nil {
        try run(need, progress)
        say("  goes on  with what was asked for")
      }
      all[need.id] = try result(need)
    }
    return all
  }

  private func run(_ need: Prerequisite, _ progress: PlanProgress) throws {
    let count = (try? plan(of: need).parts.count) ?? 1
    let variable = PlanProgress.Place.variable
    let earlier = PlanProgress.Place()
    if let place = progress.handOver(need.name, count: count) {
      setenv(variable, place.text, 1)
    }
    defer {
      if let earlier { setenv(variable, earlier.text, 1) } else { unsetenv(variable) }
    }
    let status = try ChildProcess.run(tool(need), arguments(for: need))
    guard status == 0 else {
      throw PrerequisiteError(experiment: need.name, ending: "exit status \(status)")
    }
  }

  private func tool(_ need: Prerequisite) -> URL { tools.appendingPathComponent(need.name) }

  /// The arguments that make a usable result, of the size that `PreparationSize` gives.
  package func arguments(for need: Prerequisite) -> [String] {
    let full = need.full(isStarter: subject.isStarter)
    let least = max(need.least, Prerequisite.leastOfCategory * subject.categoryCount)
    let items = size.items(full: full, least: min(least, full))
    return arguments + need.settings.flatMap { ["--\($0.option)", $0.value] }
      + (items < full ? ["--n", "\(items)"] : [])
  }
}

extension Prerequisites.Found {
  /// Its size and its place, in a line.
  package func line(_ need: Prerequisite) -> String {
    let count = Workload.count(items, "prompts")
    let here = FileManager.default.currentDirectoryPath + "/"
    let place = file.hasPrefix(here) ? String(file.dropFirst(here.count)) : file
    let remark =
      items < full
      ? " (a full one is of \(full): make exp-\(need.id) makes it, and it is then preferred)" : ""
    return "\(need.name): \(need.what) of \(count), from \(place)\(remark)"
  }
}

/// An experiment that another one needs failed.
public struct PrerequisiteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The experiment.
  public let experiment: String
  /// How it ended: its exit status, or the signal that ended it.
  public let ending: String

  /// What failed, in one line.
  public var description: String {
    "\(experiment), which this experiment needs, ended with \(ending); what it says above "
      + "comes first"
  }
}
