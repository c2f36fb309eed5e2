import Foundation

/// How many items an experiment uses by default.
public enum DefaultCount: Sendable, Equatable {
  /// This many, or all if there are fewer.
  case items(Int)
  /// The first number for a data file, the second for the small starter set.
  case data(Int, starter: Int)
  /// All items.
  case all

  /// The number for a data file, or, with `nil`, for the starter set.
  public func number(for file: URL?) -> Int { number(isStarter: file == nil) }

  /// The number for the starter set or for a file.
  public func number(isStarter: Bool) -> Int {
    switch self {
    case .items(let count): count
    case .data(let count, let starter): isStarter ? starter : count
    case .all: .max
    }
  }

  /// For a person.
  var text: String {
    switch self {
    case .items(let count): "\(count)"
    case .data(let count, let starter): "\(count), of the starter set \(starter)"
    case .all: "all"
    }
  }
}
