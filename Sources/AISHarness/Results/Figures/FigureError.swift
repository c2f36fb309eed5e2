/// A figure that cannot be drawn; the result and its page stay as they are.
package struct FigureError: Error, Equatable, CustomStringConvertible {
  package let figure: String
  package let problem: String

  package var description: String { "figure \(figure): \(problem)" }
}
