import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

/// The README's Swift examples, compiled, run, and compared with the README's text.
struct ReadmeExampleTests {
  @Test(.enabled(if: CachedModel.standard.isPresent))
  func theExampleRuns() throws {
    let path = CachedModel.standard.path
    // README begins
    // A .gguf file or a Hugging Face folder.
    let model = try LanguageModel(path: path)
    let prompt = try model.prompts.encode("The capital of France is")
    let layers = model.decoder.config.layerCount

    let baseline = try model.logits(of: prompt)
    let halved = try model.logits(of: prompt, policy: DepthPlan.skipping(layers / 2..<layers))
    let soft = try model.logits(of: prompt, policy: DepthPlan.blending(8..<16, alpha: 0.7))

    for (name, logits) in [("half the layers skipped", halved), ("soft, α = 0.7", soft)] {
      let distance = LogitComparison(base: baseline, other: logits)
      print("\(name): KL \(distance.klBaseSkip) nats, same top token: \(distance.topOneAgrees)")
    }
    // README ends
    let lost = LogitComparison(base: baseline, other: halved).klBaseSkip
    let kept = LogitComparison(base: baseline, other: soft).klBaseSkip
    #expect(kept < lost)
    #expect(baseline.count == model.decoder.config.vocabularySize)
  }

  @Test(.enabled(if: CachedModel.standard.isPresent))
  func theTokenExitExampleRuns() throws {
    let path = CachedModel.standard.path
    let folder = try TemporaryFolder()
    let file = folder.path("router.safetensors")
    let texts = StarterData.prompts.prefix(120).map(\.text)
    // README begins
    let model = try LanguageModel(path: path)

    // Once: routers are trained on your texts, and a threshold is chosen that can be vouched for.
    try model.calibrateRouters(on: texts, savingTo: file)

    // From then on:
    let exit = try TokenExit(routers: TokenRouters(path: file), model: model.decoder)
    let answer = try model.answer("Name three fruits.", policy: exit)
    print(answer.text, answer.statistics.summary, separator: "\n")
    // README ends
    let routers = try TokenRouters(path: file)
    #expect(!routers.layers.isEmpty && routers.layers.allSatisfy { $0 < 29 })
    #expect(!answer.text.isEmpty && answer.tokens.count == answer.statistics.tokens)
    let full = try model.answer("Name three fruits.")
    #expect(full.statistics.exited == 0 && full.statistics.meanDepth == 30)
    // With a threshold above 1 no row exits.
    var configuration = routers.configuration
    configuration.exitThreshold = 1.01
    let idle = try TokenExit(routers: routers, model: model.decoder, configuration: configuration)
    #expect(try model.answer("Name three fruits.", policy: idle).tokens == full.tokens)
  }

  @Test func theReadmeShowsTheseExamples() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let readme = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("README.md"), encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let begins = lines.indices.filter { lines[$0].hasSuffix("// README begins") }
    let ends = lines.indices.filter { lines[$0].hasSuffix("// README ends") }
    #expect(begins.count == 2 && ends.count == 2)
    for (begin, end) in zip(begins, ends) {
      let example = lines[(begin + 1)..<end].map { String($0.dropFirst(4)) }
      #expect(readme.contains("```swift\nimport AISKit\n\n" + example.joined(separator: "\n")))
    }
  }
}
