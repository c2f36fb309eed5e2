import AISKit
import Dispatch
import Synchronization

/// The line that a run prints about its device.
package enum DeviceRemark {
  /// How long the driver may take to list its GPUs.
  private static let seconds = 1.0

  /// What a run says about its device.
  ///
  /// - Parameters:
  ///   - device: what computes.
  ///   - type: the number format of the run.
  ///   - hasGPU: whether there is a GPU.
  /// - Returns: the line; `nil` if a run on the processor has no choice.
  package static func line(
    _ device: ComputeDevice, _ type: ComputeType, hasGPU: () -> Bool = Self.hasGPU
  ) -> String? {
    guard device.option == .cpu else { return "  device   \(device.name)" }
    guard DeviceName.cuda.computeTypes.contains(type), hasGPU() else { return nil }
    return "  device   \(device.name) (a GPU is here: DEVICE=\(DeviceName.cuda.rawValue))"
  }

  /// Whether the driver lists a GPU; false if it does not answer soon.
  package static func hasGPU() -> Bool {
    let answer = Answer()
    DispatchQueue.global().async {
      answer.hasGPU.store((try? GPU.all())?.isEmpty == false, ordering: .sequentiallyConsistent)
      answer.isThere.signal()
    }
    return answer.isThere.wait(timeout: .now() + seconds) == .success
      && answer.hasGPU.load(ordering: .sequentiallyConsistent)
  }

  private final class Answer: Sendable {
    let hasGPU = Atomic(false)
    let isThere = DispatchSemaphore(value: 0)
  }
}
