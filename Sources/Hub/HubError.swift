import AISKit

/// A download that failed although the request was right.
public enum HubError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The connection could not be made or did not last.
  case connection(host: String, reason: String)
  /// The hub cannot answer now; `status` is HTTP's.
  case unavailable(host: String, status: Int)
  /// The hub limits requests, and asks for a longer pause than is worth waiting for.
  case tooManyRequests(host: String, seconds: Int?)
  /// The hub's response does not follow its protocol.
  case unexpected(String, expected: String, found: String)
  /// A file was downloaded twice, and both times did not match the hub's digest.
  case wrongBytes(file: String, expected: String, found: String)
  /// A file of the cache could not be read or written.
  case disk(path: String, reason: String)

  /// What failed, in one line.
  public var description: String {
    switch self {
    case .connection(let host, let reason):
      "no connection to \(host): \(reason); what has arrived is kept, run the same command again"
    case .unavailable(let host, let status):
      "\(host) cannot answer (HTTP \(status)); what has arrived is kept, try again later"
    case .tooManyRequests(let host, let seconds):
      "\(host) has had too many requests (HTTP 429)"
        + (seconds.map { " and asks to wait \($0) s" } ?? "")
        + "; try again later, or set HF_TOKEN for a higher limit"
    case .unexpected(let subject, let expected, let found):
      "\(subject): expected \(expected), found \(found)"
    case .wrongBytes(let file, let expected, let found):
      "\(file) does not arrive as published: expected \(expected), found \(found); nothing is kept"
    case .disk(let path, let reason):
      "cannot read or write \(path): \(reason)"
    }
  }
}

/// A request for a download that cannot work.
public enum HubRequestError: InputError, Equatable {
  /// The hub asks for a token, or refuses this user.
  case noAccess(HubRepository, hasToken: Bool)
  /// There is no such repository, or no such revision of it.
  case notFound(HubRepository)
  /// The repository lacks a file that is needed.
  case missingFile(String, HubRepository, advice: String)
  /// A text that is not a model's name.
  case badName(String)
  /// An environment variable that cannot be used; the value is not repeated, as it may be secret.
  case badVariable(String, expected: String)

  /// What is wrong and what helps, in one line.
  public var description: String {
    switch self {
    case .noAccess(let repository, let hasToken):
      hasToken
        ? "\(repository) is not open to the token in HF_TOKEN: it does not exist, or its terms "
          + "must be accepted on the hub's page of it first"
        : "\(repository) needs a token, or does not exist: set HF_TOKEN to one that has access"
    case .notFound(let repository):
      "the hub has no \(repository.kind.rawValue) \(repository.name) with revision "
        + "'\(repository.revision)', expected owner/name[@revision]"
    case .missingFile(let file, let repository, let advice):
      "\(repository) has no \(file); \(advice)"
    case .badName(let text):
      "'\(text)' names no model on the hub, expected owner/name[@revision]"
    case .badVariable(let name, let expected):
      "\(name): expected \(expected), found something else"
    }
  }
}
