import CAISCUDA
import CAISKernels

/// A weight matrix as numbers of the type of activations.
struct DenseWeights: Sendable {
  let memory: CUDABuffer
  let matrix: DenseMatrix

  /// Uploads a matrix.
  ///
  /// - Throws: `EngineError`, and errors of the source.
  init(_ device: CUDADevice, _ source: WeightSource, _ type: ComputeType) throws {
    let (inputs, outputs) = (source.inputs, source.outputs)
    let stride = DenseMatrix.stride(inputs, type)
    let rowBytes = stride * type.activationBytes
    memory = CUDABuffer(device, byteCount: outputs * rowBytes)
    matrix = DenseMatrix(
      address: memory.address, outputs: outputs, inputs: inputs, stride: stride)
    try device.upload(
      rows: outputs, rowBytes: rowBytes, grain: max(1, 65_536 / max(inputs, 1)),
      to: memory.address
    ) { rows, target in
      let numbers = HostBuffer(byteCount: inputs * 4)
      for (place, row) in rows.enumerated() {
        try source.fill(row..<row + 1, numbers.floats)
        let out = target + place * rowBytes
        out.initializeMemory(as: UInt8.self, repeating: 0, count: rowBytes)
        Self.write(numbers.floats, inputs, as: type, to: out)
      }
    }
  }

  /// Writes numbers in the type of activations.
  private static func write(
    _ numbers: UnsafePointer<Float>, _ count: Int, as type: ComputeType,
    to target: UnsafeMutableRawPointer
  ) {
    switch type {
    case .f32: target.copyMemory(from: numbers, byteCount: count * 4)
    case .bf16, .int8, .native:
      ais_to_bf16_f32(numbers, target.assumingMemoryBound(to: UInt16.self), count)
    case .f16:
      let halves = target.assumingMemoryBound(to: UInt16.self)
      for place in 0..<count { halves[place] = HalfNumber.bits(numbers[place]) }
    }
  }
}

/// Where numbers of the type of activations lie.
///
/// Shape: [outputs, stride]; rows end with zeros, so that each begins at 16 bytes.
struct DenseMatrix {
  let address: ais_cuda_address
  let outputs: Int
  let inputs: Int
  let stride: Int

  /// Numbers from one row to the next.
  static func stride(_ inputs: Int, _ type: ComputeType) -> Int {
    let vector = 16 / type.activationBytes
    return blocks(inputs, of: vector) * vector
  }
}

extension CUDADevice {
  /// Bytes that are uploaded at a time.
  private static let pieceBytes = 64 << 20

  /// Uploads rows that all threads write, a piece at a time.
  ///
  /// - Parameters:
  ///   - rows: how many.
  ///   - rowBytes: bytes of each.
  ///   - grain: the fewest rows that a thread should write.
  ///   - address: where the first one goes.
  ///   - write: writes some of the rows to the pointer.
  /// - Throws: what `write` throws.
  func upload(
    rows: Int, rowBytes: Int, grain: Int, to address: ais_cuda_address,
    _ write: (Range<Int>, UnsafeMutableRawPointer) throws -> Void
  ) throws {
    let most = max(1, min(rows, Self.pieceBytes / max(rowBytes, 1)))
    let piece = HostBuffer(byteCount: most * rowBytes)
    let target = UncheckedRawPointer(piece.pointer)
    for first in stride(from: 0, to: rows, by: most) {
      let count = min(most, rows - first)
      try Threads.ranges(count, grain: grain) { range in
        try write(
          first + range.lowerBound..<first + range.upperBound,
          target.pointer + range.lowerBound * rowBytes)
      }
      upload(
        UnsafeRawBufferPointer(start: piece.pointer, count: count * rowBytes),
        to: address + UInt64(first * rowBytes))
    }
  }
}
