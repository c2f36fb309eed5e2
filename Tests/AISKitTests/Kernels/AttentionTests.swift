import AISKit
import CAISKernels
import TestSupport
import Testing

/// The attention kernels, compared with the reference.
struct AttentionTests {
  struct Case: Sendable, CustomStringConvertible {
    var queryHeads = 6
    var kvHeads = 2
    var headDim = 32
    var position = 0
    var rows = 19
    var window = 0
    var softCap: Float = 0
    var hasSlopes = false
    var hasHoles = false

    var description: String {
      "\(queryHeads)/\(kvHeads) heads of \(headDim), \(position)+\(rows), window \(window), "
        + "cap \(softCap), slopes \(hasSlopes), holes \(hasHoles)"
    }
  }

  static let cases = [
    Case(),
    Case(queryHeads: 3, kvHeads: 3, headDim: 16, position: 5, rows: 1),
    Case(queryHeads: 4, kvHeads: 1, headDim: 20, position: 30, rows: 40),
    Case(queryHeads: 9, kvHeads: 3, headDim: 64, position: 100, rows: 3, window: 33),
    Case(queryHeads: 2, kvHeads: 1, headDim: 80, position: 0, rows: 70, window: 16),
    Case(queryHeads: 1, kvHeads: 1, headDim: 128, position: 15, rows: 2, window: 1),
    Case(headDim: 24, position: 7, rows: 33, softCap: 1.5),
    Case(queryHeads: 4, kvHeads: 2, headDim: 20, position: 40, rows: 21, hasSlopes: true),
    Case(position: 50, rows: 5, window: 20, softCap: 3, hasSlopes: true),
    Case(position: 37, rows: 20, hasHoles: true),
    Case(queryHeads: 8, kvHeads: 1, position: 20, rows: 1),
    Case(
      headDim: 24, position: 3, rows: 40, window: 18, softCap: 2, hasSlopes: true, hasHoles: true),
  ]

  @Test func aHoleIsAsIfItWereNotThere() {
    var shape = Case(position: 30, rows: 4, hasHoles: true)
    let holes = AttentionFixture(shape).run(.reference, rows: 0..<4)
    shape.hasHoles = false
    let none = AttentionFixture(shape).run(.reference, rows: 0..<4)
    #expect(zip(holes, none).allSatisfy { $0 != $1 })
  }

  @Test(arguments: cases) func twinsMatchTheReference(shape: Case) {
    let fixture = AttentionFixture(shape)
    let expected = fixture.run(.reference, rows: 0..<shape.rows)
    // Positions that no row may see are NaN, so a finite result shows that they were not read.
    #expect(expected.allSatisfy { $0.isFinite })
    for twin in AttentionFixture.Kernel.available where twin != .reference {
      let found = fixture.run(twin, rows: 0..<shape.rows)
      expectClose(found, expected, tolerance: 1e-5)
      // A row's bits do not depend on the rows beside it.
      let width = shape.queryHeads * shape.headDim
      for row in 0..<shape.rows {
        let alone = fixture.run(twin, rows: row..<row + 1)
        let own = row * width..<(row + 1) * width
        #expect(alone[own] == found[own])
      }
    }
  }
}

/// Queries, and a cache in which positions that no row sees are NaN.
private final class AttentionFixture {
  enum Kernel {
    case reference
    case avx2
    case avx512

    static var available: [Kernel] {
      let level = ais_active_isa().rawValue
      var kernels = [Kernel.reference]
      if level >= AIS_ISA_AVX2.rawValue { kernels.append(.avx2) }
      if level >= AIS_ISA_AVX512.rawValue { kernels.append(.avx512) }
      return kernels
    }
  }

  private let shape: AttentionTests.Case
  private let qkv: HostBuffer
  private let scratch: HostBuffer
  private let keys: HostBuffer
  private let values: HostBuffer
  private let slopes: HostBuffer
  private var exitLayers: [Int32] = []
  private let capacity: Int
  private var random = SplitMix64(seed: 6)

