import AISCheckpoint
import Foundation

/// Weights of few bits: what the device makes of them, and the reference must, too.
extension DeviceBench {
  /// A matrix on the device, and in the reference with the numbers that the device's products read.
  ///
  /// The bench's numbers need no rounding to float16.
  func pack(_ source: WeightSource) throws -> (device: WeightMatrix, plain: WeightMatrix) {
    (device: try backend.pack(source), plain: try reference.pack(asRead(source)))
  }

  private func asRead(_ source: WeightSource) -> WeightSource {
    let inputs = source.inputs
    let (roundsToBytes, roundsToBFloat16) = (
      backend.computeType == .int8, isNarrow && backend.computeType != .f16
    )
    return WeightSource(
      outputs: source.outputs, inputs: inputs, bias: source.bias,
      fill: { range, target in
        try source.fill(range, target)
        for place in 0..<range.count {
          let row = target + place * inputs
          if roundsToBytes { DeviceBench.roundToBytes(row, inputs) }
          if roundsToBFloat16 { DeviceBench.roundToBFloat16(row, inputs) }
        }
      })
  }

  private static func roundToBytes(_ numbers: UnsafeMutablePointer<Float>, _ count: Int) {
    withUnsafeTemporaryAllocation(of: Int8.self, capacity: count) { bytes in
      guard let base = bytes.baseAddress else { return }
      let scale = ByteRow.round(numbers, count, into: base)
      for place in 0..<count { numbers[place] = Float(base[place]) * scale }
    }
  }

  /// To nearest even.
  private static func roundToBFloat16(_ numbers: UnsafeMutablePointer<Float>, _ count: Int) {
    for place in 0..<count {
      let bits = numbers[place].bitPattern
      numbers[place] = Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }
  }

  /// Products with tensors of every type that a checkpoint stores, and with matrices that stack some.
  ///
  /// The processor rounds activations for them, so only a device with 16-bit activations is compared.
  func checkBlocks() throws {
    guard backend.computeType == .native, backend.activationBytes == 2 else { return }
    for type in ElementType.allCases {
      // Blocks of 32 end within the 64 inputs that kernels read at a time.
      let inputs = type.blockElements == 256 ? 2_304 : 2_336
      let rows = WeightRows(try sample(type, rows: 50, inputs: inputs))
      try checkProducts(of: [rows], type.rawValue)
    }
    let (first, second) = (
      try sample(.q4_K, rows: 50, inputs: 512), try sample(.q6_K, rows: 40, inputs: 512)
    )
    let halves = try sample(.f16, rows: 20, inputs: 512)
    try checkProducts(
      of: [WeightRows(first, 3..<40), WeightRows(second), WeightRows(first, 40..<50)],
      "parts of two formats")
    try checkProducts(of: [WeightRows(first), WeightRows(halves)], "blocks and single numbers")
  }

  private func checkProducts(of parts: [WeightRows], _ name: String) throws {
    let outputs = parts.reduce(0) { $0 + $1.outputs.count }
    // Sums are half as long again as those of other products.
    try checkProducts(
      by: WeightSource(stacking: parts, bias: numbers(outputs)),
      "\(parts[0].inputs) → \(outputs), \(name)", within: 2e-5,
      ranges: backend.productRanges.filter { $0.lowerBound <= 64 })
  }

  /// A tensor of random bytes whose floating-point numbers are of a reasonable size.
  ///
  /// Its file has no name any more.
  private func sample(_ type: ElementType, rows: Int, inputs: Int) throws -> TensorView {
    let count = rows * inputs / type.blockElements
    var bytes = [UInt8](repeating: 0, count: count * type.blockBytes)
    for place in bytes.indices { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
    for block in 0..<count {
      for place in Self.highBytes(type) {
        let byte = bytes[block * type.blockBytes + place]
        // Float16 from 1/32 to 1/2, or a wider type from 1/8 to 1/2.
        let size = type == .f32 || type == .bf16 ? 0x3E : 0x28 + (byte & 0x0F)
        bytes[block * type.blockBytes + place] = byte & 0x80 | size
      }
    }
    let place = FileManager.default.temporaryDirectory
      .appendingPathComponent("ais-selftest-\(UUID().uuidString)")
    try Data(bytes).write(to: place)
    defer { try? FileManager.default.removeItem(at: place) }
    return TensorView(
      name: type.rawValue, shape: [rows, inputs], elementType: type,
      file: try MappedFile(path: place.path), range: 0..<bytes.count)
  }

  /// Where a block's floating-point numbers have their signs and exponents.
  private static func highBytes(_ type: ElementType) -> [Int] {
    switch type {
    case .f32: [3]
    case .f16, .bf16, .q4_0, .q5_0, .q8_0: [1]
    case .q4_1, .q5_1, .q4_K, .q5_K: [1, 3]
    case .q2_K: [81, 83]
    case .q3_K: [109]
    case .q6_K: [209]
    }
  }
}
