import CAISCUDA

/// What works on single rows or numbers.
extension CUDAStream {
  func normalize(
    _ x: any DeviceBuffer, rows: Int, by norm: NormWeights, into out: any DeviceBuffer,
    as output: OutputType
  ) {
    var arguments = ais_norm_arguments()
    arguments.x = x.gpu.address
    arguments.weight = norm.weight.gpu.address
    // An RMSNorm has no bias.
    arguments.bias = norm.kind == .layer ? norm.bias?.gpu.address ?? 0 : 0
    switch output {
    case .float32: arguments.floats = out.gpu.address
    case .compute: arguments.acts = out.gpu.address
    }
    arguments.width = Int32(norm.width)
    arguments.centers = norm.kind == .layer ? 1 : 0
    arguments.epsilon = norm.epsilon
    device.launch("ais_normalize", columns: rows, startsEarly: true, arguments)
  }

  private func launch(
    _ name: String, count: Int, _ set: (inout ais_elements_arguments) -> Void
  ) {
    var arguments = ais_elements_arguments()
    arguments.count = Int64(count)
    set(&arguments)
    device.launch(name, columns: min(blocks(count, of: 256), 4_096), arguments)
  }

  func convert(_ x: any DeviceBuffer, count: Int, into out: any DeviceBuffer) {
    launch("ais_convert", count: count) {
      $0.x = x.gpu.address
      $0.out = out.gpu.address
    }
  }

  func activate(
    _ x: any DeviceBuffer, rows: Int, width: Int, _ activation: Activation, isGated: Bool,
    into out: any DeviceBuffer
  ) {
    activate(
      "ais_activate", x, rows: rows, width: width, activation, isGated: isGated, into: out)
  }

  /// `kernel` says of which type the numbers of `x` are.
  func activate(
    _ kernel: String, _ x: any DeviceBuffer, rows: Int, width: Int, _ activation: Activation,
    isGated: Bool, into out: any DeviceBuffer
  ) {
    var arguments = ais_activate_arguments()
    arguments.x = x.gpu.address
    arguments.out = out.gpu.address
    arguments.width = Int32(width)
    arguments.activation = Int32(activation.kernel.rawValue)
    arguments.gated = isGated ? 1 : 0
    let each = width.isMultiple(of: Int(ais_activated)) ? Int(ais_activated) : 1
    device.launch(
      kernel, columns: blocks(width, of: 256 * each), rows: rows, startsEarly: true, arguments)
  }

  func add(_ x: any DeviceBuffer, to out: any DeviceBuffer, count: Int) {
    launch("ais_add", count: count) {
      $0.x = out.gpu.address
      $0.y = x.gpu.address
    }
  }

  func add(
    _ x: any DeviceBuffer, to out: any DeviceBuffer, width: Int, activeRowsOf table: any RowTable
  ) {
    var arguments = ais_add_active_arguments()
    arguments.x = out.gpu.address
    arguments.y = x.gpu.address
    arguments.table = table.gpu.memory.address
    arguments.width = Int32(width)
    device.launch(
      "ais_add_active", columns: blocks(width, of: 256), rows: table.gpu.count, arguments)
  }

  func clear(_ x: any DeviceBuffer, count: Int) { device.clear(count * 4, at: x.gpu.address) }

  func softCap(_ x: any DeviceBuffer, cap: Float, count: Int) {
    launch("ais_soft_cap", count: count) {
      $0.x = x.gpu.address
      $0.a = cap
    }
  }

  func blend(_ x: any DeviceBuffer, with before: any DeviceBuffer, alpha: Float, count: Int) {
    launch("ais_blend", count: count) {
      $0.x = x.gpu.address
      $0.y = before.gpu.address
      $0.a = alpha
    }
  }

  func argmax(_ x: any DeviceBuffer, rows: Int, width: Int, into out: any DeviceBuffer) {
    let parts = min(blocks(width, of: 2_048), 64)
    var arguments = ais_argmax_arguments()
    arguments.x = x.gpu.address
    arguments.out = out.gpu.address
    arguments.partial = scratch(.partialLargest, byteCount: 2 * rows * parts * 4).address
    arguments.arrivals = counters(rows).address
    arguments.width = Int32(width)
    device.launch("ais_argmax", columns: parts, rows: rows, arguments)
  }
}
