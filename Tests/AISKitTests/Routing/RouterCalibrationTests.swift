import AISKit
import Foundation
import TestSupport
import Testing

/// Calibration as a whole: texts of different roles are separate, checkpoints without a router have
/// a reason, and on real states routers rank better than chance.
struct RouterCalibrationTests {
  private static func calibration(_ model: DecoderModel) -> RouterCalibration {
    var configuration = TokenExitConfiguration()
    configuration.checkpointInterval = 1
    configuration.minLayers = 1
    configuration.routerBottleneckDim = 8
    var calibration = RouterCalibration(model: model, configuration: configuration)
    calibration.labelEvery = 1
    calibration.training.maxEpochs = 4
    return calibration
  }

  private static func texts(_ model: DecoderModel, count: Int, length: Int = 30) -> [[Int32]] {
    var random = SplitMix64(seed: 4)
    return (0..<count).map { _ in
      (0..<length).map { _ in Int32(random.index(below: model.config.vocabularySize)) }
    }
  }

  @Test func aRunMakesRoutersAndSaysOnWhat() throws {
    // In a model whose layers add little, some states settle early.
    let model = try SyntheticModel { $0.vocabulary = 40 }.load()
    let folder = try TemporaryFolder()
    let calibration = Self.calibration(model)
    let texts = Self.texts(model, count: 60)
    var steps: [RouterCalibration.Progress] = []
    let (routers, report) = try calibration.run(
      (texts + texts + [[]]).map { CalibrationText($0) }, folder: folder.url.path,
      notes: ["model_name": "synthetic"]
    ) { steps.append($0) }
    #expect(report.droppedTexts == 61 && report.tokens == 60 * 30)
    #expect(report.texts.values.reduce(0, +) == 60)
    #expect(report.checkpoints.map(\.layer) == [0, 1, 2, 3])
    #expect(
      routers.layers == report.checkpoints.filter { $0.missing == nil }.map(\.layer))
    for checkpoint in report.checkpoints {
      #expect(checkpoint.rows.values.reduce(0, +) == 1_800)
      #expect((checkpoint.ranking == nil) == (checkpoint.missing != nil))
      #expect(checkpoint.epochs <= 4)
    }
    #expect(report.choice.texts == report.texts[.guarantee])
    #expect(steps.contains(.read(1_800, of: 1_800)) && steps.last == .trained(4, of: 4))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    // The notes of the file.
    let path = folder.path("r.safetensors")
    try routers.write(to: path)
    let read = try TokenRouters(path: path)
    #expect(read == routers)
    #expect(read.notes["label"] == "agreement" && read.notes["model_name"] == "synthetic")
    #expect(read.notes["guarantee_delta"] == "0.05" && read.notes["guarantee_unit"] == "text")
    let expected = report.choice.threshold ?? RiskControl.never
    #expect(read.configuration.exitThreshold == expected)
    // A second run gives the same bits, and the routers don't depend on the guarantee's texts.
    let again = try calibration.run(
      texts.map { CalibrationText($0) }, folder: folder.url.path, notes: ["model_name": "synthetic"]
    )
    #expect(again.routers == routers && again.report.choice == report.choice)
    let other = Self.texts(model, count: 90).suffix(30).map {
      CalibrationText($0, role: .guarantee)
    }
    let fitted = texts.map { CalibrationText($0) }.filter { $0.role != .guarantee }
    let swapped = try calibration.run(fitted + other, folder: folder.url.path)
    #expect(swapped.routers.routers == routers.routers)
  }

  @Test func whatCannotBeLearnedIsSaid() throws {
    let model = try SyntheticModel().load()
    let folder = try TemporaryFolder()
    var calibration = Self.calibration(model)
    calibration.label = .cosine
    calibration.configuration.convergenceThreshold = 1
    let texts = Self.texts(model, count: 120, length: 12).map { CalibrationText($0) }
    let error = #expect(throws: RequestError.self) {
      try calibration.run(texts, folder: folder.url.path)
    }
    #expect(error?.subject == "labels by cosine")
    #expect(error?.found.contains("0 of") == true)
    let few = #expect(throws: RequestError.self) {
      try calibration.run(Array(texts.prefix(6)), folder: folder.url.path)
    }
    #expect(few?.subject == "calibration texts")
    calibration.configuration.checkpointInterval = 9
    let none = #expect(throws: RequestError.self) {
      try calibration.run(texts, folder: folder.url.path)
    }
    #expect(none?.subject == "checkpoint_interval")
  }

  @Test func rolesFollowFromTheTokensInTheirShares() {
    var random = SplitMix64(seed: 1)
    var counts: [CalibrationText.Role: Int] = [:]
    for _ in 0..<4_000 {
      let tokens = (0..<8).map { _ in Int32(random.index(below: 1_000)) }
      #expect(CalibrationText.Role.of(tokens) == CalibrationText(tokens).role)
      counts[.of(tokens), default: 0] += 1
    }
    for role in CalibrationText.Role.allCases {
      #expect(abs(Double(counts[role] ?? 0) / 4_000 - role.share) < 0.04)
    }
    #expect(CalibrationText.Role.allCases.reduce(0) { $0 + $1.share } == 1)
  }

  @Test(.enabled(if: CachedModel.standard.isPresent && ReferenceFiles.dataExists))
  func onRealStatesRoutersRankBetterThanChance() throws {
    let language = try LanguageModel(path: CachedModel.standard.path)
    let data = try #require(ReferenceFiles.data)
    let lines = try String(
      contentsOf: data.appendingPathComponent("databricks-dolly-15k.jsonl"), encoding: .utf8
    ).split(separator: "\n").prefix(120)
    let texts = try lines.map {
      CalibrationText(Array(try language.prompts.encode(String($0)).prefix(64)))
    }
    var configuration = TokenExitConfiguration()
    configuration.checkpointInterval = 8
    var calibration = RouterCalibration(model: language.decoder, configuration: configuration)
    calibration.labelEvery = 3
    let folder = try TemporaryFolder()
    let (routers, report) = try calibration.run(texts, folder: folder.url.path)
    #expect(routers.layers.contains(23))
    let late = try #require(report.checkpoints.last?.ranking)
    #expect(late.bounds().lower > 0.6 && late.area < 0.99)
  }
}
