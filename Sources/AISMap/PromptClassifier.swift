/// A small network that predicts a prompt's class from its probe.
///
/// Experiments compare it with the vote of a map. Like the map, it reads only the probe's
/// direction: a probe is scaled to unit length, then each of its numbers to mean 0 and variance 1
/// over the training probes.
public struct PromptClassifier: Sendable, Equatable {
  /// Numbers in a probe.
  public var width: Int { shape.width }
  /// The number of classes.
  public var classCount: Int { shape.classes }
  let shape: ClassifierShape
  let scaling: ProbeScaling
  let parameters: [Float]

  /// The most probable class of each probe; of equals the first.
  ///
  /// Shape: probes [any, width], row-major; the result has an element for each row.
  ///
  /// - Throws: `RequestError` if the probes are not whole rows, or one is zero or not finite.
  public func classes(of probes: [Float]) throws -> [Int] {
    let probabilities = try probabilities(of: probes)
    return stride(from: 0, to: probabilities.count, by: classCount).map { first in
      let row = probabilities[first..<first + classCount]
      return row.indices.reduce(first) { row[$1] > row[$0] ? $1 : $0 } - first
    }
  }

  /// The probability of each class for each probe.
  ///
  /// Shape: probes [any, width], result [rows, classCount], row-major.
  ///
  /// - Throws: as `classes`.
  public func probabilities(of probes: [Float]) throws -> [Float] {
    let rows = try scaling.scaled(probes)
    var network = ClassifierNetwork(
      shape, capacity: rows.count / width, parameters: parameters)
    return network.probabilities(rows.span)
  }
}

/// Scales probes to unit length, then each of their numbers to mean 0 and variance 1.
struct ProbeScaling: Sendable, Equatable {
  /// Shape: [width].
  let means: [Float]
  /// One over the standard deviation; 0 for a number that never changes.
  ///
  /// Shape: [width].
  let inverseDeviations: [Float]

  /// The scaling that gives these probes' numbers mean 0 and variance 1.
  ///
  /// Throws `RequestError` as `scaled`.
  init(of probes: [Float], width: Int) throws(RequestError) {
    let unit = try MapProbes.normalized(probes, width: width)
    let count = Double(unit.count / width)
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for (place, value) in unit.enumerated() { sums[place % width] += Double(value) }
    let means = sums.map { $0 / count }
    for (place, value) in unit.enumerated() {
      let deviation = Double(value) - means[place % width]
      squares[place % width] += deviation * deviation
    }
    self.means = means.map { Float($0) }
    inverseDeviations = squares.map { $0 > 0 ? Float((count / $0).squareRoot()) : 0 }
  }

  /// Throws `RequestError` if the probes are not whole rows, or one is zero or not finite.
  func scaled(_ probes: [Float]) throws(RequestError) -> [Float] {
    let width = means.count
    var rows = try MapProbes.normalized(probes, width: width)
    for place in rows.indices {
      rows[place] = (rows[place] - means[place % width]) * inverseDeviations[place % width]
    }
    return rows
  }
}
