import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais tokenize`: converts text to token ids, or back.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: #"Turns {"text":…} lines into {"ids":[…]} lines, or back with --decode."#)

  @Option(
    help: """
      A .gguf file (a vocabulary alone is enough), a Hugging Face folder, a known name, or \
      owner/name once fetched.
      """)
  var model: String = ModelCatalog.defaultName
  @OptionGroup var input: InputOptions
  @Flag(help: "Put the text into the model's chat template, as a user's message, first.")
  var chat = false
  @Flag(help: "Treat the text of special tokens as plain text.")
  var noSpecial = false
  @Flag(name: .customLong("add-bos"), help: "Begin with the model's BOS token.")
  var addBOS = false
  @Flag(help: "Turn ids into text.")
  var decode = false

  func validate() throws {
    if decode && (chat || noSpecial || addBOS) {
      throw ValidationError("--decode takes neither --chat, --no-special nor --add-bos")
    }
  }

  func run() throws {
    let path = try ModelCatalog.resolve(model).path
    let prompts = try PromptEncoder(Checkpoint.open(path: path, weights: false))
    if addBOS && prompts.tokenizer.bosID == nil {
      throw RequestError(path, expected: "a model with a BOS token, for --add-bos", found: "none")
    }
    var output = ""
    try input.forEachLine { line in
      if decode {
        let ids = try line.ids
        let last = prompts.tokenizer.vocabularyCount - 1
        if let wrong = ids.first(where: { !(0...last).contains(Int($0)) }) {
          throw RequestError(
            line.json.file, expected: "token ids from 0 to \(last)", found: "\(wrong)")
        }
        let text = prompts.tokenizer.decode(ids, skipSpecial: false)
        output += #"{"text":"# + jsonText(text) + "}\n"
      } else {
        let text = chat ? try prompts.render(line.messages) : try line.text
        let ids = try prompts.tokenizer.encode(
          text, addBOS: addBOS ? true : chat ? nil : false, parseSpecial: !noSpecial)
        output += #"{"ids":["# + ids.map(String.init).joined(separator: ",") + "]}\n"
      }
      // Lines are written one by one, since a pipe's reader may wait for each.
      try StandardStreams.writeOutput(output)
      output.removeAll(keepingCapacity: true)
    }
  }
}
