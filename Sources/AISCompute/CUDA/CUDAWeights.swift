import CAISCUDA
import CAISKernels

/// A weight matrix in a GPU's memory.
///
/// Shape: [outputs, stride] numbers of the compute type; rows end with zeros, so that each begins at 16 bytes.
struct CUDAWeights: Sendable {
  let memory: CUDABuffer
  let bias: CUDABuffer?
  let stride: Int
  /// Describes the matrix to the GPU's copy engine; `nil` if it cannot read it.
  let map: CUDABuffer?

  /// Bytes that are converted at a time.
  private static let pieceBytes = 64 << 20

  /// Uploads a matrix, piece by piece.
  ///
  /// - Throws: `EngineError`, and errors of the source.
  init(_ device: CUDADevice, _ source: WeightSource, _ type: ComputeType) throws {
    let bytes = type == .bf16 ? 2 : 4
    let vector = 16 / bytes
    stride = blocks(source.inputs, of: vector) * vector
    memory = CUDABuffer(device, byteCount: source.outputs * stride * bytes)
    bias = source.bias.map { numbers in
      let buffer = CUDABuffer(device, byteCount: numbers.count * 4)
      numbers.withUnsafeBytes { device.upload($0, to: buffer.address) }
      return buffer
    }
    let rows = max(1, min(source.outputs, Self.pieceBytes / (stride * 4)))
    let piece = HostBuffer(byteCount: rows * stride * bytes)
    for first in Swift.stride(from: 0, to: source.outputs, by: rows) {
      let end = min(first + rows, source.outputs)
      try Self.write(source, first..<end, stride, type, to: piece)
      device.upload(
        UnsafeRawBufferPointer(start: piece.pointer, count: (end - first) * stride * bytes),
        to: memory.address + UInt64(first * stride * bytes))
    }
    source.release()
    map =
      device.canStartEarly && type == .bf16 && source.inputs.isMultiple(of: 32)
      ? device.describe(
        memory.address, rows: source.outputs, columns: source.inputs, rowBytes: stride * bytes)
      : nil
    try device.wait()
  }

  /// Writes rows in the compute type, by all threads.
  private static func write(
    _ source: WeightSource, _ rows: Range<Int>, _ stride: Int, _ type: ComputeType,
    to piece: HostBuffer
  ) throws {
    let (inputs, target) = (source.inputs, UncheckedRawPointer(piece.pointer))
    try Threads.ranges(rows.count, grain: max(1, 65_536 / max(inputs, 1))) { range in
      let numbers = HostBuffer(byteCount: inputs * 4)
      for place in range {
        let row = rows.lowerBound + place
        try source.fill(row..<row + 1, numbers.floats)
        if type == .bf16 {
          let out = (target.pointer + place * stride * 2).assumingMemoryBound(to: UInt16.self)
          ais_to_bf16_f32(numbers.floats, out, inputs)
          for column in inputs..<stride { out[column] = 0 }
        } else {
          let out = (target.pointer + place * stride * 4).assumingMemoryBound(to: Float.self)
          out.update(from: numbers.floats, count: inputs)
          for column in inputs..<stride { out[column] = 0 }
        }
      }
    }
  }
}
