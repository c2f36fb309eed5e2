extension Bridges.Texts {
  /// Splits texts as `init(splitting:)`, without the texts on which a calibration of routers
  /// chooses its threshold.
  ///
  /// So the threshold's guarantee also holds with these exit bridges.
  public init(splittingForExits texts: [[Int32]]) {
    self.init(splitting: texts.filter { CalibrationText.Role.of($0) != .guarantee })
  }
}
