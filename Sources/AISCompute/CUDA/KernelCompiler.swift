import CAISCUDA
import Foundation

/// NVRTC, CUDA's compiler for kernels: a library that needs no GPU.
package final class KernelCompiler: @unchecked Sendable {
  // The library's functions may be called by any thread.
  private let library: OpaquePointer
  /// Its version: `13.0`.
  package let version: String

  private init(_ library: OpaquePointer) {
    self.library = library
    version = EngineError.cudaVersion(ais_nvrtc_version(library))
  }

  /// Names of the library, the newest first.
  private static let names = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"]

  /// Opens the first library that one of the folders or the system has.
  ///
  /// - Throws: `EngineError` if none can be opened.
  package static func open(in folders: [URL]) throws(EngineError) -> KernelCompiler {
    var text = [CChar](repeating: 0, count: 512)
    var firstReason: String?
    for path in sharedLibraries(names, in: folders) {
      if let library = ais_nvrtc_open(path, &text, text.count) { return KernelCompiler(library) }
      let reason = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      firstReason = firstReason ?? String(decoding: reason, as: UTF8.self)
    }
    throw EngineError(
      engine: EngineError.cuda, operation: "opening the kernels' compiler",
      reason: firstReason ?? "no \(names[0])")
  }

  /// Compiles a file of kernels.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - architecture: `sm_90`, for example.
  ///   - type: the type of products, of which only that of activations matters.
  /// - Returns: machine code for the architecture, or a text that the driver translates, if the file
  ///   calls the driver's own functions.
  /// - Throws: `EngineError` with the compiler's messages.
  package func compile(
    _ file: KernelFile, architecture: String, type: ComputeType
  ) throws(EngineError) -> [UInt8] {
    let headers = KernelFile.headers
    let isText = file.callsDriver
    let target = isText ? architecture.replacing("sm_", with: "compute_") : architecture
    let options =
      ["-arch=\(target)", "-std=c++17"] + type.kernelOptions + (isText ? ["-rdc=true"] : [])
    var result = Self.withCStrings(headers.map(\.text)) { texts in
      Self.withCStrings(headers.map(\.name)) { names in
        Self.withCStrings(options) { options in
          ais_nvrtc_compile(
            library, file.text, file.name, Int32(texts.count), texts, names, Int32(options.count),
            options, isText ? 1 : 0)
        }
      }
    }
    defer { ais_nvrtc_release(&result) }
    guard result.code == 0, let image = result.image else {
      throw EngineError(
        engine: EngineError.cuda, operation: "compiling \(file.name) for \(architecture)",
        reason: result.log.map { String(cString: $0) } ?? "code \(result.code)")
    }
    return Array(UnsafeRawBufferPointer(start: image, count: result.image_size))
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) })
  }
}

/// Where a shared library of one of these names may lie: files in the folders, then the names alone,
/// which the system looks for.
func sharedLibraries(_ names: [String], in folders: [URL]) -> [String] {
  folders.flatMap { folder in names.map { folder.appendingPathComponent($0).path } }
    .filter { FileManager.default.fileExists(atPath: $0) } + names
}

/// A source file of kernels, or a file that they include.
package struct KernelFile: Sendable {
  package let name: String
  package let text: String

  package init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// The kernels that it declares: `KERNEL(256) name(`.
  package var kernels: [String] {
    text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("KERNEL("), let bounds = line.firstRange(of: ") ") else { return nil }
      return String(line[bounds.upperBound...].prefix { $0 != "(" })
    }
  }

  /// Whether its kernels serve a type.
  ///
  /// A file that doesn't serve all says so in its first line.
  package func serves(_ type: ComputeType) -> Bool {
    guard text.hasPrefix("// Needs: ") else { return true }
    let needs = text.prefix { $0 != "\n" }
    return (!needs.contains("16-bit") || type.hasNarrowActivations)
      && (!needs.contains("quantized") || type.isQuantized)
  }

  /// Whether its kernels call functions of the driver, which only newer drivers have.
  package var callsDriver: Bool { text.hasPrefix("// Needs: branches") }

  /// The files of kernels.
  package static let all = files(ais_cuda_kernel_list())
  /// What they include.
  package static let headers = files(ais_cuda_header_list())
  /// A hash of all sources.
  package static let digest = String(
    StableHash.of((headers + all).map(\.text).joined().utf8), radix: 16)

  private static func files(_ list: UnsafePointer<ais_cuda_source>?) -> [KernelFile] {
    guard var next = list else { return [] }
    var files: [KernelFile] = []
    while let name = next.pointee.name, let text = next.pointee.text {
      files.append(KernelFile(name: String(cString: name), text: String(cString: text)))
      next += 1
    }
    return files
  }
}
