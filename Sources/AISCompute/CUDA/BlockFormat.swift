import AISCheckpoint
import CAISCUDA

/// How a GPU stores the blocks of a checkpoint's format.
///
/// Equal fields of all of a row's blocks lie together, the widest first, so that every read is aligned. No number
/// changes.
struct BlockFormat: Sendable {
  /// The kernels' number for it.
  let kernel: Int32
  let type: ElementType
  /// Where each field lies in a stored block, in the kernels' order (`blocks.cuh`).
  let fields: [(offset: Int, bytes: Int)]

  /// The format of a type of blocks; `nil` for single numbers.
  init?(_ type: ElementType) {
    let known: (Int, [(Int, Int)])
    switch type {
    case .f32, .f16, .bf16: return nil
    case .q4_0: known = (ais_q4_0, [(2, 16), (0, 2)])
    case .q4_1: known = (ais_q4_1, [(4, 16), (0, 4)])
    case .q5_0: known = (ais_q5_0, [(6, 16), (2, 4), (0, 2)])
    case .q5_1: known = (ais_q5_1, [(8, 16), (4, 4), (0, 4)])
    case .q8_0: known = (ais_q8_0, [(2, 32), (0, 2)])
    case .q2_K: known = (ais_q2_K, [(16, 64), (0, 16), (80, 4)])
    case .q3_K: known = (ais_q3_K, [(32, 64), (0, 32), (96, 12), (108, 2)])
    case .q4_K: known = (ais_q4_K, [(16, 128), (0, 16)])
    case .q5_K: known = (ais_q5_K, [(48, 128), (16, 32), (0, 16)])
    case .q6_K: known = (ais_q6_K, [(0, 128), (128, 64), (192, 16), (208, 2)])
    }
    self.type = type
    kernel = Int32(known.0)
    fields = known.1.map { (offset: $0.0, bytes: $0.1) }
  }

  /// Blocks of a row of so many inputs; the last one may only fill up the row's last 64 inputs.
  func blockCount(_ inputs: Int) -> Int {
    let ofStep = max(1, QuantizedWeights.stepInputs / type.blockElements)
    return blocks(inputs / type.blockElements, of: ofStep) * ofStep
  }

  /// Writes a stored row's blocks, and zeros for what fills it up, to a row of `rowBytes`.
  func write(
    _ stored: UnsafeRawPointer, inputs: Int, rowBytes: Int, to target: UnsafeMutableRawPointer
  ) {
    target.initializeMemory(as: UInt8.self, repeating: 0, count: rowBytes)
    let count = blockCount(inputs)
    var plane = target
    for field in fields {
      for block in 0..<inputs / type.blockElements {
        (plane + block * field.bytes).copyMemory(
          from: stored + block * type.blockBytes + field.offset, byteCount: field.bytes)
      }
      plane += count * field.bytes
    }
  }
}
