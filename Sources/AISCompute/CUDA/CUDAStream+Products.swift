import CAISCUDA

/// Products.
extension CUDAStream {
  /// The most rows of the kernels for few rows.
  ///
  /// For more, quantized weights are unpacked first.
  static let fewRows = FewProduct.mostRows

  func multiply(
    _ x: any DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: any DeviceBuffer,
    accumulate: Bool
  ) throws {
    try multiply(.activations(x), rows: rows, by: weights, accumulate ? .add(out) : .write(out))
  }

  func multiply(
    _ input: ProductInput, rows: Int, by weights: WeightMatrix, _ output: ProductOutput
  ) throws {
    guard let packed = weights.layout as? CUDAWeights else { throw EngineError.foreignWeights }
    if case .dense(let dense) = packed.layout,
      let product = FewProduct(dense.matrix, rows: rows, output.few, type)
    {
      return multiplyFew(product, input, bias: packed.bias, output)
    }
    let x = activations(input, rows: rows, width: weights.inputs).gpu.address
    switch output {
    case .write(let out):
      multiplyMany(x, rows: rows, by: weights, packed, into: out.gpu.address, accumulate: false)
    case .add(let out, nil):
      multiplyMany(x, rows: rows, by: weights, packed, into: out.gpu.address, accumulate: true)
    case .add(let out, let active?):
      multiplyMany(
        x, rows: rows, by: weights, packed, into: active.scratch.gpu.address, accumulate: false)
      add(active.scratch, to: out, width: weights.outputs, activeRowsOf: active.table)
    case .activate(let activation, let isGated, let wide, let out):
      let width = isGated ? weights.outputs / 2 : weights.outputs
      // The library can write the narrow type, of which less has to be written and read. It does not limit what
      // is too large for it.
      if type.hasNarrowActivations, type.hasWideRange, packed.bias == nil,
        rows > Self.fewRows,
        case .dense(let dense) = packed.layout,
        wideProduct(
          x, rows: rows, by: dense.matrix, into: wide.gpu.address, outStride: weights.outputs,
          as: .compute, accumulate: false)
      {
        return activate(
          "ais_activate_acts", wide, rows: rows, width: width, activation, isGated: isGated,
          into: out)
      }
      multiplyMany(x, rows: rows, by: weights, packed, into: wide.gpu.address, accumulate: false)
      activate(wide, rows: rows, width: width, activation, isGated: isGated, into: out)
    }
  }

  // MARK: Few rows

  private func multiplyFew(
    _ product: FewProduct, _ input: ProductInput, bias: CUDABuffer?, _ output: ProductOutput
  ) {
    var product = product
    product.arguments.bias = bias?.address ?? 0
    read(input, by: &product)
    switch output {
    case .write(let out):
      product.arguments.out = out.gpu.address
      product.launch(device)
    case .add(let out, let active):
      product.arguments.out = out.gpu.address
      product.arguments.table = active?.table.gpu.memory.address ?? 0
      device.hold(.sum(product, states: out.gpu.address))
    case .activate(let activation, _, _, let out):
      product.arguments.activation = Int32(activation.kernel.rawValue)
      product.arguments.acts = out.gpu.address
      product.launch(device)
    }
  }

  /// Sets what a product reads.
  ///
  /// States are multiplied by the norm's weights first: by the kernel that writes them, if that is held, or by one of
  /// its own. The product applies the norm's scale. Before that they may be too large for a type of a small range.
  private func read(_ input: ProductInput, by product: inout FewProduct) {
    let (rows, width) = (Int(product.arguments.rows), Int(product.arguments.inputs))
    guard case .states(let states, let norm?, let scratch, isKept: false) = input,
      type.hasWideRange, norm.kind == .rms, width.isMultiple(of: 8),
      rows * width / 2 <= squares.byteCount
    else {
      product.arguments.x = activations(input, rows: rows, width: width).gpu.address
      return
    }
    let (source, weight) = (states.gpu.address, norm.weight.gpu.address)
    let out = scratch.gpu.address
    product.arguments.x = out
    product.arguments.squares = squares.address
    product.arguments.epsilon = norm.epsilon
    let writer = device.takeHeld { held -> FewProduct? in
      if case .sum(let sum, source) = held, sum.arguments.rows == Int32(rows),
        sum.arguments.outputs == Int32(width)
      {
        sum
      } else {
        nil
      }
    }
    if var writer {
      writer.arguments.acts = out
      writer.arguments.next_weight = weight
      writer.arguments.next_squares = squares.address
      return writer.launch(device)
    }
    var arguments = ais_prepare_arguments()
    arguments.x = source
    arguments.weight = weight
    arguments.out = out
    arguments.squares = squares.address
    arguments.width = Int32(width)
    device.launch("ais_prepare", columns: rows, startsEarly: true, arguments)
  }

