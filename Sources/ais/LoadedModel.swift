import AISHarness
import AISKit
import Foundation

/// A model as `ais` needs it: without a tokenizer it still serves token ids.
struct LoadedModel {
  let path: String
  let decoder: DecoderModel
  let prompts: PromptEncoder?

  init(_ options: ModelOptions) throws {
    path = try options.location().path
    Threads.count = options.threadCount
    let checkpoint = try Checkpoint.open(path: path)
    prompts = Self.hasTokenizer(checkpoint) ? try PromptEncoder(checkpoint) : nil
    decoder = try DecoderModel.load(checkpoint, type: options.computeType)
  }

  private static func hasTokenizer(_ checkpoint: Checkpoint) -> Bool {
    switch checkpoint {
    case .gguf(let file): file.metadataKeys.contains("tokenizer.ggml.model")
    case .huggingFace(let folder): folder.tokenizerURL != nil
    }
  }
}
