import AISHarness
import AISKit
import Foundation

/// A loaded model; without a tokenizer it can still be used with token ids.
struct LoadedModel {
  let path: String
  let decoder: DecoderModel
  let prompts: PromptEncoder?
  let device: ComputeDevice

  init(_ options: ModelOptions) throws {
    path = try options.location().path
    Threads.count = options.threadCount
    device = try options.device.resolve()
    let checkpoint = try Checkpoint.open(path: path)
    if Self.hasTokenizer(checkpoint) {
      let language = try LanguageModel(checkpoint, type: options.dtype, device: device)
      (decoder, prompts) = (language.decoder, language.prompts)
    } else {
      decoder = try DecoderModel.load(checkpoint, type: options.dtype, device: device)
      prompts = nil
    }
  }

  /// The tokenizer and template, for a command that requires them.
  ///
  /// - Throws: `RequestError` if the model has none.
  var requiredPrompts: PromptEncoder {
    get throws {
      guard let prompts else {
        throw RequestError(path, expected: "a model with a tokenizer", found: "none")
      }
      return prompts
    }
  }

  /// Refuses routers, bridges or a map made for another model, unless the user insists.
  ///
  /// - Returns: the other model's digest, if its artefact is used because the user insists.
  /// - Throws: as `ModelArtefact.check`.
  func check(_ artefact: ModelArtefact, _ options: ForeignOptions) throws -> String? {
    try artefact.check(
      usedWith: FileDigest.sha256(ofModel: URL(fileURLWithPath: path)), options)
  }

  private static func hasTokenizer(_ checkpoint: Checkpoint) -> Bool {
    switch checkpoint {
    case .gguf(let file): file.metadataKeys.contains("tokenizer.ggml.model")
    case .huggingFace(let folder): folder.tokenizerURL != nil
    }
  }
}