  init(_ shape: AttentionTests.Case) {
    self.shape = shape
    let total = shape.position + shape.rows
    capacity = (total + 15) / 16 * 16 + 16
    let stride = ais_value_stride(shape.headDim)
    let keyCount = shape.kvHeads * capacity * shape.headDim
    keys = HostBuffer([Float](repeating: .nan, count: keyCount))
    values = HostBuffer([Float](repeating: .nan, count: shape.kvHeads * capacity * stride))
    let rowWidth = (shape.queryHeads + 2 * shape.kvHeads) * shape.headDim
    qkv = HostBuffer([Float](repeating: 0, count: shape.rows * rowWidth))
    slopes = HostBuffer((0..<shape.queryHeads).map { 0.5 / Float($0 + 1) })
    var heads = ais_heads()
    heads.head_dim = shape.headDim
    var span = ais_span()
    span.capacity = capacity
    scratch = HostBuffer(
      [Float](repeating: .nan, count: ais_attention_scratch(&heads, &span, 1)))
    for index in 0..<shape.rows * rowWidth { qkv.floats[index] = number() }
    // Before the rows, two positions of three are holes of this layer or of a later one.
    exitLayers = (0..<capacity).map { position in
      position >= shape.position || position % 3 == 0 ? .max : Int32(3 + position % 3)
    }
    for head in 0..<shape.kvHeads {
      for position in 0..<total {
        let block = (head * capacity + position / 16 * 16) * shape.headDim
        for d in 0..<shape.headDim { keys.floats[block + d * 16 + position % 16] = number() }
        for d in 0..<stride { values.floats[(head * capacity + position) * stride + d] = number() }
        // The contents of holes must not matter if they are finite.
        if shape.hasHoles, exitLayers[position] <= 4 {
          for d in 0..<shape.headDim { keys.floats[block + d * 16 + position % 16] = 1e9 }
        }
      }
    }
  }

  private func number() -> Float { Float(random.unit() * 4 - 2) }

  func run(_ kernel: Kernel, rows: Range<Int>) -> [Float] {
    var heads = ais_heads()
    heads.query_heads = shape.queryHeads
    heads.kv_heads = shape.kvHeads
    heads.head_dim = shape.headDim
    heads.scale = 0.3
    heads.window = shape.window
    heads.soft_cap = shape.softCap
    if shape.hasSlopes { heads.slopes = UnsafePointer(slopes.floats) }
    var span = ais_span()
    span.row_count = shape.rows
    span.position = shape.position
    span.capacity = capacity
    span.keys = keys.floats
    span.values = values.floats
    span.layer = 4
    return exitLayers.withUnsafeBufferPointer { exits in
      if shape.hasHoles { span.exit_layers = exits.baseAddress }
      return run(kernel, rows: rows, heads: &heads, span: &span)
    }
  }

  private func run(
    _ kernel: Kernel, rows: Range<Int>, heads: inout ais_heads, span: inout ais_span
  ) -> [Float] {
    let count = shape.rows * shape.queryHeads * shape.headDim
    let out = HostBuffer([Float](repeating: 0, count: count))
    for head in 0..<shape.kvHeads {
      switch kernel {
      case .reference:
        ais_attention_tile_f32_ref(
          &heads, qkv.floats, &span, head, rows.lowerBound, rows.upperBound, keys.floats,
          out.pointer, AIS_F32, scratch.floats)
      case .avx2:
        ais_attention_tile_f32_avx2(
          &heads, qkv.floats, &span, head, rows.lowerBound, rows.upperBound, keys.floats,
          out.pointer, AIS_F32, scratch.floats)
      case .avx512:
        ais_attention_tile_f32_avx512(
          &heads, qkv.floats, &span, head, rows.lowerBound, rows.upperBound, keys.floats,
          out.pointer, AIS_F32, scratch.floats)
      }
    }
    return Array(UnsafeBufferPointer(start: out.floats, count: count))
  }
}
