import ArgumentParser

/// The parameters that decide what an experiment's rows are, read off its own options.
///
/// They are found by looking at the command, not listed by its author: a parameter that was
/// forgotten in such a list would let a run be resumed with rows of other settings.
struct Parameters {
  /// Every option and flag that decides about rows, by name.
  var values: [String: String] = [:]
  /// Where random draws start.
  var seed: UInt64 = 0
  /// Whether files may be used that were made for another model.
  var foreign = ForeignOptions()
  /// The data options, where the experiment has them.
  var data: DataOptions?

  /// Reads the options of a command that has been parsed.
  init(of command: some ParsableCommand) { collect(command) }

  private mutating func collect(_ owner: Any) {
    for child in Mirror(reflecting: owner).children {
      switch child.value {
      case is OptionGroup<ModelOptions>, is OptionGroup<OutputOptions>:
        // The model goes by its digest; threads and folders decide nothing about the rows.
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
