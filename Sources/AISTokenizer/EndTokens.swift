/// The names of tokens that end generation.
enum EndTokens {
  /// Source: the published vocabularies of the families; the list of llama.cpp.
  static let names: Set<String> = [
    "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|calls|>",
    "<|flush|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<EOT>",
    "_<EOT>", "[EOT]", "[EOS]", "<end_of_utterance>", "<｜end▁of▁sentence｜>", "<turn|>", "[e~[",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<|tool_response>",
  ]

  /// No name has more bytes than this.
  static let longestName = 40

  /// The ids among those found by name that end generation.
  static func select(_ found: [String: Int32]) -> [Int32] {
    var found = found
    // In vocabularies with tokens for calls and returns, `<|end|>` ends one of several messages.
    let hasCall = found["<|call|>"] != nil || found["<|calls|>"] != nil
    if hasCall, found["<|return|>"] != nil || found["<|flush|>"] != nil { found["<|end|>"] = nil }
    return found.values.sorted()
  }
}
