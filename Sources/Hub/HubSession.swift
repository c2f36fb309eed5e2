import AISHarness
import Foundation

/// A session with the hub: follows its redirects, waits if asked to, and explains its refusals.
final class HubSession {
  let access: HubAccess
  let patience: Patience
  /// Gets lines for the user, without the tool's name and the line break.
  let say: (String) -> Void
  private let client = HTTPClient()

  private static let maximumRedirects = 10
  /// The most bytes of a document; a page of the hub's list of files has a few hundred kilobytes.
  private static let maximumDocumentLength = 8_000_000
  private static let maximumRefusalLength = 1_000_000

  init(access: HubAccess, patience: Patience, say: @escaping (String) -> Void) {
    self.access = access
    self.patience = patience
    self.say = say
  }

  /// Sends one request and follows redirects; only the body of a successful response (200, 206) is
  /// passed to `body`.
  ///
  /// - Returns: the last response's head, with status 200, 206 or 416.
  /// - Throws: `Interruption` if a retry may work, else `HubError` or `HubRequestError`.
  func send(
    _ url: URL, about repository: HubRepository, fields: [String] = [],
    body: @escaping HTTPClient.Body
  ) throws -> HTTPHead {
    var place = url
    for _ in 0...Self.maximumRedirects {
      var ignored = 0
      let head = try client.get(
        place, fields: fields + ["Accept-Encoding: identity"] + access.authorization(for: place)
      ) { head, bytes in
        if head.status == 200 || head.status == 206 { return try body(head, bytes) }
        ignored += bytes.count
        guard ignored <= Self.maximumRefusalLength else {
          throw HubError.unexpected(
            place.origin,
            expected: "at most \(Self.maximumRefusalLength) bytes with HTTP status \(head.status)",
            found: "more")
        }
      }
      guard [301, 302, 303, 307, 308].contains(head.status) else {
        return try accepted(head, from: place, about: repository)
      }
      guard
        let target = head.fields["location"].flatMap({ HubAccess.address($0, from: place) }),
        access.allowsRedirect(to: target)
      else {
        throw HubError.unexpected(
          place.origin, expected: "a redirect to an https address or to the hub itself",
          found: "another")
      }
      place = target
    }
    throw HubError.unexpected(
      url.origin, expected: "at most \(Self.maximumRedirects) redirects", found: "more")
  }

  /// Fetches a whole document, with retries.
  func document(
    _ url: URL, about repository: HubRepository
  ) throws -> (head: HTTPHead, bytes: [UInt8]) {
    try patience.persist(say: say) { _ in
      var bytes: [UInt8] = []
      let head = try send(url, about: repository) { _, piece in
        guard bytes.count + piece.count <= Self.maximumDocumentLength else {
          throw HubError.unexpected(
            url.origin, expected: "an answer of at most \(Self.maximumDocumentLength) bytes",
            found: "more")
        }
        bytes.append(contentsOf: piece)
      }
      return (head, bytes)
    }
  }

  private func accepted(
    _ head: HTTPHead, from place: URL, about repository: HubRepository
  ) throws -> HTTPHead {
    switch head.status {
    case 200, 206, 416: return head
    // A refusal by another server than the hub means that a signed address has expired.
    case 401, 403:
      guard place.origin == access.endpoint.origin else {
        throw Interruption(error: .unavailable(host: place.origin, status: head.status))
      }
      throw HubRequestError.noAccess(repository, hasToken: access.hasToken)
    case 404: throw HubRequestError.notFound(repository)
    case 429:
      let seconds = Self.pause(head)
      throw Interruption(
        error: .tooManyRequests(host: place.origin, seconds: seconds),
        seconds: seconds.map(Double.init))
    case 408, 500...599:
      throw Interruption(error: .unavailable(host: place.origin, status: head.status))
    default:
      throw HubError.unexpected(
        place.origin, expected: "an answer of HTTP status 200", found: "\(head.status)")
    }
  }

  /// How many seconds the server asks to wait: `Retry-After`, as seconds or as a date, or the `t`
  /// of the hub's `RateLimit`.
  static func pause(_ head: HTTPHead, now: Date = Date()) -> Int? {
    if let text = head.fields["retry-after"] {
      if let seconds = Int(text), seconds >= 0 { return seconds }
      let format = DateFormatter()
      format.locale = Locale(identifier: "en_US_POSIX")
      format.timeZone = TimeZone(identifier: "GMT")
      format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
      if let date = format.date(from: text) {
        return Int(min(1e9, max(0, date.timeIntervalSince(now)).rounded(.up)))
      }
    }
    let parts = head.fields["ratelimit"]?.split(separator: ";") ?? []
    return parts.map { $0.trimmingCharacters(in: .whitespaces) }
      .first { $0.hasPrefix("t=") }.flatMap { Int($0.dropFirst(2)) }.map { max(0, $0) }
  }
}
