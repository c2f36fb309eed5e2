import Foundation
import Glibc

/// The process that holds the lock on a file, for the message of another that wants it.
struct LockHolder {
  /// Its process id.
  let process: pid_t

  /// The holder of the lock on an open file; `nil` if unknown.
  init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0,
      let process = Self.listed(status) ?? Self.other(withOpen: status)
    else { return nil }
    self.process = process
  }

  /// The holder as the end of a message, `: process 71 …`; empty if unknown.
  static func clause(of descriptor: Int32) -> String {
    LockHolder(of: descriptor).map { ": \($0.description)" } ?? ""
  }

  /// Id, command and start, as far as they are known, such as `process 71 (exp016 --mode soft),
  /// since 2026-01-02T03:04:05Z`.
  var description: String {
    var text = "process \(process)"
    if process == getpid() { text += ", this one" }
    if let command { text += " (\(command))" }
    if let start { text += ", since \(start.formatted(.iso8601))" }
    return text
  }

  /// The command line, shortened.
  private var command: String? {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else {
      return nil
    }
    let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    guard let first = words.first else { return nil }
    let name = URL(fileURLWithPath: first).lastPathComponent
    let text = ([name] + words.dropFirst()).joined(separator: " ")
      .map { $0.isNewline ? " " : $0 }
    return text.count > 160 ? String(text.prefix(159)) + "…" : String(text)
  }

  /// When the process started.
  private var start: Date? {
    // The name, in parentheses, may hold anything. The start is the twentieth word after it, in
    // ticks since boot.
    let fields = Self.text("/proc/\(process)/stat").split(separator: ")").last?.split(
      separator: " ")
    let boot = Self.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
    guard let fields, fields.count > 19, let ticks = Double(fields[19]),
      let boot = boot.flatMap({ Double($0.dropFirst("btime ".count)) })
    else { return nil }
    return Date(timeIntervalSince1970: boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
  }

  /// The holder from the kernel's list of locks.
  private static func listed(_ file: stat) -> pid_t? {
    let place =
      String(format: "%02lx:%02lx:", major(file.st_dev), minor(file.st_dev))
      + "\(file.st_ino)"
    for line in text("/proc/locks").split(separator: "\n") {
      let words = line.split(separator: " ")
      // A line with an arrow is of a process that waits.
      guard words.count > 5, words[1] == "FLOCK", words[5] == place, let process = pid_t(words[4]),
        process > 0
      else { continue }
      return process
    }
    return nil
  }

  /// Another process that has the file open: not every system lists locks.
  private static func other(withOpen file: stat) -> pid_t? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in names.compactMap(pid_t.init) where process != getpid() {
      let folder = "/proc/\(process)/fd"
      let opened = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in opened {
        var status = stat()
        if stat("\(folder)/\(name)", &status) == 0, status.st_dev == file.st_dev,
          status.st_ino == file.st_ino
        {
          return process
        }
      }
    }
    return nil
  }

  private static func major(_ device: dev_t) -> dev_t {
    (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
  }

  private static func minor(_ device: dev_t) -> dev_t { device & 0xFF | (device >> 12) & ~0xFF }

  /// The text of a kernel file, whose size is not known beforehand.
  private static func text(_ path: String) -> String {
    guard let file = FileHandle(forReadingAtPath: path) else { return "" }
    defer { try? file.close() }
    return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
  }
}
