/// Something that can be called.
indirect enum JinjaFunction {
  case global(JinjaName)
  case method(JinjaValue, JinjaName)
  /// A macro, and the scope that it was defined in and whose variables it sees.
  case macro(JinjaMacro, JinjaScope)
}
