import CAISKernels

/// The outcome of comparing an operation of a device with the reference.
package struct DeviceCheck: Sendable {
  /// The operation and its shape.
  package let name: String
  /// The largest difference, divided by the reference's largest magnitude; 0 or 1 for what must be equal.
  package let error: Double
  /// The largest error that passes.
  package let tolerance: Double

  /// A comparison and its outcome.
  package init(name: String, error: Double, tolerance: Double) {
    (self.name, self.error, self.tolerance) = (name, error, tolerance)
  }

  /// Whether the error is a number within the tolerance.
  package var passes: Bool { error <= tolerance }
}

/// Runs operations on a device and on the reference, on the same random numbers, and compares.
///
/// A device with 16-bit activations gets numbers that these can hold, and the reference gets weights as the device's
/// products read them. So only orders of sums and rounded outputs differ.
final class DeviceBench {
  let backend: any Backend
  let reference: any Backend
  let stream: any ComputeStream
  let plain: any ComputeStream
  private(set) var checks: [DeviceCheck] = []
  var random = SplitMix64(seed: 1)

  init(_ backend: any Backend, _ reference: any Backend) {
    (self.backend, self.reference) = (backend, reference)
    (stream, plain) = (backend.makeStream(), reference.makeStream())
  }

  var isNarrow: Bool { backend.computeType == .bf16 || backend.activationBytes == 2 }

  /// What rounding an output to the compute type may change.
  var outputTolerance: Double { isNarrow ? 5e-3 : 2e-6 }

  // MARK: Numbers

  /// Numbers between −1 and 1 that the compute type can hold.
  func numbers(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      let value = Float(random.unit() * 2 - 1)
      if backend.computeType == .f16 { return (value * 1_024).rounded() / 1_024 }
      return isNarrow ? Float(bitPattern: value.bitPattern & 0xFFFF_0000) : value
    }
  }

  /// The same numbers on the device and in the reference.
  struct Twins {
    let device: any DeviceBuffer
    let plain: any DeviceBuffer
  }

  func twins(_ values: [Float]) -> Twins {
    Twins(device: backend.makeBuffer(values), plain: reference.makeBuffer(values))
  }

  /// The same integers on both.
  func twins(_ values: [Int32]) -> Twins {
    let both = empty(values.count)
    stream.upload(values, into: both.device)
    plain.upload(values, into: both.plain)
    return both
  }

  /// Room for `count` numbers of four bytes on both.
  func empty(_ count: Int) -> Twins {
    Twins(
      device: backend.makeBuffer(byteCount: count * 4),
      plain: reference.makeBuffer(byteCount: count * 4))
  }

  /// The numbers in the compute type on both.
  func activations(_ values: [Float]) -> Twins {
    let (floats, out) = (twins(values), empty(values.count))
    stream.convert(floats.device, count: values.count, into: out.device)
    plain.convert(floats.plain, count: values.count, into: out.plain)
    return out
  }

  /// The device's numbers of a type.
  func read(_ buffer: any DeviceBuffer, _ count: Int, _ type: OutputType) throws -> [Float] {
    guard type == .compute, backend.activationBytes == 2 else {
      return try stream.download(buffer, byteCount: count * 4).floats
    }
    let pairs = try stream.download(buffer, byteCount: (count + 1) / 2 * 4).integers
    var found = [Float](repeating: 0, count: count)
    pairs.withUnsafeBytes { bytes in
      if backend.computeType == .f16 {
        ais_dequantize_f16(bytes.baseAddress, &found, count)
      } else {
        ais_dequantize_bf16(bytes.baseAddress, &found, count)
      }
    }
    return found
  }

  // MARK: Comparisons

  /// Compares `count` numbers.
  func compare(
    _ name: String, _ both: Twins, _ count: Int, _ type: OutputType = .float32,
    within tolerance: Double
  ) throws {
    let found = try read(both.device, count, type)
    let expected = try plain.download(both.plain, byteCount: count * 4).floats
    let largest = expected.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
    var error = 0.0
    for (a, b) in zip(found, expected) {
      let difference = Double(abs(a - b) / largest)
      // A difference that is no number must not pass.
      error = difference.isNaN ? .infinity : max(error, difference)
    }
    checks.append(DeviceCheck(name: name, error: error, tolerance: tolerance))
  }

  /// Compares integers, which must be equal.
  func compareIntegers(_ name: String, _ both: Twins, _ count: Int) throws {
    let found = try stream.download(both.device, byteCount: count * 4).integers
    let expected = try plain.download(both.plain, byteCount: count * 4).integers
    require(name, found == expected)
  }

  /// Notes whether something that must hold does.
  func require(_ name: String, _ holds: Bool) {
    checks.append(DeviceCheck(name: name, error: holds ? 0 : 1, tolerance: 0))
  }
}
