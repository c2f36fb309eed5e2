import CCurl
import Foundation

/// The head of an HTTP response.
struct HTTPHead {
  /// The status, or 0 while there is none.
  var status = 0
  /// The header fields, their names in lower case.
  var fields: [String: String] = [:]
}

/// Sends HTTP requests, one at a time; connections are kept for later requests.
///
/// Redirects, tokens and retries are left to `HubSession`.
final class HTTPClient {
  /// Receives the bytes of a response, piece by piece.
  typealias Body = (HTTPHead, UnsafeRawBufferPointer) throws -> Void

  private let handle: UnsafeMutableRawPointer?
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init() { handle = Self.isReady ? curl_easy_init() : nil }

  deinit { if let handle { curl_easy_cleanup(handle) } }

  /// Sends a GET request and passes the response's body to `body` as it arrives.
  ///
  /// - Throws: `Interruption` if the connection fails, and what `body` throws.
  func get(_ url: URL, fields: [String], body: @escaping Body) throws -> HTTPHead {
    guard let handle else {
      throw HubError.connection(host: url.origin, reason: "libcurl does not start")
    }
    curl_easy_reset(handle)
    // Responses can contain addresses too, so all other protocols of libcurl are refused.
    guard let scheme = url.scheme, ["http", "https"].contains(scheme),
      ais_curl_set_protocols(handle, scheme == "http" ? 1 : 0) == CURLE_OK
    else {
      throw HubError.unexpected(
        url.origin, expected: "an address of http or https", found: "another")
    }
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for field in fields { list = curl_slist_append(list, field) ?? list }
    let exchange = Exchange(host: url.origin, body)
    let code = withExtendedLifetime(exchange) {
      _ = ais_curl_set_text(handle, CURLOPT_URL, url.absoluteString)
      _ = ais_curl_set_fields(handle, list)
      _ = ais_curl_set_text(handle, CURLOPT_USERAGENT, "ais")
      _ = ais_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, 30)
      // A connection without data for half a minute counts as dead.
      _ = ais_curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
      _ = ais_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, 30)
      if let certificates = ProcessInfo.processInfo.environment["SSL_CERT_FILE"] {
        _ = ais_curl_set_text(handle, CURLOPT_CAINFO, certificates)
      }
      _ = ais_curl_set_sinks(
        handle, takeHead, takeBody, Unmanaged.passUnretained(exchange).toOpaque())
      return curl_easy_perform(handle)
    }
    if let failure = exchange.failure { throw failure }
    guard code == CURLE_OK else {
      let error = HubError.connection(
        host: url.origin, reason: String(cString: curl_easy_strerror(code)))
      // If the server's certificate is invalid, a retry cannot help.
      if code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE { throw error }
      throw Interruption(error: error)
    }
    return exchange.head
  }
}

/// What happens during one request, as libcurl's callbacks see it.
private final class Exchange {
  var head = HTTPHead()
  var failure: (any Error)?
  private var headLength = 0
  private let body: HTTPClient.Body

  private let host: String

  init(host: String, _ body: @escaping HTTPClient.Body) {
    self.host = host
    self.body = body
  }

  /// The most bytes of all heads of one response, far above what servers send.
  private static let maximumHeadLength = 1 << 18

  func takeHead(_ line: String) -> Bool {
    headLength += line.utf8.count
    guard headLength <= Self.maximumHeadLength else {
      failure = HubError.unexpected(
        host, expected: "a head of at most \(Self.maximumHeadLength) bytes", found: "a longer one")
      return false
    }
    if line.hasPrefix("HTTP/") {
      // After a proxy's or an interim response, only the last head counts.
      head = HTTPHead(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
    } else if let colon = line.firstIndex(of: ":") {
      head.fields[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return true
  }

  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      try body(head, bytes)
      return true
    } catch {
      failure = error
      return false
    }
  }
}

private func takeHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  return exchange.takeHead(String(decoding: line, as: UTF8.self)) ? size * count : 0
}

private func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  return exchange.takeBody(piece) ? size * count : 0
}
