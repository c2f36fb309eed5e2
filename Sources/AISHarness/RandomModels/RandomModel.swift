import AISKit
import Foundation

/// A model of a published shape with random weights, to measure times without a download.
///
/// Its answers mean nothing. So its name begins with `random:`, wherever results show it.
public struct RandomModel: Sendable, Equatable {
  private let shape: ModelShape
  private let seed: UInt64
  /// The name by which a user may ask for it and that results have: `random:3b`, or with changes
  /// `random:3b-layers4-seed7`.
  public let name: String

  private static let prefix = "random:"

  /// A model of a shape.
  ///
  /// - Parameters:
  ///   - name: the shape's name, as `3b`.
  ///   - layers: how many layers it has; `nil` for as many as the shape.
  ///   - seed: where the draws start.
  /// - Throws: `RequestError` if there is no such shape or the number is out of range.
  public init(shape name: String, layers: Int? = nil, seed: UInt64 = 0) throws(RequestError) {
    var shape = try ModelShape.named(name)
    if let layers, !(1...Self.mostLayers).contains(layers) {
      throw RequestError("layers", expected: "1 to \(Self.mostLayers)", found: "\(layers)")
    }
    let change = layers.flatMap { $0 == shape.layers ? nil : "-layers\($0)" } ?? ""
    shape.layers = layers ?? shape.layers
    self.init(shape, suffix: change + (seed == 0 ? "" : "-seed\(seed)"), seed: seed)
  }

  /// A model of any shape; the suffix ends its name.
  package init(_ shape: ModelShape, suffix: String, seed: UInt64) {
    name = Self.prefix + shape.name + suffix
    self.shape = shape
    self.seed = seed
  }

  private static let mostLayers = 1_000

  /// The model that a name such as `random:3b` means; `nil` for another kind of name.
  ///
  /// - Throws: `RequestError` if the rest of the name means none.
  public init?(named text: String) throws(RequestError) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    var rest = text.dropFirst(Self.prefix.count)
    let seed: UInt64? = Self.takeNumber("-seed", from: &rest)
    let layers: Int? = Self.takeNumber("-layers", from: &rest)
    try self.init(shape: String(rest), layers: layers, seed: seed ?? 0)
  }

  /// Removes the last part of a name if it is this word and a number, and returns the number.
  private static func takeNumber<Number: FixedWidthInteger>(
    _ word: String, from name: inout Substring
  ) -> Number? {
    guard let place = name.range(of: word, options: .backwards),
      name[place.upperBound...].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Number(name[place.upperBound...])
    else { return nil }
    name = name[..<place.lowerBound]
    return number
  }

  /// The name in a folder's configuration, if its weights are random.
  public static func name(ofFolder folder: URL) -> String? {
    let path = folder.appendingPathComponent("config.json").path
    return try? JSONSection(contentsOf: path).stringIfPresent(RandomConfig.mark)
  }

  // MARK: Folders

  /// The model's folder in the cache, which is made if it is not there.
  ///
  /// - Throws: `ResultWriteError`.
  public func folder(cache: URL = CacheFolder.location()) throws -> URL {
    let place = cache.appendingPathComponent(
      "models/random/\(name.replacing(":", with: "-"))", isDirectory: true)
    if !FileManager.default.fileExists(atPath: place.path) { try make(place) }
    return place
  }

  /// Makes a folder of the model.
  ///
  /// - Throws: `RequestError` if there is something already, `ResultWriteError`.
  public func write(into place: URL) throws {
    guard !place.path.isEmpty, !FileManager.default.fileExists(atPath: place.path) else {
      throw RequestError(
        place.path, expected: "the name of a folder that does not exist", found: "one that does")
    }
    try make(place)
  }

  private func make(_ place: URL) throws {
    try WholeFolder.make(place) { folder in
      func file(_ name: String) -> String { folder.appendingPathComponent(name).path }
      try FileBytes.replace(
        file("config.json"), with: RandomConfig(shape, name: name).bytes())
      try FileBytes.replace(file("tokenizer.json"), with: RandomTokenizer.tokenizer)
      try FileBytes.replace(file("tokenizer_config.json"), with: RandomTokenizer.configuration)
      try RandomWeights(shape, seed: seed)
        .write(to: folder.appendingPathComponent("model.safetensors"), label: name)
    }
  }
}
