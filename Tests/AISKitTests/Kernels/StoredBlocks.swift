import AISKit
import CAISKernels
import TestSupport

/// Weights in blocks as files store them, and products with them.
enum StoredBlocks {
  static let types: [(ElementType, ais_block_type)] = [
    (.f32, AIS_BLOCKS_F32), (.f16, AIS_BLOCKS_F16), (.bf16, AIS_BLOCKS_BF16),
    (.q4_0, AIS_BLOCKS_Q4_0), (.q4_1, AIS_BLOCKS_Q4_1), (.q5_0, AIS_BLOCKS_Q5_0),
    (.q5_1, AIS_BLOCKS_Q5_1), (.q8_0, AIS_BLOCKS_Q8_0), (.q2_K, AIS_BLOCKS_Q2_K),
    (.q3_K, AIS_BLOCKS_Q3_K), (.q4_K, AIS_BLOCKS_Q4_K), (.q5_K, AIS_BLOCKS_Q5_K),
    (.q6_K, AIS_BLOCKS_Q6_K),
  ]

  /// Random bytes with float16 scales of a reasonable size.
  ///
  /// All other bits are random.
  static func blocks(_ type: ElementType, rows: Int, inputs: Int) -> [UInt8] {
    var random = SplitMix64(seed: 77)
    let count = rows * inputs / type.blockElements
    var bytes: [UInt8] = []
    for _ in 0..<count {
      var block = (0..<type.blockBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let halves: [Int] =
        switch type {
        case .f16: [0]
        case .q4_0, .q5_0, .q8_0: [0]
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q2_K: [80, 82]
        case .q3_K: [108]
        case .q6_K: [208]
        case .f32, .bf16: []
        }
      for place in halves {
        let bits = Float16(random.unit() - 0.5).bitPattern
        (block[place], block[place + 1]) = (UInt8(bits & 255), UInt8(bits >> 8))
      }
      if type == .f32 || type == .bf16 {
        let bits = Float(random.unit() - 0.5).bitPattern
        let own = (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
        block = type == .f32 ? own : Array(own.suffix(2))
      }
      bytes += block
    }
    return bytes
  }

  /// A segment, and the memory that it points to.
  typealias Held = (segment: ais_block_segment, memory: HostBuffer)

  static func multiply(
    _ x: ais_byte_rows, by parts: [Held], bias: [Float]?, into out: inout [Float],
    accumulate: Bool, _ scratch: HostBuffer, threads: Int = 1
  ) {
    withExtendedLifetime(parts) {
      ais_blocks_product(
        parts.map(\.segment), parts.count, x, bias, &out, accumulate ? 1 : 0, scratch.pointer,
        Int32(threads))
    }
  }

  /// Blocks as an engine stores them on this processor.
  static func held(
    _ blocks: [UInt8], _ type: ais_block_type, outputs: Int, _ inputs: Int
  ) -> Held {
    let interleaves = ais_stored_interleaves(type)
    let width = interleaves ? ais_stored_width(type) : 0
    let bytes = interleaves ? interleaved(blocks, type, outputs: outputs, inputs, width) : blocks
    let memory = HostBuffer(byteCount: bytes.count)
    UnsafeMutableRawBufferPointer(start: memory.pointer, count: bytes.count).copyBytes(from: bytes)
    return (
      ais_block_segment(type: type, outputs: outputs, blocks: memory.pointer, width: width), memory
    )
  }

  /// Shape: blocks [outputs], result [panels of `width` outputs].
  static func interleaved(
    _ blocks: [UInt8], _ type: ais_block_type, outputs: Int, _ inputs: Int, _ width: Int
  ) -> [UInt8] {
    let rowBytes = blocks.count / outputs
    let panelBytes = ais_stored_panel_bytes(type, inputs, width)
    let panels = ais_panel_count(outputs, width)
    // Memory may hold anything before.
    var packed = [UInt8](repeating: 255, count: panels * panelBytes)
    for panel in 0..<panels {
      let first = panel * width
      blocks.withUnsafeBytes { blocks in
        packed.withUnsafeMutableBytes {
          ais_stored_pack(
            type, width, blocks.baseAddress.map { $0 + first * rowBytes },
            min(width, outputs - first), inputs, $0.baseAddress.map { $0 + panel * panelBytes })
        }
      }
    }
    return packed
  }

  static func widened(_ type: ElementType, _ blocks: [UInt8]) throws -> [Float] {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder()
    let count = blocks.count / type.blockBytes * type.blockElements
    builder.add("w", shape: [count], type: type, data: blocks)
    let file = try GGUFFile(path: folder.write(builder.bytes(), as: "w.gguf"))
    return try file.tensor("w").dequantized()
  }

  static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float(random.unit() * 2 - 1) }
  }
}
