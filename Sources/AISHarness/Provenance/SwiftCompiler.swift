import Foundation

/// The Swift compiler that built an executable.
///
/// Swift has no expression for its compiler's full version; the compiler writes it into the debug
/// information of what it compiles, which SwiftPM keeps in release builds, too.
package enum SwiftCompiler {
  private static let label = Data("Swift version ".utf8)

  /// The version, such as `6.1.2`; `nil` if the executable's debug information was removed.
  package static func version(thatBuilt executable: URL) -> String? {
    guard let bytes = try? Data(contentsOf: executable, options: .alwaysMapped) else { return nil }
    var rest = bytes.indices
    while let place = bytes.range(of: label, in: rest) {
      rest = place.upperBound..<bytes.endIndex
      let version = bytes[rest].prefix(40).prefix { $0 > UInt8(ascii: " ") && $0 < 0x7F }
      // This code holds the label as well, without a number after it.
      if let digit = version.first, 0x30...0x39 ~= digit {
        return String(decoding: version, as: UTF8.self)
      }
    }
    return nil
  }
}
