import AISKit
import ArgumentParser

extension KVFill: ExpressibleByArgument {
  /// The fill of a name, TIDE's own among them.
  public init?(argument: String) { self.init(name: argument) }
}
