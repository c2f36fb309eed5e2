import Foundation
import HDF5

/// The versions of the C libraries that this process has loaded.
///
/// All but HDF5 are looked up by name in the loaded process. So the answer is what really ran, and
/// the harness need not link a library to name it. HDF5's first call must keep it from tidying up
/// at exit, which only its own module ensures.
public enum LibraryVersions {
  /// Every known library that is loaded, as `name version`.
  public static func loaded() -> [String] {
    [("HDF5", HDF5Version.loaded()), ("oneDNN", oneDNN()), ("OpenBLAS", openBLAS())]
      .compactMap { name, version in version.map { "\(name) \($0)" } }
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
