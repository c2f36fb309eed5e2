import CAISKernels

/// Matrix products directly from a file's quantized blocks.
///
/// One decoding step reads only as many bytes as the file stores.
///
/// Blocks with integer kernels are interleaved by rows when they are packed, without loss. Other
/// blocks are read from the mapped file.
///
/// Activations for quantized weights are rounded to 8 bits in blocks of 32, for any number of rows,
/// so that prefill and decoding compute the same. Matrices that don't come from a file, or that a
/// file stores as [inputs, outputs], are multiplied in float32.
package final class NativeEngine: MatrixEngine {
  package let type = ComputeType.native
  package let inputType = AIS_F32
  private let unpacked: any MatrixEngine

  /// An engine.
  ///
  /// `unpacked` multiplies the matrices that cannot be read from a file's blocks.
  package init(unpacked: any MatrixEngine) {
    precondition(unpacked.type == .f32)
    self.unpacked = unpacked
  }

  package var name: String {
    "own products from stored blocks (\(String(cString: ais_blocks_kernels())))"
  }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    guard !source.stored.isEmpty, source.stored.allSatisfy({ !$0.storesInputsFirst }) else {
      return try unpacked.pack(source)
    }
    return WeightMatrix(
      source, byteCount: source.stored.reduce(0) { $0 + $1.outputs.count * $1.tensor.rowBytes },
      deviceBias: source.bias.map { HostBuffer($0) },
      layout: NativeLayout(try source.stored.map(NativeSegment.init)))
  }

  package func makePlans() -> any MatrixPlans { NativePlans(unpacked: unpacked.makePlans()) }
}

/// Rows of one tensor as products read them: interleaved, or in the mapped file, which stays
/// mapped.
private final class NativeSegment: @unchecked Sendable {
  let kernel: ais_block_segment
  private let rows: WeightRows
  private let interleaved: HostBuffer?

  init(_ rows: WeightRows) throws {
    let type = rows.tensor.elementType.blockType
    self.rows = rows
    guard ais_stored_interleaves(type) else {
      interleaved = nil
      kernel = ais_block_segment(
        type: type, outputs: rows.outputs.count, blocks: Self.first(of: rows), width: 0)
      return
    }
    let packed = try Self.interleave(rows, type)
    interleaved = packed
    kernel = ais_block_segment(
      type: type, outputs: rows.outputs.count, blocks: packed.pointer, width: ais_stored_width(type)
    )
    rows.tensor.releasePages()
  }

  private static func first(of rows: WeightRows) -> UnsafeRawPointer? {
    rows.tensor.withUnsafeBytes { $0.baseAddress }
      .map { $0 + rows.outputs.lowerBound * rows.tensor.rowBytes }
  }

  private static func interleave(_ rows: WeightRows, _ type: ais_block_type) throws -> HostBuffer {
    let (inputs, width, rowBytes) = (rows.inputs, ais_stored_width(type), rows.tensor.rowBytes)
    let panels = PanelPacking(
      outputs: rows.outputs.count, inputs: inputs, width: width,
      panelBytes: ais_stored_panel_bytes(type, inputs, width))
    return try rows.tensor.withUnsafeBytes { bytes in
      try panels.write { range, target in
        for (place, panel) in range.enumerated() {
          let own = panels.outputs(of: panel)
          ais_stored_pack(
            type, width,
            bytes.baseAddress.map { $0 + (rows.outputs.lowerBound + own.lowerBound) * rowBytes },
            own.count, inputs, target + place * panels.panelBytes)
        }
      }
    }
  }
}

/// A matrix's rows, as one segment for each tensor.
private final class NativeLayout: @unchecked Sendable {
  let segments: [ais_block_segment]
  let roundsInput: Bool
  private let owners: [NativeSegment]

  init(_ owners: [NativeSegment]) {
    self.owners = owners
    segments = owners.map(\.kernel)
    roundsInput = segments.contains { ais_blocks_round_input($0.type) }
  }
}

private final class NativePlans: MatrixPlans {
  private let unpacked: any MatrixPlans
  private var rounded = ReusableBuffer()
  private var scratch = ReusableBuffer()

  init(unpacked: any MatrixPlans) { self.unpacked = unpacked }

  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    guard let layout = weights.layout as? NativeLayout else {
      return try unpacked.multiply(
        input, rows: rows, by: weights, into: output, accumulate: accumulate)
    }
    let x = input.assumingMemoryBound(to: Float.self)
    let inputs = weights.inputs
    let workers = Threads.count
    let numbers =
      layout.roundsInput
      ? ais_round_rows(
        x, rows, inputs,
        rounded.holding(byteCount: ais_byte_rows_size(rows, inputs)).pointer)
      : ais_byte_rows(
        rows: rows, inputs: inputs, x: x, bytes: nil, scales: nil, sums: nil, half_sums: nil)
    ais_blocks_product(
      layout.segments, layout.segments.count, numbers, weights.hostBias?.floats, output,
      accumulate ? 1 : 0,
      scratch.holding(byteCount: workers * ais_blocks_scratch(inputs)).pointer, Int32(workers))
  }
}

extension ElementType {
  /// The C constant.
  fileprivate var blockType: ais_block_type {
    switch self {
    case .f32: AIS_BLOCKS_F32
    case .f16: AIS_BLOCKS_F16
    case .bf16: AIS_BLOCKS_BF16
    case .q4_0: AIS_BLOCKS_Q4_0
    case .q4_1: AIS_BLOCKS_Q4_1
    case .q5_0: AIS_BLOCKS_Q5_0
    case .q5_1: AIS_BLOCKS_Q5_1
    case .q8_0: AIS_BLOCKS_Q8_0
    case .q2_K: AIS_BLOCKS_Q2_K
    case .q3_K: AIS_BLOCKS_Q3_K
    case .q4_K: AIS_BLOCKS_Q4_K
    case .q5_K: AIS_BLOCKS_Q5_K
    case .q6_K: AIS_BLOCKS_Q6_K
    }
  }
}