  // MARK: Many rows

  /// A product without what comes before and after it, of any number of rows.
  private func multiplyMany(
    _ x: ais_cuda_address, rows: Int, by weights: WeightMatrix, _ packed: CUDAWeights,
    into out: ais_cuda_address, accumulate: Bool
  ) {
    var target = ProductTarget(
      out: out, stride: weights.outputs, bias: packed.bias?.address ?? 0, accumulates: accumulate)
    switch packed.layout {
    case .dense(let dense):
      if rows > Self.fewRows {
        addBias(rows: rows, &target)
        multiplyWide(x, rows: rows, by: dense.matrix, target)
      } else {
        multiplyOwn(x, rows: rows, by: dense.matrix, target)
      }
    case .quantized(let parts):
      if rows > Self.fewRows {
        addBias(rows: rows, &target)
        multiplyUnpacked(x, rows: rows, by: parts, inputs: weights.inputs, target)
      } else {
        multiplyQuantized(x, rows: rows, by: parts, inputs: weights.inputs, target)
      }
    }
  }

  /// Adds a bias before the products that CUDA's library, which knows none, adds to it.
  private func addBias(rows: Int, _ target: inout ProductTarget) {
    guard target.bias != 0, device.hasMatrixLibrary else { return }
    var arguments = ais_bias_arguments()
    arguments.bias = target.bias
    arguments.out = target.out
    arguments.width = Int32(target.stride)
    arguments.accumulates = target.accumulates ? 1 : 0
    device.launch("ais_bias", columns: blocks(target.stride, of: 256), rows: rows, arguments)
    target.bias = 0
    target.accumulates = true
  }

  /// A product of many rows, by CUDA's library if it can.
  func multiplyWide(
    _ x: ais_cuda_address, rows: Int, by matrix: DenseMatrix, _ target: ProductTarget
  ) {
    if target.bias == 0,
      wideProduct(
        x, rows: rows, by: matrix, into: target.out, outStride: target.stride, as: .float32,
        accumulate: target.accumulates)
    {
      return
    }
    multiplyOwn(x, rows: rows, by: matrix, target)
  }

  /// A product by the engine's own kernels for any shape.
  private func multiplyOwn(
    _ x: ais_cuda_address, rows: Int, by matrix: DenseMatrix, _ target: ProductTarget
  ) {
    var arguments = ais_product_arguments()
    arguments.x = x
    arguments.weights = matrix.address
    arguments.bias = target.bias
    arguments.out = target.out
    arguments.rows = Int32(rows)
    arguments.inputs = Int32(matrix.inputs)
    arguments.outputs = Int32(matrix.outputs)
    arguments.stride = Int32(matrix.stride)
    arguments.out_stride = Int32(target.stride)
    arguments.accumulates = target.accumulates ? 1 : 0
    // Rows of activations lie close together, so they are aligned if their length is.
    let suffix = matrix.stride == matrix.inputs ? "" : "_unaligned"
    if rows <= Self.fewRows {
      device.launch(
        "ais_product_narrow" + suffix, columns: blocks(matrix.outputs, of: 8), arguments)
    } else {
      device.launch(
        "ais_product_wide" + suffix,
        columns: blocks(matrix.outputs, of: type.hasNarrowActivations ? 128 : 64),
        rows: blocks(rows, of: 64), arguments)
    }
  }
}

extension ProductOutput {
  /// What a kernel for few rows makes of it.
  fileprivate var few: FewProduct.Result {
    switch self {
    case .write, .activate(_, isGated: false, _, _): .write
    case .add: .add
    case .activate: .gate
    }
  }
}

/// Where a product goes, and what is added to it.
struct ProductTarget {
  /// Shape: [rows, stride] float32, of which the product's outputs are the first.
  var out: ais_cuda_address
  let stride: Int
  /// 0: none.
  var bias: ais_cuda_address
  /// The product is added to what is there.
  var accumulates: Bool

  /// The same from an output on.
  func from(_ output: Int) -> ProductTarget {
    var target = self
    target.out += UInt64(output * 4)
    if bias != 0 { target.bias += UInt64(output * 4) }
    return target
  }
}
