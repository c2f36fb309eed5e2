import AISKit
import Foundation

extension Experiment {
  /// What this command would do, and about how long that would take.
  ///
  /// - Throws: what the request's check throws; `ChildProcessError` and `PrerequisiteError` if an
  ///   experiment that must run first cannot.
  func plan() throws -> RunPlan {
    try checkRequest()
    return try plan(LabSetting(of: self)).plan
  }

  /// The plan, and the experiment's own work.
  func plan(_ setting: LabSetting) throws -> (plan: RunPlan, work: Workload) {
    var plan = try setting.prerequisites.plan(needs.results)
    let planner = PartPlanner(setting)
    if needs.contains(.map) { plan.add(planner.map()) }
    if needs.contains(.bridges) { plan.parts.append(planner.bridges()) }
    let whole =
      planner.setting.flatMap { workload(in: $0) } ?? Workload(Self.card.title, tokens: nil)
    let work = output.shard.map(whole.part) ?? whole
    plan.parts.append(planner.part(Self.card.name, work))
    return (plan, work)
  }
}

/// Makes the parts of a plan that are not other experiments.
struct PartPlanner {
  private let lab: LabSetting
  /// What is known of model and data; `nil` if the model's files cannot be read.
  let setting: WorkSetting?
  private let estimator: CostEstimator?

  init(_ lab: LabSetting) {
    self.lab = lab
    let config = ModelConfig.ofFiles(at: lab.model.path)
    let store = lab.mapStore
    setting = config.map { config in
      WorkSetting(
        config: config, hasPromptFile: store.dataFile != nil,
        prompts: lab.promptSupply,
        questions: TextSupply(questionsIn: lab.dataFiles[DataFiles.mmluTest]),
        probesOnDisk: { prompts, seed in
          store.seeded(seed).probesOnDisk(prompts: prompts, width: config.hiddenSize)
        })
    }
    estimator = config.map { config in
      CostEstimator(records: lab.rates.records, config: config) {
        (try? ProductRate.quick(lab.computeType, on: lab.device, threads: lab.threadCount)) ?? 0
      }
    }
  }

  /// A part with its time.
  func part(_ name: String, _ work: Workload, maySpare: Bool = false) -> RunPlan.Part {
    RunPlan.Part(name, work.text, estimator?.estimate(name, work), maySpare: maySpare)
  }

  /// The map: the prompts still to be read, or its folder.
  func map() -> RunPlan {
    let (store, prompts) = (lab.mapStore, lab.mapPrompts)
    let folder = store.folder(prompts: prompts)
    guard let setting else {
      return RunPlan(parts: [part("map", Workload("unknown", tokens: nil))])
    }
    let pivot = setting.config.defaultPivot
    if let entries = store.entryCount(prompts: prompts, pivot: pivot) {
      let remark =
        prompts < MapStore.defaultPrompts
        ? " (made for \(prompts), a full one for \(MapStore.defaultPrompts))" : ""
      let count = Workload.count(entries, "prompts")
      return RunPlan(parts: [], uses: ["map: of \(count), from \(folder.path)\(remark)"])
    }
    return RunPlan(parts: [
      part(
        MapStore.part,
        setting.reading(corpusOf: prompts, through: pivot, seed: store.seed, usesDisk: true))
    ])
  }

  /// Bridges: only the map and the ablation tell which are needed, and so which are cached.
  func bridges() -> RunPlan.Part {
    let tokens = BridgeStore.fitTokens + BridgeStore.choiceTokens
    return part(
      BridgeStore.part,
      Workload(
        "fitted to \(Workload.count(tokens, "tokens")), those not in the cache",
        tokens: Double(tokens)),
      maySpare: true)
  }
}

extension [Need] {
  /// The results of other experiments among the needs.
  var results: [Prerequisite] {
    compactMap {
      if case .result(let need) = $0 { return need }
      return nil
    }
  }
}
