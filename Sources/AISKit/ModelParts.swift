import Foundation

/// A checkpoint's weights and its tokenizer, read at the same time.
package struct ModelParts {
  /// The weights and the forward loop.
  package let decoder: DecoderModel
  /// The tokenizer and the template; `nil` if they were not asked for.
  package let prompts: PromptEncoder?

  /// Loads both.
  ///
  /// - Throws: `TokenizerError` and `CheckpointError` of the tokenizer first, then what
  ///   `DecoderModel.load` throws; either after both have ended.
  package init(
    _ checkpoint: Checkpoint, type: ComputeType, device: ComputeDevice, readsTokenizer: Bool = true
  ) throws {
    guard readsTokenizer else {
      prompts = nil
      decoder = try DecoderModel.load(checkpoint, type: type, device: device)
      return
    }
    let tokenizer = Background { try PromptEncoder(checkpoint) }
    let weights = Result { try DecoderModel.load(checkpoint, type: type, device: device) }
    prompts = try tokenizer.value()
    decoder = try weights.get()
  }
}

/// Work on a thread of its own.
private final class Background<Value: Sendable>: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  init(_ work: @escaping @Sendable () throws -> Value) {
    let thread = Thread { [self] in
      result = Result { try work() }
      done.signal()
    }
    // Deeply nested files need as much as the main thread has.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// What the work returned or threw, once it has ended; may be called once.
  func value() throws -> Value {
    done.wait()
    guard let result else { preconditionFailure("a result before the signal") }
    return try result.get()
  }
}
