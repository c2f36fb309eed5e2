import AISKit
import ArgumentParser

extension KVFill: ExpressibleByArgument {
  /// The cache fill of a name; TIDE's own names are accepted too.
  public init?(argument: String) { self.init(name: argument) }
}
