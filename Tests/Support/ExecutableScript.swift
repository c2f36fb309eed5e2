import Foundation

/// Writes an executable shell script, replacing an existing file; folders that are missing are made.
public func writeScript(_ body: String, to file: URL) throws {
  let files = FileManager.default
  let folder = file.deletingLastPathComponent()
  try files.createDirectory(at: folder, withIntermediateDirectories: true)
  // Copied by another process: if a test forked while this one had the file open for writing, the
  // script could not be executed.
  let source = folder.appendingPathComponent("script-\(UUID().uuidString)").path
  try Data("#!/bin/sh\n\(body)\n".utf8).write(to: URL(fileURLWithPath: source))
  defer { try? files.removeItem(atPath: source) }
  let copy = try RunningTool(path: "/bin/cp", [source, file.path], environment: [:])
  guard copy.wait() == 0 else { throw POSIXError(.EIO) }
  try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
}
