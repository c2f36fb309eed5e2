import AISKit
import CAISKernels
import TestSupport
import Testing

/// Products with weights as files store them, compared with plain sums of the dequantized numbers.
struct BlocksTests {
  @Test(arguments: StoredBlocks.types) func productsAreThoseOfTheWidenedNumbers(
    type: ElementType, kernel: ais_block_type
  ) throws {
    let (outputs, inputs, rows) = (11, 512, 6)
    let blocks = StoredBlocks.blocks(type, rows: outputs, inputs: inputs)
    let weights = try StoredBlocks.widened(type, blocks)
    let x = StoredBlocks.numbers(rows * inputs, seed: 3)
    let bias = StoredBlocks.numbers(outputs, seed: 4)
    let before = StoredBlocks.numbers(rows * outputs, seed: 5)
    let memory = HostBuffer(byteCount: ais_byte_rows_size(rows, inputs))
    let scratch = HostBuffer(byteCount: ais_blocks_scratch(inputs))
    x.withUnsafeBufferPointer { x in
      let byteRows = ais_round_rows(x.baseAddress, rows, inputs, memory.pointer)
      // The expected product uses the rounded rows, or the rows themselves.
      let used = (0..<rows * inputs).map { index in
        ais_blocks_round_input(kernel)
          ? Double(byteRows.scales[index / inputs * (inputs / 32) + index % inputs / 32])
            * Double(byteRows.bytes[index]) : Double(x[index])
      }
      for accumulate in [false, true] {
        let sums = (0..<rows * outputs).map { index -> (Double, size: Double) in
          let (row, output) = (index / outputs, index % outputs)
          var sum = (Double(bias[output]) + (accumulate ? Double(before[index]) : 0), size: 1.0)
          for k in 0..<inputs {
            let product = used[row * inputs + k] * Double(weights[output * inputs + k])
            sum.0 += product
            sum.size += abs(product)
          }
          return sum
        }
        var out = before
        // In two segments, as fused projections have them.
        let rowBytes = inputs / type.blockElements * type.blockBytes
        let parts = [
          StoredBlocks.held(Array(blocks[..<(7 * rowBytes)]), kernel, outputs: 7, inputs),
          StoredBlocks.held(Array(blocks[(7 * rowBytes)...]), kernel, outputs: 4, inputs),
        ]
        StoredBlocks.multiply(
          byteRows, by: parts, bias: bias, into: &out, accumulate: accumulate, scratch)
        for (index, sum) in sums.enumerated() {
          #expect(
            abs(Double(out[index]) - sum.0) <= 4e-6 * sum.size,
            "\(type) \(index): \(out[index]), expected \(sum.0)")
        }
      }
    }
  }

  /// Fused projections may be stored in different types, in panels of different widths.
  @Test func segmentsOfDifferentTypesStandSideBySide() {
    let (inputs, rows) = (512, 3)
    let outputs = [5, 17, 3, 30, 9]
    let kinds: [(ElementType, ais_block_type)] = [
      (.q4_K, AIS_BLOCKS_Q4_K), (.q4_1, AIS_BLOCKS_Q4_1), (.f16, AIS_BLOCKS_F16),
      (.q6_K, AIS_BLOCKS_Q6_K), (.q3_K, AIS_BLOCKS_Q3_K),
    ]
    let parts = zip(kinds, outputs).map { kind, count in
      StoredBlocks.held(
        StoredBlocks.blocks(kind.0, rows: count, inputs: inputs), kind.1, outputs: count, inputs)
    }
    let total = outputs.reduce(0, +)
    let (x, bias) = (
      StoredBlocks.numbers(rows * inputs, seed: 6), StoredBlocks.numbers(total, seed: 7)
    )
    let memory = HostBuffer(byteCount: ais_byte_rows_size(rows, inputs))
    let scratch = HostBuffer(byteCount: ais_blocks_scratch(inputs))
    x.withUnsafeBufferPointer { x in
      let byteRows = ais_round_rows(x.baseAddress, rows, inputs, memory.pointer)
      var together = [Float](repeating: 0, count: rows * total)
      StoredBlocks.multiply(
        byteRows, by: parts, bias: bias, into: &together, accumulate: false, scratch)
      var first = 0
      for (part, count) in zip(parts, outputs) {
        var alone = [Float](repeating: 0, count: rows * count)
        let own = Array(bias[first..<first + count])
        StoredBlocks.multiply(
          byteRows, by: [part], bias: own, into: &alone, accumulate: false, scratch)
        for row in 0..<rows {
          let place = row * total + first
          #expect(
            Array(together[place..<place + count])
              == Array(alone[row * count..<(row + 1) * count]))
        }
        first += count
      }
    }
  }

  @Test(arguments: StoredBlocks.types.filter { !ais_stored_interleaves($0.1) })
  func twinsStayNearTheSpecification(
    type: ElementType, kernel: ais_block_type
  ) {
    let (inputs, rows) = (768, 3)
    let blocks = StoredBlocks.blocks(type, rows: 4, inputs: inputs)
    let x = StoredBlocks.numbers(rows * inputs, seed: 9)
    let memory = HostBuffer(byteCount: ais_byte_rows_size(rows, inputs))
    let scratch = HostBuffer(byteCount: ais_blocks_scratch(inputs))
    x.withUnsafeBufferPointer { x in
      var byteRows = ais_round_rows(x.baseAddress, rows, inputs, memory.pointer)
      func run(_ function: Rows, _ count: Int) -> [Float] {
        var out = [Float](repeating: 0, count: rows * 4)
        function(kernel, blocks, count, &byteRows, nil, &out, 4, 0, scratch.pointer)
        return out
      }
      for count in 1...4 {
        let expected = run(ais_blocks_rows_ref, count)
        let tolerance = 1e-5 * (expected.map(abs).max() ?? 0) + 1e-3
        if ais_active_isa().rawValue >= AIS_ISA_AVX2.rawValue {
          expectClose(run(ais_blocks_rows_avx2, count), expected, tolerance: tolerance)
        }
      }
    }
  }

  private typealias Rows = (
    ais_block_type, UnsafeRawPointer?, Int, UnsafePointer<ais_byte_rows>?, UnsafePointer<Float>?,
    UnsafeMutablePointer<Float>?, Int, Int32, UnsafeMutableRawPointer?
  ) -> Void

  @Test(arguments: StoredBlocks.types.filter { ais_stored_interleaves($0.1) })
  func interleavedBlocksAreTheSameNumbers(type: ElementType, kernel: ais_block_type) {
    let (outputs, rows) = (37, 7)
    let inputs = type.blockElements == 256 ? 768 : 160
    let blocks = StoredBlocks.blocks(type, rows: outputs, inputs: inputs)
    let rowBytes = inputs / type.blockElements * type.blockBytes
    let (x, bias) = (
      StoredBlocks.numbers(rows * inputs, seed: 6), StoredBlocks.numbers(outputs, seed: 7)
    )
    let memory = HostBuffer(byteCount: ais_byte_rows_size(rows, inputs))
    let scratch = HostBuffer(byteCount: ais_blocks_scratch(inputs))
    func packed(_ width: Int) -> [UInt8] {
      StoredBlocks.interleaved(blocks, kernel, outputs: outputs, inputs, width)
    }
    x.withUnsafeBufferPointer { x in
      var byteRows = ais_round_rows(x.baseAddress, rows, inputs, memory.pointer)
      var expected = [Float](repeating: 2, count: rows * outputs)
      for first in stride(from: 0, to: outputs, by: 4) {
        blocks.withUnsafeBytes { blocks in
          bias.withUnsafeBufferPointer { bias in
            expected.withUnsafeMutableBufferPointer { out in
              ais_blocks_rows_ref(
                kernel, blocks.baseAddress.map { $0 + first * rowBytes },
                min(4, outputs - first), &byteRows, bias.baseAddress.map { $0 + first },
                out.baseAddress.map { $0 + first }, outputs, 1, scratch.pointer)
            }
          }
        }
      }
      let tolerance = 1e-5 * (expected.map(abs).max() ?? 0) + 1e-3
      for width in [8, 16] {
        var out = [Float](repeating: 2, count: rows * outputs)
        ais_stored_panels_of_width(
          width, kernel, packed(width), 0, ais_panel_count(outputs, width), outputs, &byteRows,
          bias, &out, outputs, 1)
        expectClose(out, expected, tolerance: tolerance)
      }
      var out = [Float](repeating: 2, count: rows * outputs)
      let own = StoredBlocks.held(blocks, kernel, outputs: outputs, inputs)
      StoredBlocks.multiply(byteRows, by: [own], bias: bias, into: &out, accumulate: true, scratch)
      expectClose(out, expected, tolerance: tolerance)
      if ais_active_isa().rawValue >= AIS_ISA_AVX2.rawValue {
        out = [Float](repeating: 2, count: rows * outputs)
        ais_stored_panels_avx2(
          kernel, packed(8), 0, ais_panel_count(outputs, 8), outputs, &byteRows, bias, &out,
          outputs, 1)
        expectClose(out, expected, tolerance: tolerance)
      }
    }
  }

  @Test func roundedRowsAreTheSameOnEveryProcessor() {
    let inputs = 160
    var x = StoredBlocks.numbers(inputs, seed: 1)
    for i in 32..<64 { x[i] = 0 }
    x[64] = -1000
    func run(_ function: Round) -> ([Int8], [Float], [Float], [Float]) {
      var bytes = [Int8](repeating: 1, count: inputs)
      var (scales, sums) = ([Float](repeating: 1, count: 8), [Float](repeating: 1, count: 8))
      var halves = [Float](repeating: 1, count: 16)
      function(x, inputs, &bytes, &scales, &sums, &halves)
      return (bytes, scales, sums, halves)
    }
    let expected = run(ais_round_row_ref)
    #expect(expected.0[64] == -127 && expected.1[1] == 0 && expected.1[5] == 0)
    guard ais_active_isa().rawValue >= AIS_ISA_AVX2.rawValue else { return }
    #expect(run(ais_round_row_avx2) == expected)
  }

  private typealias Round = (
    UnsafePointer<Float>?, Int, UnsafeMutablePointer<Int8>?, UnsafeMutablePointer<Float>?,
    UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?
  ) -> Void

  @Test func rowsDoNotDependOnTheirNeighboursOrThreads() {
    let (outputs, inputs, rows) = (530, 256, 40)
    let x = StoredBlocks.numbers(rows * inputs, seed: 2)
    let before = Threads.count
    defer { Threads.count = before }
    for (type, kernel) in StoredBlocks.types where [.f16, .q4_1, .q4_K, .q6_K].contains(type) {
      let blocks = StoredBlocks.blocks(type, rows: outputs, inputs: inputs)
      let weights = StoredBlocks.held(blocks, kernel, outputs: outputs, inputs)
      func product(_ first: Int, _ count: Int, threads: Int) -> [Float] {
        Threads.count = threads
        let memory = HostBuffer(byteCount: ais_byte_rows_size(count, inputs))
        let scratch = HostBuffer(byteCount: threads * ais_blocks_scratch(inputs))
        var out = [Float](repeating: 0, count: count * outputs)
        x.withUnsafeBufferPointer { x in
          let rounded = ais_round_rows(
            x.baseAddress.map { $0 + first * inputs }, count, inputs, memory.pointer)
          StoredBlocks.multiply(
            rounded, by: [weights], bias: nil, into: &out, accumulate: false, scratch,
            threads: threads)
        }
        return out
      }
      let all = product(0, rows, threads: 2)
      #expect(product(0, rows, threads: 1) == all, "\(type)")
      #expect(product(0, rows, threads: 7) == all, "\(type)")
      for (first, count) in [(0, 1), (13, 1), (20, 7)] {
        #expect(
          product(first, count, threads: 2)
            == Array(all[first * outputs..<(first + count) * outputs]), "\(type)")
      }
    }
  }

  /// The largest numbers of each type don't overflow integer sums.
  @Test(arguments: StoredBlocks.types.filter { ais_stored_interleaves($0.1) })
  func theLargestWholeNumbersFit(type: ElementType, kernel: ais_block_type) throws {
    let (outputs, inputs, rows) = (9, 256, 5)
    var blocks = [UInt8](
      repeating: type == .q8_0 ? 0x80 : 0xff,
      count: outputs * inputs / type.blockElements * type.blockBytes)
    // Scales of blocks are one and minima zero. Scales of sub-blocks are the largest possible.
    for block in stride(from: 0, to: blocks.count, by: type.blockBytes) {
      let scale = type == .q6_K ? 208 : 0
      (blocks[block + scale], blocks[block + scale + 1]) = (0, 0x3c)
      if type == .q6_K { for i in 192..<208 { blocks[block + i] = 0x80 } }
      if [.q4_1, .q5_1, .q4_K, .q5_K].contains(type) {
        (blocks[block + 2], blocks[block + 3]) = (0, 0)
      }
    }
    let weight = try StoredBlocks.widened(type, blocks)[0]
    let own = StoredBlocks.held(blocks, kernel, outputs: outputs, inputs)
    let memory = HostBuffer(byteCount: ais_byte_rows_size(rows, inputs))
    let scratch = HostBuffer(byteCount: ais_blocks_scratch(inputs))
    for number in [Float(127), -127] {
      let x = [Float](repeating: number, count: rows * inputs)
      var out = [Float](repeating: 0, count: rows * outputs)
      x.withUnsafeBufferPointer { x in
        let byteRows = ais_round_rows(x.baseAddress, rows, inputs, memory.pointer)
        StoredBlocks.multiply(
          byteRows, by: [own], bias: nil, into: &out, accumulate: false, scratch)
      }
      let expected = number * weight * Float(inputs)
      for value in out { #expect(abs(value - expected) <= 1e-5 * abs(expected)) }
    }
  }
}
