import AISKit
import CAISKernels
import TestSupport
import Testing

private typealias Kernel =
  @convention(c) (UnsafeRawPointer?, UnsafeMutablePointer<Float>?, Int) ->
  Void

/// The kernels of an encoding: the called one, the reference, and the fast one if this processor
/// can run it.
private struct Kernels {
  let chosen: Kernel
  let reference: Kernel
  let fast: Kernel?

  init?(_ type: ElementType) {
    switch type {
    case .f32: return nil
    case .f16: self.init(ais_dequantize_f16, ais_dequantize_f16_ref, ais_dequantize_f16_avx2)
    case .bf16: self.init(ais_dequantize_bf16, ais_dequantize_bf16_ref, ais_dequantize_bf16_avx2)
    case .q4_0: self.init(ais_dequantize_q4_0, ais_dequantize_q4_0_ref, ais_dequantize_q4_0_avx2)
    case .q4_1: self.init(ais_dequantize_q4_1, ais_dequantize_q4_1_ref, ais_dequantize_q4_1_avx2)
    case .q5_0: self.init(ais_dequantize_q5_0, ais_dequantize_q5_0_ref, ais_dequantize_q5_0_avx2)
    case .q5_1: self.init(ais_dequantize_q5_1, ais_dequantize_q5_1_ref, ais_dequantize_q5_1_avx2)
    case .q8_0: self.init(ais_dequantize_q8_0, ais_dequantize_q8_0_ref, ais_dequantize_q8_0_avx2)
    case .q2_K: self.init(ais_dequantize_q2_K, ais_dequantize_q2_K_ref, ais_dequantize_q2_K_avx2)
    case .q3_K: self.init(ais_dequantize_q3_K, ais_dequantize_q3_K_ref, ais_dequantize_q3_K_avx2)
    case .q4_K: self.init(ais_dequantize_q4_K, ais_dequantize_q4_K_ref, ais_dequantize_q4_K_avx2)
    case .q5_K: self.init(ais_dequantize_q5_K, ais_dequantize_q5_K_ref, ais_dequantize_q5_K_avx2)
    case .q6_K: self.init(ais_dequantize_q6_K, ais_dequantize_q6_K_ref, ais_dequantize_q6_K_avx2)
    }
  }

  private init(_ chosen: @escaping Kernel, _ reference: @escaping Kernel, _ fast: Kernel?) {
    self.chosen = chosen
    self.reference = reference
    self.fast = ais_dequantize_has_avx2() ? fast : nil
  }
}

/// Bit patterns, with one pattern for all NaNs.
private func bits(_ floats: [Float]) -> [UInt32] {
  floats.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }
}

@Suite struct DequantizeTests {
  static let encodings = ElementType.allCases.filter { $0 != .f32 }

  /// Runs `kernel` on blocks that begin `skew` bytes into an allocation, and checks that it stays
  /// inside its output.
  private func run(
    _ kernel: Kernel, _ type: ElementType, _ blocks: [UInt8], skew: Int = 0
  ) -> [Float] {
    let count = blocks.count / type.blockBytes
    let elements = count * type.blockElements
    let guardValue = Float(bitPattern: 0x1234_5678)
    var output = [Float](repeating: guardValue, count: elements + 16)
    let shifted = [UInt8](repeating: 0, count: skew) + blocks
    shifted.withUnsafeBytes { kernel($0.baseAddress.map { $0 + skew }, &output, count) }
    #expect(output.suffix(16).allSatisfy { $0 == guardValue }, "wrote past the end")
    return Array(output.prefix(elements))
  }

  @Test(arguments: encodings)
  func isBitEqualToTheReferencePackage(type: ElementType) throws {
    let file = try GGUFFile(path: GGUFFileTests.fixture)
    let blocks = try file.tensor("\(type.rawValue).blocks")
    let values = try file.tensor("\(type.rawValue).values").dequantized()
    let kernels = try #require(Kernels(type))
    #expect(blocks.elementType == type)
    #expect(blocks.shape == [3, 512])
    #expect(bits(blocks.dequantized()) == bits(values))
    let stored = blocks.withUnsafeBytes { Array($0) }
    #expect(bits(run(kernels.reference, type, stored)) == bits(values))
    if let fast = kernels.fast { #expect(bits(run(fast, type, stored)) == bits(values)) }
  }

  @Test(arguments: encodings)
  func fastKernelsGiveTheBitsOfTheirSpecificationOnAnyBytes(type: ElementType) throws {
    let kernels = try #require(Kernels(type))
    var generator = SeededGenerator(seed: 7)
    for count in 0..<40 {
      let blocks = (0..<count * type.blockBytes).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let expected = bits(run(kernels.reference, type, blocks))
      #expect(bits(run(kernels.chosen, type, blocks, skew: count % 4)) == expected)
      if let fast = kernels.fast {
        #expect(bits(run(fast, type, blocks, skew: count % 4)) == expected)
      }
    }
  }

  @Test func convertsEveryHalf() throws {
    let kernels = try #require(Kernels(.f16))
    var halves = LittleEndianBytes()
    for pattern in UInt16.min...UInt16.max { halves.append(pattern) }
    let expected = bits((UInt16.min...UInt16.max).map { Float(Float16(bitPattern: $0)) })
    #expect(bits(run(kernels.reference, .f16, halves.bytes)) == expected)
    #expect(bits(run(kernels.chosen, .f16, halves.bytes)) == expected)
  }

  @Test(arguments: ["Q4_1", "Q6_K", "F16"])
  func givesTheRowsAskedForAndNoMore(encoding: String) throws {
    let tensor = try GGUFFile(path: GGUFFileTests.fixture).tensor("\(encoding).blocks")
    let all = tensor.dequantized()
    var rows = [Float](repeating: -1, count: 1024 + 1)
    tensor.dequantizeRows(1..<3, into: &rows)
    #expect(bits(Array(rows[..<1024])) == bits(Array(all[512...])))
    #expect(rows[1024] == -1)
    tensor.dequantizeRows(2..<2, into: &rows)
    #expect(bits([rows[0]]) == bits([all[512]]))
  }
}
