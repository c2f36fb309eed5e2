import AISKit
import Foundation

/// Writes the weights of a model of some shape, drawn at random, as safetensors in bfloat16.
struct RandomWeights {
  private let tensors: [ModelShape.Tensor]
  private let numbers: RandomNumbers
  private let header: Data
  /// The size of the file.
  let byteCount: Int

  private static let pieceCount = 1 << 19
  private static let numberBytes = MemoryLayout<UInt16>.size

  /// Weights that the seed determines.
  ///
  /// - Throws: what `JSONEncoder` throws.
  init(_ shape: ModelShape, seed: UInt64) throws {
    tensors = shape.tensors
    numbers = RandomNumbers(seed: seed)
    var header = SafetensorsHeader()
    for tensor in tensors {
      header.add(
        tensor.name, dtype: "BF16", elementBytes: Self.numberBytes, shape: tensor.shape)
    }
    self.header = try header.bytes(metadata: ["format": "pt"])
    byteCount = self.header.count + header.dataByteCount
  }

  /// Writes the file, with all threads and a line of progress.
  ///
  /// - Throws: `ResultWriteError`, at once if the disk has too little room.
  func write(to file: URL, label: String) throws {
    try checkRoom(in: file.deletingLastPathComponent())
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ResultWriteError(file: file.path, problem: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    let meter = ProgressMeter(label, total: byteCount, unit: .bytes)
    try FileBytes.write(header, to: descriptor, at: 0, file: file.path)
    var offset = header.count
    for tensor in tensors {
      try write(tensor, to: descriptor, at: offset, file: file.path)
      offset += tensor.count * Self.numberBytes
      meter.advance(by: tensor.count * Self.numberBytes)
    }
    meter.advance(by: header.count)
  }

  private func write(
    _ tensor: ModelShape.Tensor, to descriptor: CInt, at offset: Int, file: String
  ) throws {
    let pieces = (tensor.count + Self.pieceCount - 1) / Self.pieceCount
    try Threads.ranges(pieces, grain: 1) { range in
      let buffer = UnsafeMutableBufferPointer<UInt16>.allocate(
        capacity: min(Self.pieceCount, tensor.count))
      defer { buffer.deallocate() }
      for number in range {
        let begin = number * Self.pieceCount
        let piece = UnsafeMutableBufferPointer(
          rebasing: buffer[..<min(Self.pieceCount, tensor.count - begin)])
        if tensor.isOne {
          piece.initialize(repeating: RandomNumbers.rounded(1).littleEndian)
        } else {
          numbers.fill(piece, number: number, of: tensor.name)
        }
        try FileBytes.write(
          UnsafeRawBufferPointer(piece), to: descriptor, at: offset + begin * Self.numberBytes,
          file: file)
      }
    }
  }

  private func checkRoom(in folder: URL) throws {
    var status = statvfs()
    guard statvfs(folder.path, &status) == 0 else { return }
    let (wanted, free) = (Double(byteCount), Double(status.f_bavail) * Double(status.f_frsize))
    guard free >= wanted else {
      throw ResultWriteError(
        file: folder.path,
        problem: String(
          format: "the weights have %.1f GB, the disk has %.1f GB left", wanted / 1e9, free / 1e9))
    }
  }
}
