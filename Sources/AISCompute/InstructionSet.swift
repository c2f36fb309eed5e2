import CAISKernels

/// The instruction sets that the project's own kernels are written for.
public enum InstructionSet {
  /// The environment variable that asks for one below the best.
  public static let variable = "AIS_ISA"

  /// Every name that `AIS_ISA` may have, from the plain C reference up.
  static let names = [AIS_ISA_REFERENCE, AIS_ISA_AVX2, AIS_ISA_AVX512].map { name($0) }

  /// Those that this processor has.
  public static var supported: [String] { names(upTo: ais_best_isa()) }

  static func names(upTo best: ais_isa) -> [String] {
    Array(names.prefix(Int(best.rawValue) + 1))
  }

  /// Checks what the environment asks for; an empty value asks for nothing.
  ///
  /// - Throws: `InstructionSetError` for a name that is unknown, or that this processor lacks.
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

/// `AIS_ISA` asks for an instruction set that there is not.
public struct InstructionSetError: InputError, Equatable {
  let wanted: String
  let isKnown: Bool
  let choices: [String]

  /// One line: the variable, what it may be, what it is.
  public var description: String {
    let choices = choices.joined(separator: ", ")
    let expected = isKnown ? "what this processor has: \(choices)" : "one of \(choices)"
    return "\(InstructionSet.variable): expected \(expected), found "
      + "'\(oneLine(wanted, limit: 80))'"
  }
}
