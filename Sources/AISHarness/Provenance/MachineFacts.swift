import Foundation

/// The processor a run was made on.
public struct MachineFacts: Sendable, Equatable {
  /// The processor's own name, such as `Intel(R) Xeon(R) Processor`.
  public let cpuModel: String
  /// Its vector extensions that kernels may use, separated by spaces.
  public let isa: String

  /// Bytes of the last-level cache; 32 MiB if the system does not report it.
  static let lastLevelCacheBytes: Double = {
    let bytes = max(sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)))
    return Double(bytes > 0 ? bytes : 32 << 20)
  }()

  /// The extensions worth recording, in the order of their history.
  static let extensions = [
    "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni",
    "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16",
  ]

  /// This machine.
  public static let current = MachineFacts(
    processorTable: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")

  /// The facts about the first processor in a table like Linux's `/proc/cpuinfo`.
  package init(processorTable: String) {
    func field(_ name: String) -> String? {
      for line in processorTable.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
          return parts[1].trimmingCharacters(in: .whitespaces)
        }
      }
      return nil
    }
    cpuModel = field("model name") ?? "unknown"
    let flags = Set((field("flags") ?? "").split(separator: " ").map(String.init))
    isa = Self.extensions.filter(flags.contains).joined(separator: " ")
  }
}
