import ArgumentParser

/// A target of the Makefile that runs an experiment.
public struct MakeTarget: Sendable {
  let name: String
  /// The options that the target itself sets.
  let options: Set<String>

  /// A target by its name, and the options that it sets by itself.
  public init(_ name: String, setting options: Set<String> = []) {
    self.name = name
    self.options = options
  }
}

/// The `make` line that runs an experiment with the settings that a command has.
enum MakeLine {
  /// The line: a variable for every setting that differs from the experiment's own.
  ///
  /// `nil` if a setting differs that no variable sets, such as a flag, or if the experiment has
  /// required options and so no defaults to compare with.
  static func text<Command: Experiment>(of command: Command) -> String? {
    guard let plain = try? Command.parse([]) else { return nil }
    let (chosen, usual) = (settings(of: command), settings(of: plain))
    let known = Set(ExperimentDescription.variableNames(of: Command.self))
    let target = command.makeTarget
    var words = ["make", target.name]
    for (setting, usual) in zip(chosen, usual)
    where setting.value != usual.value && !target.options.contains(setting.option) {
      let variable = ExperimentDescription.variable(setting.option)
      guard let value = setting.value, setting.isVariable, known.contains(variable) else {
        return nil
      }
      words.append("\(variable)=\(shellWord(value))")
    }
    if let shard = command.output.shard { words.append(shardWord(shard)) }
    return words.joined(separator: " ")
  }

  /// The line without its shard: the one that runs the whole measurement.
  static func withoutShard(_ line: String) -> String? {
    guard let word = line.range(of: " SHARD=", options: .backwards),
      Shard(String(line[word.upperBound...])) != nil
    else { return nil }
    return String(line[..<word.lowerBound])
  }

  private static func shardWord(_ shard: Shard) -> String { "SHARD=\(shard)" }

  /// A label of the settings that differ from the defaults, such as `n8-groups6`, except those
  /// given elsewhere in the file's name and those that only say how much is measured.
  static func label<Command: Experiment>(of command: Command) -> String {
    guard let plain = try? Command.parse([]) else { return "" }
    let told = Command.variantOptions.union(["model", "dtype", "device", "threads", "data"])
      .union(command.extents.keys).union(Provenance.effort)
    return zip(settings(of: command), settings(of: plain)).compactMap { setting, usual in
      guard setting.value != usual.value, !told.contains(setting.option) else { return nil }
      return setting.option + fileWord(setting.value ?? "default")
    }.joined(separator: "-")
  }

  /// - Throws: `ValidationError` for an option that was given but has no effect on the experiment.
  static func refuseUnused<Command: Experiment>(_ command: Command) throws {
    guard !Command.unusedOptions.isEmpty, let plain = try? Command.parse([]) else { return }
    for (setting, usual) in zip(settings(of: command), settings(of: plain))
    where setting.value != usual.value {
      if let why = Command.unusedOptions[setting.option] {
        throw ValidationError("\(Command.card.name) has no --\(setting.option): \(why)")
      }
    }
  }

  /// A value as a part of a file's name.
  private static func fileWord(_ value: String) -> String {
    String(value.map { $0.isLetter || $0.isNumber || "-._+=".contains($0) ? $0 : "+" })
  }

  private struct Setting {
    var option: String
    var value: String?
    var isVariable = true
  }

  /// Every setting of a command that affects its result, in the order of declaration.
  private static func settings(of owner: Any) -> [Setting] {
    Mirror(reflecting: owner).children.flatMap { child -> [Setting] in
      switch child.value {
      case is OptionGroup<OutputOptions>:
        // The output folder and resuming do not affect results.
        return []
      case let group as OptionGroup<ModelOptions>:
        let model = group.wrappedValue
        return [
          Setting(option: "model", value: model.model),
          Setting(option: "dtype", value: model.dtype.rawValue),
          Setting(option: "device", value: model.device.rawValue),
          Setting(option: "threads", value: model.threads.map(String.init)),
        ]
      case let group as OptionGroup<ForeignOptions>:
        return [Setting(option: "force", value: group.wrappedValue.allowsForeign ? "1" : nil)]
      case let group as OptionGroup<DataOptions>:
        let data = group.wrappedValue
        return [
          Setting(option: "data", value: data.data),
          Setting(option: "prompts", value: data.prompts),
          Setting(option: "n", value: data.count.map(String.init)),
          Setting(option: "seed", value: "\(data.seed)"),
        ]
      case let group as any SettingGroup: return settings(of: group.options)
      case let option as any SettingOption:
        guard let label = child.label else { return [] }
        return [
          Setting(
            option: kebab(label.hasPrefix("_") ? label.dropFirst() : label[...]),
            value: option.settingText, isVariable: option.isVariable)
        ]
      default: return []
      }
    }
  }

  /// The option name that the argument parser derives from a property's: `kSkip` → `k-skip`.
  private static func kebab(_ name: Substring) -> String {
    name.reduce(into: "") { text, letter in
      if letter.isUppercase, !text.isEmpty { text += "-" }
      text += letter.lowercased()
    }
  }
}

private protocol SettingGroup { var options: Any { get } }
private protocol SettingOption {
  var settingText: String? { get }
  var isVariable: Bool { get }
}

extension OptionGroup: SettingGroup {
  fileprivate var options: Any { wrappedValue }
}

extension Option: SettingOption {
  fileprivate var settingText: String? { typed(wrappedValue) }
  fileprivate var isVariable: Bool { true }
}

extension Flag: SettingOption {
  fileprivate var settingText: String? { typed(wrappedValue) }
  fileprivate var isVariable: Bool { false }
}

extension Argument: SettingOption {
  fileprivate var settingText: String? { typed(wrappedValue) }
  fileprivate var isVariable: Bool { false }
}

/// A value as a user types it, or `nil` of an optional that is not set.
private func typed(_ value: Any) -> String? {
  let mirror = Mirror(reflecting: value)
  if mirror.displayStyle == .optional { return mirror.children.first.flatMap { typed($0.value) } }
  if let value = value as? any ExpressibleByArgument { return value.defaultValueDescription }
  return String(describing: value)
}
