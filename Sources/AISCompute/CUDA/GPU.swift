import CAISCUDA

/// A graphics processor that CUDA's driver knows.
public struct GPU: Sendable, Equatable {
  /// Its place in the driver's list, from 0.
  public let ordinal: Int
  /// As the vendor names it.
  public let name: String
  /// Compute capability, major and minor: 9.0 for Hopper.
  public let capability: (major: Int, minor: Int)
  /// Multiprocessors.
  public let multiprocessors: Int
  /// Bytes of memory.
  public let memoryBytes: Int
  /// The newest CUDA version that the driver supports.
  public let driverVersion: String

  /// A GPU from what the driver says.
  package init(
    ordinal: Int, name: String, capability: (major: Int, minor: Int), multiprocessors: Int,
    memoryBytes: Int, driverVersion: String
  ) {
    self.ordinal = ordinal
    self.name = name
    self.capability = capability
    self.multiprocessors = multiprocessors
    self.memoryBytes = memoryBytes
    self.driverVersion = driverVersion
  }

  /// The compiler's name for its machine code.
  package var architecture: String { "sm_\(capability.major)\(capability.minor)" }

  /// Whether both are the same GPU with the same driver.
  public static func == (first: GPU, second: GPU) -> Bool {
    first.ordinal == second.ordinal && first.name == second.name
      && first.capability == second.capability && first.driverVersion == second.driverVersion
  }

  /// All GPUs that the driver knows.
  ///
  /// - Throws: `EngineError` if there is no driver, or none that this machine's GPUs work with.
  public static func all() throws(EngineError) -> [GPU] {
    var count: Int32 = 0
    try EngineError.check(ais_cuda_count(&count), "looking for GPUs")
    var found: [GPU] = []
    for ordinal in 0..<count {
      var info = ais_cuda_info()
      try EngineError.check(ais_cuda_describe(ordinal, &info), "describing GPU \(ordinal)")
      let name = withUnsafeBytes(of: &info.name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      found.append(
        GPU(
          ordinal: Int(ordinal), name: name,
          capability: (Int(info.major), Int(info.minor)),
          multiprocessors: Int(info.multiprocessors), memoryBytes: info.memory_bytes,
          driverVersion: EngineError.cudaVersion(info.driver_version)))
    }
    return found
  }

  /// The driver's first GPU.
  ///
  /// - Throws: `EngineError` as `all`, and if there is none.
  public static func first() throws(EngineError) -> GPU {
    guard let gpu = try all().first else {
      throw EngineError(
        engine: EngineError.cuda, operation: "looking for GPUs", reason: "the driver knows none")
    }
    return gpu
  }
}

extension EngineError {
  /// The engine's name in errors.
  static let cuda = "CUDA"

  /// Throws for a code of the driver that isn't success.
  static func check(_ code: Int32, _ operation: String) throws(EngineError) {
    if code != 0 { throw EngineError(code, operation) }
  }

  /// The error of a driver's code.
  init(_ code: Int32, _ operation: String) {
    self.init(
      engine: Self.cuda, operation: operation, reason: String(cString: ais_cuda_reason(code)))
  }

  /// A version as CUDA writes it: 13000 is 13.0.
  static func cudaVersion(_ number: Int32) -> String { "\(number / 1000).\(number % 1000 / 10)" }
}
