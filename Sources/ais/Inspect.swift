import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais inspect`: prints facts from a model's files.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describes a model: family, shape, tensors, and the memory that it needs.")

  @Argument(help: "A model by name, or a path to a GGUF file or a Hugging Face folder.")
  var model: String = ModelCatalog.defaultName

  func run() throws {
    let inspection = ModelInspection(
      try Checkpoint.open(path: ModelCatalog.resolve(model).path))
    try Self.show(inspection.facts)
    try Self.show(inspection.tensors)
    if let problem = inspection.problem { throw problem }
    try Self.write("\nMemory")
    try Self.show(inspection.memory)
  }

  private static func write(_ line: String) throws {
    try StandardStreams.writeOutput(line + "\n")
  }

  private static func show(_ facts: [ModelInspection.Fact]) throws {
    let width = facts.map(\.name.count).max() ?? 0
    for fact in facts { try write("\(padded(fact.name, width))  \(fact.text)") }
  }

  private static func show(_ tensors: [ModelInspection.TensorGroup]) throws {
    try write("\nTensors")
    let width = min(tensors.map(\.name.count).max() ?? 0, 72)
    for tensor in tensors {
      let count = tensor.count == 1 ? "" : "  × \(tensor.count)"
      let shape = tensor.shape.map { "\($0)" }.joined(separator: " × ")
      try write(
        "\(padded(tensor.name, width))  \(padded(tensor.elementType, 5)) \(shape)\(count)")
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
