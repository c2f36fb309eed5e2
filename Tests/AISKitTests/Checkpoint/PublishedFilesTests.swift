import AISKit
import Foundation
import TestSupport
import Testing

/// Files that other programs wrote, if they are present.
@Suite(.enabled(if: ReferenceFiles.exist), .serialized) struct PublishedFilesTests {
  private static func paths(in folder: String, where condition: (String) -> Bool) -> [String] {
    guard let url = ReferenceFiles.golden?.appendingPathComponent(folder) else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter(condition).sorted().map { url.appendingPathComponent($0).path }
  }

  private static let vocabularies = paths(in: "tokenizers") { $0.hasSuffix(".gguf") }
  private static let tinyModels = paths(in: "tiny") { _ in true }

  @Test(arguments: vocabularies)
  func opensVocabulariesWithoutTensors(path: String) throws {
    let file = try GGUFFile(path: path)
    #expect(file.tensorNames.isEmpty)
    #expect(try file.string("general.architecture") != nil)
    let tokens = try #require(try file.strings("tokenizer.ggml.tokens"))
    let types = try #require(try file.integers("tokenizer.ggml.token_type"))
    #expect(tokens.count == types.count)
    #expect(tokens.count >= 30_000)
    #expect(tokens.allSatisfy { $0.count < 2000 })
  }

  @Test func opensALargeVocabularyInMilliseconds() throws {
    let path = try #require(Self.vocabularies.first { $0.hasSuffix("llama-bpe.gguf") })
    let clock = ContinuousClock()
    let times = try (0..<5).map { _ in
      let start = clock.now
      let merges = try GGUFFile(path: path).strings("tokenizer.ggml.merges")
      let time = start.duration(to: clock.now)
      #expect(merges?.count == 280_147)
      return time
    }
    let best = try #require(times.min())
    #expect(best < .milliseconds(20), "opened in \(best)")
  }

  @Test(arguments: tinyModels)
  func opensTinyModelFolders(path: String) throws {
    guard case .huggingFace(let folder) = try Checkpoint.open(path: path) else {
      Issue.record("\(path) is not taken for a Hugging Face folder")
      return
    }
    #expect(try !folder.config.string("model_type").isEmpty)
    let vocabulary = try folder.config.integer("vocab_size")
    let embedding = try #require(
      folder.tensorNames.first {
        $0.hasSuffix("embed_tokens.weight") || $0.contains("wte.weight")
          || $0.hasSuffix("embed_in.weight") || $0.hasSuffix("word_embeddings.weight")
      })
    let tensor = try folder.tensor(embedding)
    #expect(tensor.rowCount == vocabulary)
    #expect(tensor.dequantized().allSatisfy { $0.isFinite })
    for name in folder.tensorNames {
      let tensor = try folder.tensor(name)
      #expect(tensor.byteCount == tensor.rowBytes * tensor.rowCount)
    }
  }
}
