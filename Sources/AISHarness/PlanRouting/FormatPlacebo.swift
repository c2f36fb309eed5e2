import AISKit

/// The full model in another number format, which no one would call another model.
///
/// It is a placebo: whatever way of saving work is compared with the full model must be compared
/// with the difference that rounding alone makes.
public struct FormatPlacebo: Sendable, Equatable {
  private static let suffix = " full"

  /// The number format.
  public let type: ComputeType

  /// The placebos of a run: bfloat16 and 8-bit integers; float32 in place of the run's own format.
  ///
  /// Formats that the device does not compute are left out.
  ///
  /// - Parameters:
  ///   - type: the run's own format.
  ///   - device: what computes.
  /// - Returns: two, or fewer.
  public static func all(besides type: ComputeType, on device: DeviceName) -> [FormatPlacebo] {
    [ComputeType.bf16, .int8, .f32].filter { $0 != type }.prefix(2)
      .filter(device.computeTypes.contains).map { FormatPlacebo(type: $0) }
  }

  /// What rows call it: `bf16 full`.
  public var setting: ExitSetting { ExitSetting(label: type.rawValue + Self.suffix) }

  /// The placebo that rows call so; `nil` for any other setting.
  public init?(label: String) {
    guard label.hasSuffix(Self.suffix),
      let type = ComputeType(rawValue: String(label.dropLast(Self.suffix.count)))
    else { return nil }
    self.type = type
  }

  private init(type: ComputeType) { self.type = type }
}

/// Models of placebos, each loaded when it is first needed.
///
/// Only the last one is kept, so that no more than two models are in memory.
public final class PlaceboModels {
  private let lab: Workbench
  private var last: (placebo: FormatPlacebo, model: DecoderModel)?

  /// The lab's model in other formats.
  public init(of lab: Workbench) { self.lab = lab }

  /// The model in a placebo's number format.
  ///
  /// Throws what loading throws.
  public func model(of placebo: FormatPlacebo) throws -> DecoderModel {
    if let last, last.placebo == placebo { return last.model }
    last = nil
    let model = try lab.languageModel(placebo.type).decoder
    last = (placebo, model)
    return model
  }
}
