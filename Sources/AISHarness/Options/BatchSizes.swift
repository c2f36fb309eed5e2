import ArgumentParser

/// Numbers of sequences that run together, as a user lists them: `1,2,4`.
public struct BatchSizes: Sendable, Equatable {
  /// The sizes, in the order given, each once.
  public let sizes: [Int]

  /// The largest number of sequences in a batch.
  public static let most = 1_024

  /// A list of sizes; each is from 1 to `most`.
  public init(_ sizes: [Int]) {
    precondition(!sizes.isEmpty && sizes.allSatisfy { (1...Self.most).contains($0) }, "in range")
    self.sizes = sizes
  }

  /// The largest size.
  public var largest: Int { sizes.max() ?? 1 }
}

extension BatchSizes: ExpressibleByArgument {
  /// The sizes that a text such as `1,2,4` lists.
  public init?(argument: String) {
    let sizes = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { Int($0.trimmingPrefix(" ")) ?? 0 }
    guard !sizes.isEmpty, sizes.allSatisfy({ (1...Self.most).contains($0) }),
      Set(sizes).count == sizes.count
    else { return nil }
    self.sizes = sizes
  }

  /// The list as a user types it.
  public var defaultValueDescription: String { description }
}

extension BatchSizes: CustomStringConvertible {
  /// The list as a user types it.
  public var description: String { sizes.map(String.init).joined(separator: ",") }
}
