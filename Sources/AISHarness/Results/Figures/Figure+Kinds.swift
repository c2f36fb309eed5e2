/// The two kinds of pictures that most experiments draw, with estimates' columns found by their names.
extension Figure {
  /// Estimates with their intervals over categories.
  ///
  /// - Parameters:
  ///   - name: the stem of the file's name, and by default the table's name.
  ///   - title: the title above the picture.
  ///   - table: the derived table that is drawn.
  ///   - value: the estimate's column; its interval is in the columns `…_lower` and `…_upper`.
  ///   - category: the column of categories.
  ///   - series: the column of series that stand side by side.
  ///   - xLabel: the label of the categories' axis.
  ///   - yLabel: the label of the values' axis.
  ///   - reference: where a dashed line lies.
  ///   - referenceLabel: that line's label.
  /// - Returns: the figure.
  public static func intervals(
    _ name: String, _ title: String, of table: String? = nil, _ value: String,
    by category: String, series: String? = nil, xLabel: String = "", yLabel: String = "",
    reference: Double? = nil, referenceLabel: String? = nil
  ) -> Figure {
    Figure(
      name: name, title: title, table: table ?? name,
      kind: .intervals(
        category: category, value: value, lower: value + "_lower", upper: value + "_upper",
        series: series),
      xLabel: xLabel, yLabel: yLabel, reference: reference, referenceLabel: referenceLabel)
  }

  /// Curves over a number.
  ///
  /// - Parameters:
  ///   - name: the stem of the file's name, and by default the table's name.
  ///   - title: the title above the picture.
  ///   - table: the derived table that is drawn.
  ///   - value: the column of heights.
  ///   - x: the column of places.
  ///   - hasBand: whether the value is an estimate, whose interval is drawn as a band.
  ///   - series: the column whose values each get a curve.
  ///   - ideal: the column of the ideal curve.
  ///   - xLabel: the horizontal axis's label.
  ///   - yLabel: the vertical axis's label.
  ///   - reference: where a dashed line lies.
  ///   - referenceLabel: that line's label.
  ///   - logX: whether the horizontal axis is logarithmic.
  ///   - panelPerFile: whether each file is a panel instead of a series.
  /// - Returns: the figure.
  public static func lines(
    _ name: String, _ title: String, of table: String? = nil, _ value: String, by x: String,
    hasBand: Bool = true, series: String, ideal: String? = nil, xLabel: String, yLabel: String,
    reference: Double? = nil, referenceLabel: String? = nil, logX: Bool = false,
    panelPerFile: Bool = false
  ) -> Figure {
    Figure(
      name: name, title: title, table: table ?? name,
      kind: .lines(
        x: x, value: value, lower: hasBand ? value + "_lower" : nil,
        upper: hasBand ? value + "_upper" : nil, series: series, ideal: ideal),
      xLabel: xLabel, yLabel: yLabel, reference: reference, referenceLabel: referenceLabel,
      logX: logX, panelPerFile: panelPerFile)
  }
}
