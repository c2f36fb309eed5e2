import Foundation

/// A web server on 127.0.0.1 for this object's lifetime: one answer per connection, one connection
/// at a time, and a record of the requests.
final class LoopbackServer: @unchecked Sendable {
  struct Request: Sendable {
    let path: String
    /// The header fields, names in lower case.
    let fields: [String: String]
  }

  struct Answer: Sendable {
    var status = 200
    var fields: [String: String] = [:]
    var body: [UInt8] = []
    /// Send this much of the body only, then close the connection.
    var cutAfter: Int?
    /// After the cut, keep the connection open until the other side goes.
    var stalls = false
  }

  let port: UInt16
  private let lock = NSLock()
  private var recorded: [Request] = []
  private var isStopped = false
  private let answer: @Sendable (Request) -> Answer

  /// The requests, in order.
  var requests: [Request] { lock.withLock { recorded } }
  var address: String { "http://127.0.0.1:\(port)" }

  init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isReady = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isReady else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: place.sin_port)
    Thread.detachNewThread { [weak self] in
      // The thread retains the server only while it answers; twice a second it checks for the end.
      while Self.isReadable(listener, milliseconds: 500) != false {
        guard let self, !self.lock.withLock({ self.isStopped }) else { break }
        let connection = accept(listener, nil, nil)
        if connection >= 0 { self.serve(connection) }
      }
      close(listener)
    }
  }

  deinit { lock.withLock { isStopped = true } }

  /// True if there is something to read, `nil` after the time limit, false for a broken descriptor.
  private static func isReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool? {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&state, 1, milliseconds)
    return count > 0 ? true : count == 0 ? nil : false
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let request = Self.read(connection) else { return }
    lock.withLock { recorded.append(request) }
    let answer = answer(request)
    var fields = answer.fields
    if fields["Content-Length"] == nil { fields["Content-Length"] = "\(answer.body.count)" }
    fields["Connection"] = "close"
    let head =
      "HTTP/1.1 \(answer.status) X\r\n"
      + fields.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
    let sent = answer.body.prefix(answer.cutAfter ?? answer.body.count)
    guard Self.write(Array(head.utf8) + sent, to: connection) else { return }
    if answer.stalls {
      // Readable means closed here, since the client sends no more. Waits at most twenty seconds.
      _ = Self.isReadable(connection, milliseconds: 20_000)
    }
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < 100_000, isReadable(connection, milliseconds: 5_000) == true {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      bytes += buffer[..<count]
      if bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) { break }
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return Request(path: String(words[1]), fields: fields)
  }

  private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
