import Foundation

/// How many items an experiment uses unless it is told.
public enum DefaultCount: Sendable, Equatable {
  /// So many, or as many as there are.
  case items(Int)
  /// So many of a data file, fewer of the small starter set.
  case data(Int, starter: Int)
  /// All that there are.
  case all

  /// The number for the data at hand: a file, or nothing, so that the starter set serves.
  public func number(for file: URL?) -> Int { number(isStarter: file == nil) }

  /// The number where the starter set serves, or a file.
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
