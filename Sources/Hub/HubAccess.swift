import Foundation

/// The hub's address and the user's token.
///
/// The token is a secret: it is sent only to the hub's own address, never to a redirect's target,
/// and never printed.
public struct HubAccess: Sendable {
  /// The hub's address, without a slash at the end.
  let endpoint: URL
  private let token: String?

  /// Takes `HF_ENDPOINT` and `HF_TOKEN` from the environment.
  ///
  /// - Throws: `HubRequestError` if one of them cannot be used.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(HubRequestError) {
    var address = environment["HF_ENDPOINT"] ?? ""
    if address.isEmpty { address = "https://huggingface.co" }
    while address.hasSuffix("/") { address.removeLast() }
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme),
      url.host?.isEmpty == false, url.query == nil, url.user == nil
    else { throw .badVariable("HF_ENDPOINT", expected: "an address as https://huggingface.co") }
    endpoint = url
    let text = (environment["HF_TOKEN"] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .badVariable("HF_TOKEN", expected: "a token: one word of letters, digits and signs")
    }
    token = text.isEmpty ? nil : text
  }

  /// True if the user has given a token.
  var hasToken: Bool { token != nil }

  /// The authorization header field; only for addresses on the hub itself.
  package func authorization(for url: URL) -> [String] {
    guard let token, url.origin == endpoint.origin else { return [] }
    return ["Authorization: Bearer \(token)"]
  }

  /// True for an address that a redirect may lead to: the hub's own, or any with HTTPS.
  ///
  /// So a response can't make this machine send requests to its neighbours or itself.
  package func allowsRedirect(to url: URL) -> Bool {
    url.origin == endpoint.origin || url.scheme == "https"
  }

  /// True for an address on the hub itself.
  package func isHub(_ url: URL) -> Bool { url.origin == endpoint.origin }

  /// The address that a response from `place` gives as `text`; `nil` if it is invalid or contains a
  /// user name, since credentials come only from the user.
  static func address(_ text: String, from place: URL) -> URL? {
    guard (1...8_192).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
      let url = URL(string: text, relativeTo: place)?.absoluteURL, url.user == nil,
      url.password == nil, url.host?.isEmpty == false
    else { return nil }
    return url
  }

  /// The address with the path `parts`, each of which may contain any characters.
  func url(_ parts: String..., query: String = "") throws(HubError) -> URL {
    let plain = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z"))
      .union(CharacterSet(charactersIn: "0123456789-._~"))
    let path = parts.map { $0.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }
    let text = ([endpoint.absoluteString] + path).joined(separator: "/")
    guard let url = URL(string: query.isEmpty ? text : "\(text)?\(query)") else {
      throw .unexpected(endpoint.origin, expected: "names that make an address", found: "others")
    }
    return url
  }
}

extension URL {
  /// Scheme, host and port, which are equal for addresses of the same server.
  ///
  /// Only this part of an address is ever printed: the rest may contain a signature.
  var origin: String {
    let standard = scheme == "http" ? 80 : 443
    let port = port.flatMap { $0 == standard ? nil : ":\($0)" } ?? ""
    return "\((scheme ?? "").lowercased())://\((host ?? "").lowercased())\(port)"
  }
}
