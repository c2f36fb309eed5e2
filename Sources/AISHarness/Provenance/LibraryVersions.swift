import AISKit
import FAISS
import Foundation
import HDF5

/// What this process computes with: libraries, compiler, device and kernels.
///
/// oneDNN and OpenBLAS are looked up by name in the loaded process. So the answer is what really
/// ran, and the harness need not link a library to name it. HDF5's first call must keep it from
/// tidying up at exit, which only its own module ensures. FAISS tells its version only in its
/// headers, which come with the library that is linked into the executable.
public enum LibraryVersions {
  /// Every fact that is known, as `name version`.
  ///
  /// Libraries come first, then the Swift compiler that built the executable, the device and the
  /// kernels; `ComputeFacts` reads them again.
  public static func loaded(device: ComputeDevice = .processor) -> [String] {
    [
      ("HDF5", HDF5Version.loaded()), ("oneDNN", oneDNN()), ("OpenBLAS", openBLAS()),
      ("FAISS", FAISSVersion.linked), ("Swift", compiler),
      (ComputeFacts.device, device.name),
      (ComputeFacts.kernels, device.gpuKernels.map { "cuda \($0)" } ?? kernels),
      ("bf16-products", device.gpuKernels == nil ? BFloat16Tuning.kernelsInUse : nil),
    ]
    .compactMap { name, version in version.map { "\(name) \($0)" } }
  }

  // An executable does not change while it runs.
  private static let compiler = SwiftCompiler.version(thatBuilt: OwnExecutable.file)

  /// The instruction set of the kernels in use, and the first digits of their sources' digest.
  private static var kernels: String {
    "\(Threads.instructionSet) \(KernelSources.own?.prefix(12) ?? "unknown")"
  }

  private static func oneDNN() -> String? {
    // dnnl_version_t begins with the three numbers as C ints.
    typealias Function = @convention(c) () -> UnsafePointer<Int32>?
    guard let numbers = symbol("dnnl_version", as: Function.self)?() else { return nil }
    return "\(numbers[0]).\(numbers[1]).\(numbers[2])"
  }

  private static func openBLAS() -> String? {
    typealias Function = @convention(c) () -> UnsafePointer<CChar>?
    guard let text = symbol("openblas_get_config", as: Function.self)?() else { return nil }
    let words = String(cString: text).split(separator: " ")
    return words.first == "OpenBLAS" && words.count > 1 ? String(words[1]) : nil
  }

  private static func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
    guard let program = dlopen(nil, RTLD_LAZY) else { return nil }
    defer { dlclose(program) }
    return dlsym(program, name).map { unsafeBitCast($0, to: type) }
  }
}
