import ArgumentParser

/// The parameters that an experiment's rows depend on, read from its options.
///
/// They are found by reflection, not listed by the author: a parameter forgotten in a list would
/// let a run be resumed with rows of other settings.
struct Parameters {
  /// Every option and flag that affects rows, by name.
  var values: [String: String] = [:]
  /// The seed of random draws.
  var seed: UInt64 = 0
  /// Whether files made for another model may be used.
  var foreign = ForeignOptions()
  /// The data options, if the experiment has them.
  var data: DataOptions?

  /// Reads the options of a command that has been parsed.
  init(of command: some ParsableCommand) { collect(command) }

  private mutating func collect(_ owner: Any) {
    for child in Mirror(reflecting: owner).children {
      switch child.value {
      case is OptionGroup<ModelOptions>, is OptionGroup<OutputOptions>:
        // The digest identifies the model; threads and folders do not affect the rows.
        break
      case let group as OptionGroup<DataOptions>:
        data = group.wrappedValue
        seed = group.wrappedValue.seed
        values["n"] = group.wrappedValue.count.map(String.init)
      case let group as OptionGroup<ForeignOptions>:
        foreign = group.wrappedValue
        values["force"] = foreign.force?.rawValue
      case let group as any OptionGroupValue:
        collect(group.options)
      case let option as any OptionValue:
        guard let label = child.label else { break }
        values[label.hasPrefix("_") ? String(label.dropFirst()) : label] = option.valueText
      default: break
      }
    }
  }
}

private protocol OptionValue { var valueText: String? { get } }
private protocol OptionGroupValue { var options: Any { get } }

extension Option: OptionValue {
  fileprivate var valueText: String? { text(of: wrappedValue) }
}

extension Flag: OptionValue {
  fileprivate var valueText: String? { text(of: wrappedValue) }
}

extension Argument: OptionValue {
  fileprivate var valueText: String? { text(of: wrappedValue) }
}

extension OptionGroup: OptionGroupValue {
  fileprivate var options: Any { wrappedValue }
}

/// The text of a value, or `nil` of an optional that is not set.
private func text(of value: Any) -> String? {
  let mirror = Mirror(reflecting: value)
  guard mirror.displayStyle == .optional else { return String(describing: value) }
  return mirror.children.first.map { String(describing: $0.value) }
}
