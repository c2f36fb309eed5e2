import AISKit
import TestSupport
import Testing

/// The matrix engines, compared with plain loops, and the conditions under which results are the
/// same bits.
struct EngineTests {
  private func model(_ shape: SyntheticModel, _ engine: any MatrixEngine) throws -> DecoderModel {
    let folder = try TemporaryFolder()
    let path = try folder.write(shape.bytes(), as: "model.gguf")
    return try DecoderModel.load(Checkpoint.open(path: path), backend: CPUBackend(engine: engine))
  }

  private func logits(_ model: DecoderModel, _ tokens: [Int32]) throws -> [Float] {
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(PackedTokens(tokens), in: &context, logits: .all)
    return (0..<context.logitRows).flatMap { context.logits(row: $0) }
  }

  @Test(arguments: ["llama", "qwen2", "qwen3"])
  func enginesAgreeWithPlainLoops(architecture: String) throws {
    let shape = SyntheticModel { $0.architecture = architecture }
    let tokens = shape.tokens(33)
    let reference = try logits(model(shape, ReferenceEngine()), tokens)
    let engines: [any MatrixEngine] = [
      PanelEngine(type: .f32), OpenBLASEngine(), try OneDNNEngine(type: .f32),
    ]
    for engine in engines {
      expectClose(try logits(model(shape, engine), tokens), reference, tolerance: 1e-4)
    }
  }

  @Test func bfloat16StaysNearFloat32() throws {
    let shape = SyntheticModel()
    let tokens = shape.tokens(33)
    let reference = try logits(model(shape, ReferenceEngine()), tokens)
    let half = try logits(shape.load(type: .bf16), tokens)
    let spread = reference.map(abs).max() ?? 0
    // bfloat16 has 8 significant bits; the errors of five layers stay well under 5 %.
    expectClose(half, reference, tolerance: 0.05 * spread)
    #expect(half != reference)
  }

  @Test func bfloat16IsTheSameNumbersWhereItIsWidened() throws {
    let shape = SyntheticModel { $0.architecture = "qwen2" }
    let tokens = shape.tokens(33)
    let widened = try logits(model(shape, WidenedEngine(OneDNNEngine(type: .f32))), tokens)
    let spread = widened.map(abs).max() ?? 0
    // Sums in another order change some roundings.
    expectClose(
      try logits(model(shape, WidenedEngine(ReferenceEngine())), tokens), widened,
      tolerance: 0.01 * spread)
    expectClose(try logits(shape.load(type: .bf16), tokens), widened, tolerance: 0.01 * spread)
  }

  @Test func widenedProductsAreExactOnSmallNumbers() throws {
    let engine = WidenedEngine(OpenBLASEngine())
    // 1 + 2^−9 rounds to 1 in bfloat16.
    let source = WeightSource(outputs: 1, inputs: 3) { _, target in
      for (i, weight) in [1 + 0x1p-9, 2, -3].enumerated() { target[i] = Float(weight) }
    }
    let packed = try engine.pack(source)
    let input = HostBuffer([1, 2, 5])
    let output = HostBuffer([7])
    let plans = engine.makePlans()
    try plans.multiply(
      input.pointer, rows: 1, by: packed, into: output.floats, accumulate: true)
    // 7 + 1·1 + 2·2 − 3·5
    #expect(output.floats[0] == -3)
  }

  @Test func wholeNumbersMultiplyWithoutOverflow() throws {
    // All magnitudes are a row's largest, so nothing is rounded. All signs agree.
    let engine = Int8Engine()
    let (rows, inputs, outputs) = (19, 1_030, 70)
    let packed = try engine.pack(
      WeightSource(outputs: outputs, inputs: inputs) { range, target in
        for (place, output) in range.enumerated() {
          for k in 0..<inputs {
            target[place * inputs + k] = (output + k / 2).isMultiple(of: 2) ? 3 : -3
          }
        }
      })
    let signs = (0..<rows * inputs).map { Float(($0 / inputs + $0 % inputs / 2) % 2 == 0 ? 1 : -1) }
    let (input, output) = (HostBuffer(signs), HostBuffer(byteCount: rows * outputs * 4))
    try engine.makePlans().multiply(
      input.pointer, rows: rows, by: packed, into: output.floats, accumulate: false)
    for row in 0..<rows {
      for column in 0..<outputs {
        let expected = Float((row + column).isMultiple(of: 2) ? 3 * inputs : -3 * inputs)
        #expect(abs(output.floats[row * outputs + column] - expected) < 0.01)
      }
    }
  }

  @Test(arguments: [ComputeType.int8, .native])
  func fewBitsStayNearFloat32(type: ComputeType) throws {
    let shape = SyntheticModel()
    let tokens = shape.tokens(33)
    let reference = try logits(model(shape, ReferenceEngine()), tokens)
    let found = try logits(shape.load(type: type), tokens)
    // Weights of the synthetic model are floats, so native products don't round them.
    let spread = reference.map(abs).max() ?? 0
    expectClose(found, reference, tolerance: type == .int8 ? 0.1 * spread : 1e-4)
    if type == .int8 { #expect(found != reference) }
  }

  @Test func oneProductAddsItsBiasAndAccumulates() throws {
    let engines: [any MatrixEngine] = [
      ReferenceEngine(), PanelEngine(type: .f32), OpenBLASEngine(), try OneDNNEngine(type: .f32),
    ]
    let (rows, inputs, outputs) = (3, 5, 4)
    let weights = (0..<outputs * inputs).map { Float($0 % 7) - 3 }
    let bias: [Float] = [0.5, -1, 2, 0]
    let x = (0..<rows * inputs).map { Float($0 % 5) - 1 }
    for engine in engines {
      let source = WeightSource(outputs: outputs, inputs: inputs, bias: bias) { range, target in
        for (i, row) in range.enumerated() {
          for k in 0..<inputs { target[i * inputs + k] = weights[row * inputs + k] }
        }
      }
      let packed = try engine.pack(source)
      let plans = engine.makePlans()
      let output = HostBuffer([Float](repeating: 10, count: rows * outputs))
      let input = HostBuffer(x)
      for (pass, accumulate) in [false, true].enumerated() {
        try plans.multiply(
          input.pointer, rows: rows, by: packed, into: output.floats, accumulate: accumulate)
        for row in 0..<rows {
          for column in 0..<outputs {
            let product = (0..<inputs).reduce(Float(0)) {
              $0 + x[row * inputs + $1] * weights[column * inputs + $1]
            }
            let expected = Float(pass + 1) * (product + bias[column])
            #expect(
              output.floats[row * outputs + column] == expected,
              "\(engine.name), accumulate \(accumulate)")
          }
        }
      }
    }
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    let shape = SyntheticModel {
      $0.hidden = 96
      $0.intermediate = 256
      $0.vocabulary = 500
    }
    let before = Threads.count
    defer { Threads.count = before }
    for type in CPUBackend.types {
      let model = try shape.load(type: type)
      let tokens = shape.tokens(150)
      Threads.count = 1
      let one = try logits(model, tokens)
      Threads.count = 2
      #expect(try logits(model, tokens) == one)
      Threads.count = 5
      #expect(try logits(model, tokens) == one)
    }
  }
}
