import AISKit

/// The databricks-dolly-15k file: instructions in eight categories.
public enum Dolly {
  /// The prompts of a file with one JSON object per line, in file order.
  ///
  /// The fields read are `instruction`, `context` (which may be absent) and `category`. Of prompts
  /// with the same text only the first is kept: a duplicate would be its twin's nearest neighbour,
  /// and a map would look better than it is.
  ///
  /// Throws: `CheckpointError` for a file that cannot be read, `DataFileError` for a wrong line.
  public static func prompts(jsonLines path: String) throws -> [InstructionPrompt] {
    var texts: Set<String> = []
    return try JSONLines.map(path) { line in
      let prompt = InstructionPrompt(
        instruction: try line.string("instruction"),
        context: try line.stringIfPresent("context") ?? "",
        category: try line.string("category"))
      guard !prompt.text.allSatisfy(\.isWhitespace) else {
        throw line.error("instruction", expected: "an instruction")
      }
      guard !prompt.category.allSatisfy(\.isWhitespace) else {
        throw line.error("category", expected: "a category")
      }
      return prompt
    }
    .filter { texts.insert($0.text).inserted }
  }
}
