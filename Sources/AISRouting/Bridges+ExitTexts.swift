extension Bridges.Texts {
  /// The same, without the texts on which a calibration of routers chooses its threshold.
  ///
  /// So its guarantee also holds for states that crossed these bridges.
  public init(splittingForExits texts: [[Int32]]) {
    self.init(splitting: texts.filter { CalibrationText.Role.of($0) != .guarantee })
  }
}
