import AISKit
import Foundation

/// The tokenizer of a model with random weights: a token for each byte, and three special ones.
///
/// The model has many more tokens. Their ids can be put in and come out, but no text has them.
enum RandomTokenizer {
  private static let specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

  /// The token that ends an answer.
  static let endID = 256 + specials.count - 1

  /// The `tokenizer.json`.
  static var tokenizer: Data {
    let byteLevel =
      #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"#
    let bytes = ByteLevelAlphabet.codePoints.enumerated().compactMap { byte, codePoint in
      Unicode.Scalar(codePoint).map { "      \(quoted($0)): \(byte)" }
    }
    let added = specials.enumerated().map { place, content in
      #"    {"id": \#(256 + place), "content": "\#(content)", "special": true, "#
        + #""normalized": false, "single_word": false, "lstrip": false, "rstrip": false}"#
    }
    return Data(
      """
      {
        "version": "1.0",
        "added_tokens": [
      \(added.joined(separator: ",\n"))
        ],
        "pre_tokenizer": \(byteLevel),
        "decoder": \(byteLevel),
        "model": {
          "type": "BPE",
          "merges": [],
          "vocab": {
      \(bytes.joined(separator: ",\n"))
          }
        }
      }

      """.utf8)
  }

  /// The `tokenizer_config.json`, with the template of conversations (ChatML).
  static var configuration: Data {
    Data(
      #"""
      {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": false,
        "eos_token": "\#(specials[endID - 256])",
        "chat_template": "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
      }

      """#.utf8)
  }

  private static func quoted(_ scalar: Unicode.Scalar) -> String {
    scalar == "\"" || scalar == "\\" ? "\"\\\(scalar)\"" : "\"\(scalar)\""
  }
}
