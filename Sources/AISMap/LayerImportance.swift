/// The importance of each layer for each category: KL(base‖skip) if only that layer is skipped.
///
/// It may also have values for runs of layers that were skipped together. Values are not rescaled,
/// so that they can be compared between categories and models.
///
/// Units: nats. Shape: [categories, layers].
public struct LayerImportance: Sendable, Equatable {
  /// The number of categories.
  public let categoryCount: Int
  /// The number of layers.
  public let layerCount: Int
  /// The value of each layer, by category.
  ///
  /// Shape: [categories, layers].
  public let values: [Double]
  /// Runs of layers that were skipped together; may be empty.
  public let runs: [LayerRun]
  /// The value of each run, by category.
  ///
  /// Shape: [categories, runs].
  public let runValues: [Double]

  /// Importance from its values.
  ///
  /// - Throws: `RequestError` if there is no row or column, the number of values does not fit the shape, a
  ///   value is not finite, or a run goes beyond the layers.
  public init(
    categoryCount: Int, layerCount: Int, values: [Double], runs: [LayerRun] = [],
    runValues: [Double] = []
  ) throws(RequestError) {
    let (count, overflow) = categoryCount.multipliedReportingOverflow(by: layerCount)
    guard categoryCount >= 1, layerCount >= 1, !overflow, values.count == count else {
      throw RequestError(
        "map importance", expected: "\(categoryCount) x \(layerCount) values",
        found: "\(values.count)")
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw RequestError(
        "map importance of category \(place / layerCount), layer \(place % layerCount)",
        expected: "a finite number", found: "\(values[place])")
    }
    guard runValues.count == runs.count * categoryCount, runValues.allSatisfy(\.isFinite) else {
      throw RequestError(
        "map importance of runs", expected: "\(categoryCount) x \(runs.count) finite values",
        found: "\(runValues.count)")
    }
    if let run = runs.first(where: { $0.last >= layerCount }) {
      throw RequestError(
        "map importance of runs", expected: "layers below \(layerCount)", found: "run \(run.text)")
    }
    self.runs = runs
    self.runValues = runValues
    self.categoryCount = categoryCount
    self.layerCount = layerCount
    self.values = values
  }

  /// Importance with a row for each category.
  ///
  /// - Throws: `RequestError` as above, or if rows differ in length.
  public init(
    rows: [[Double]], runs: [LayerRun] = [], runRows: [[Double]] = []
  ) throws(RequestError) {
    let layerCount = rows.first?.count ?? 0
    if let row = rows.firstIndex(where: { $0.count != layerCount }) {
      throw RequestError(
        "map importance of category \(row)", expected: "\(layerCount) layers",
        found: "\(rows[row].count)")
    }
    try self.init(
      categoryCount: rows.count, layerCount: layerCount, values: rows.flatMap { $0 }, runs: runs,
      runValues: runRows.flatMap { $0 })
  }

  /// The importance of a layer for a category, in nats.
  public subscript(category: Int, layer: Int) -> Double { values[category * layerCount + layer] }

  /// Every layer's importance for a category, in nats.
  public func row(_ category: Int) -> [Double] {
    Array(values[category * layerCount..<(category + 1) * layerCount])
  }

  /// The cost for a category of skipping each layer and each run.
  public func costs(of category: Int) -> SkipCosts {
    SkipCosts(
      layers: row(category),
      runs: Dictionary(
        runs.enumerated().map { ($1, runValues[category * runs.count + $0]) },
        uniquingKeysWith: { first, _ in first }))
  }

  /// Every layer's importance, averaged over the categories, in nats.
  public var overall: [Double] {
    (0..<layerCount).map { layer in
      (0..<categoryCount).reduce(0) { $0 + self[$1, layer] } / Double(categoryCount)
    }
  }
}
