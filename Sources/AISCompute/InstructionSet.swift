import CAISKernels

/// The instruction sets that the project's own kernels are written for.
public enum InstructionSet {
  /// The environment variable that chooses an instruction set below the best.
  public static let variable = "AIS_ISA"

  /// Every value that `AIS_ISA` may have, from the plain C reference to the best.
  static let names = [AIS_ISA_REFERENCE, AIS_ISA_AVX2, AIS_ISA_AVX512].map { name($0) }

  /// The instruction sets that this processor supports.
  public static var supported: [String] { names(upTo: ais_best_isa()) }

  static func names(upTo best: ais_isa) -> [String] {
    Array(names.prefix(Int(best.rawValue) + 1))
  }

  /// Checks the variable's value in the environment.
  ///
  /// An empty value counts as absent.
  ///
  /// - Throws: `InstructionSetError` for a name that is unknown or that this processor does not
  ///   support.
  public static func check(
    environment: [String: String], supported: [String] = supported
  ) throws(InstructionSetError) {
    guard let wanted = environment[variable], !wanted.isEmpty else { return }
    guard names.contains(wanted) else {
      throw InstructionSetError(wanted: wanted, isKnown: false, choices: names)
    }
    guard supported.contains(wanted) else {
      throw InstructionSetError(wanted: wanted, isKnown: true, choices: supported)
    }
  }

  private static func name(_ level: ais_isa) -> String { String(cString: ais_isa_name(level)) }
}

/// `AIS_ISA` names an instruction set that is unknown or not supported.
public struct InstructionSetError: InputError, Equatable {
  let wanted: String
  let isKnown: Bool
  let choices: [String]

  /// One line: the variable, its possible values, its value.
  public var description: String {
    let choices = choices.joined(separator: ", ")
    let expected = isKnown ? "what this processor has: \(choices)" : "one of \(choices)"
    return "\(InstructionSet.variable): expected \(expected), found "
      + "'\(oneLine(wanted, limit: 80))'"
  }
}
