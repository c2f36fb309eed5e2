/// Tensors that a file or a folder holds by name.
public protocol NamedTensors {
  /// The path, as the caller gave it.
  var path: String { get }
  /// The names of all tensors.
  var tensorNames: [String] { get }

  /// The tensor called `name`, or `nil` if there is none.
  ///
  /// - Throws: `CheckpointError` if AIS cannot compute with its encoding.
  func tensorIfPresent(_ name: String) throws -> TensorView?
}

extension NamedTensors {
  /// The tensor called `name`.
  ///
  /// - Throws: `CheckpointError` if there is none, or AIS cannot compute with its encoding.
  public func tensor(_ name: String) throws -> TensorView {
    guard let tensor = try tensorIfPresent(name) else {
      throw CheckpointError(
        file: path, place: .tensor(name), expected: "a tensor of this name",
        found: "none among \(tensorNames.count)")
    }
    return tensor
  }
}
