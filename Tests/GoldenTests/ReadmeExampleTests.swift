import AISKit
import Foundation
import TestSupport
import Testing

/// The README's Swift example, compiled, run, and compared with the README's text.
struct ReadmeExampleTests {
  @Test(.enabled(if: CachedModel.standard.isPresent))
  func theExampleRuns() throws {
    let path = CachedModel.standard.path
    // README begins
    // A .gguf file or a Hugging Face folder.
    let model = try LanguageModel(path: path)
    let prompt = model.prompts.encode("The capital of France is")
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

  @Test func theReadmeShowsThisExample() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let readme = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("README.md"), encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let begin = try #require(lines.firstIndex { $0.hasSuffix("// README begins") })
    let end = try #require(lines.firstIndex { $0.hasSuffix("// README ends") })
    let example = lines[(begin + 1)..<end].map { String($0.dropFirst(4)) }
    #expect(readme.contains("```swift\nimport AISKit\n\n" + example.joined(separator: "\n")))
  }
}
