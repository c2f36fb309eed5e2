import AISKit
import Foundation
import TestSupport
import Testing

private let gguf = PythonPeer.having("gguf, numpy")

/// The small models as GGUF files, written by llama.cpp's Python package.
@Suite(.enabled(if: ReferenceFiles.exist && gguf != nil))
struct TinyGGUFTests {
  /// GGUF has no OPT.
  private static let models = TinyModel.all.filter { $0.name != "opt" }

  @Test(arguments: models)
  func theFileIsTheFoldersModel(tiny: TinyModel) throws {
    let python = try #require(gguf)
    let folder = try TemporaryFolder()
    let path = folder.path("model.gguf")
    let script = ReferenceFiles.repository.appendingPathComponent("Tests/Peers/folder_to_gguf.py")
    try python.run(
      file: script.path, arguments: [tiny.folder.path, path])
    let model = try DecoderModel.load(Checkpoint.open(path: path))
    let golden = try tiny.golden(layers: 0)
    for (sequence, tokens) in golden.tokens.enumerated() {
      var context = try model.makeContext(capacity: tokens.count)
      try model.forward(PackedTokens(tokens), in: &context, logits: .all)
      expectClose(
        context.withAllLogits { Array($0) }, golden.logits[sequence], tolerance: 1e-3)
    }
  }
}
