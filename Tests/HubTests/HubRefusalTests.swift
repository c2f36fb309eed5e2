import AISHarness
import AISKit
import Foundation
import Hub
import TestSupport
import Testing

@Suite struct HubRefusalTests {
  private let cache: TemporaryFolder
  private let lines = Lines()
  private let files: [String: [UInt8]]

  init() throws {
    cache = try TemporaryFolder()
    files = try tinyModelFiles()
  }

  private func fetch(_ hub: FakeHub, token: String? = nil, patience: Patience = hurried) throws {
    let lines = lines
    let model = try #require(HubModel("some/tiny"))
    _ = try ModelFetch(
      model, access: hub.access(token: token), cache: cache.url, patience: patience
    ) { lines.all.append($0) }.run()
  }

  @Test(arguments: [401, 403])
  func aClosedRepositoryAsksForAToken(status: Int) throws {
    let hub = try FakeHub(files) { _, _ in .init(status: status) }
    let without = #expect(throws: HubRequestError.self) { try fetch(hub) }
    #expect(without?.description.contains("set HF_TOKEN") == true)
    let with = #expect(throws: HubRequestError.self) { try fetch(hub, token: FakeHub.token) }
    #expect(with?.description.contains("the token in HF_TOKEN") == true)
    #expect(with?.description.contains(FakeHub.token) == false)
    #expect(hub.server.requests.count == 2)
  }

  @Test func aRepositoryThatIsNotThereIsNamedWithItsRevision() throws {
    let hub = try FakeHub(files) { _, _ in .init(status: 404) }
    let error = #expect(throws: HubRequestError.self) { try fetch(hub) }
    #expect(error?.description.contains("model some/tiny with revision 'main'") == true)
    #expect(hub.server.requests.count == 1)
  }

  @Test func aHubThatAsksToWaitIsWaitedFor() throws {
    let hub = try FakeHub(files) { request, before in
      request.path.contains("/revision/") && before == 0
        ? .init(status: 429, fields: ["Retry-After": "1"]) : nil
    }
    let begin = ContinuousClock.now
    try fetch(hub)
    #expect(ContinuousClock.now - begin >= .seconds(1))
    #expect(lines.all.count == 1 && lines.all[0].hasSuffix("(HTTP 429); again in 1 s"))
  }

  @Test(arguments: [["Retry-After": "4000"], ["RateLimit": "\"api\";r=0;t=4000"]])
  func aLongerPauseThanIsReasonableIsSaidInstead(fields: [String: String]) throws {
    let hub = try FakeHub(files) { _, _ in .init(status: 429, fields: fields) }
    let error = #expect(throws: HubError.self) { try fetch(hub) }
    #expect(error == .tooManyRequests(host: hub.server.address, seconds: 4_000))
    #expect(error?.description.contains("asks to wait 4000 s") == true)
    #expect(lines.all.isEmpty)
  }

  @Test func aServerInTroubleIsAskedAgainButNotForEver() throws {
    let recovering = try FakeHub(files) { _, before in before < 2 ? .init(status: 503) : nil }
    try fetch(recovering)
    let dead = try FakeHub(files) { _, _ in .init(status: 500) }
    let other = try TemporaryFolder()
    let model = try #require(HubModel("some/tiny"))
    #expect(throws: HubError.unavailable(host: dead.server.address, status: 500)) {
      try ModelFetch(
        model, access: dead.access(), cache: other.url, patience: hurried
      ) { _ in }.run()
    }
    #expect(dead.server.requests.count == hurried.attempts)
  }

  @Test func noHubAtAllIsAConnectionError() throws {
    let address = "http://127.0.0.1:1"
    let access = try HubAccess(environment: ["HF_ENDPOINT": address])
    let model = try #require(HubModel("some/tiny"))
    let error = #expect(throws: HubError.self) {
      try ModelFetch(model, access: access, cache: cache.url, patience: hurried) { _ in }.run()
    }
    guard case .connection(address, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func theTokenGoesToTheHubAndNowhereElse() throws {
    let hub = try FakeHub(files) { request, _ in
      request.path == "/api/models/some/tiny/revision/main"
        ? .init(status: 307, fields: ["Location": "/api/models/some/tiny/revision/moved"]) : nil
    }
    try fetch(hub, token: FakeHub.token)
    #expect(
      hub.server.requests.allSatisfy { $0.fields["authorization"] == "Bearer \(FakeHub.token)" })
    #expect(!lines.all.joined().contains(FakeHub.token))
    let access = try hub.access(token: FakeHub.token)
    let port = hub.server.port
    for elsewhere in [
      "https://127.0.0.1:\(port)/x", "http://127.0.0.1:\(port &+ 1)/x", "http://127.0.0.1/x",
      "http://localhost:\(port)/x", "https://cdn.example/x",
    ] {
      let url = try #require(URL(string: elsewhere))
      #expect(access.authorization(for: url).isEmpty, "\(elsewhere)")
    }
  }

  @Test(arguments: ["/model.safetensors", "/revision/main", "/tree/"])
  func noAnswerLeadsToAnotherServerOfThisMachine(asked: String) throws {
    let neighbour = try LoopbackServer { _ in .init(body: Array("secret".utf8)) }
    let far = neighbour.address.dropFirst("http".count)
    for scheme in ["http", "gopher", "ftp", "HTTP", "dict"] {
      let hub = try FakeHub(files) { request, _ in
        request.path.contains(asked)
          ? .init(status: 302, fields: ["Location": "\(scheme)\(far)/x"]) : nil
      }
      let error = #expect(throws: HubError.self) { try fetch(hub) }
      #expect(error?.description.contains("\n") == false)
    }
    #expect(neighbour.requests.isEmpty)
  }

  @Test func theNextPageOfFilesIsTheHubsOwn() throws {
    let neighbour = try LoopbackServer { _ in .init(body: Array("[]".utf8)) }
    let host = neighbour.address.dropFirst("http".count)
    for target in [
      "gopher\(host)/_GET", "http\(host)/x", "https\(host)/x", "file:///etc/passwd",
      "//127.0.0.1:\(neighbour.port)/x", "http://user:word@127.0.0.1:\(neighbour.port)/x",
      "ftp://x",
    ] {
      let hub = try FakeHub(files) { request, _ in
        request.path.contains("/tree/")
          ? .init(fields: ["Link": "<\(target)>; rel=\"next\""], body: Array("[]".utf8)) : nil
      }
      let error = #expect(throws: HubError.self) { try fetch(hub) }
      #expect(error?.description.contains("a next page of files on") == true, "\(target)")
    }
    #expect(neighbour.requests.isEmpty)
  }

  private func list(_ entries: [String]) -> LoopbackServer.Answer {
    .init(body: Array("[\(entries.joined(separator: ","))]".utf8))
  }

  private func entry(_ name: String, size: String = "3", oid: String? = nil) -> String {
    let oid = oid ?? String(repeating: "0a", count: 20)
    return #"{"type":"file","path":"\#(name)","size":\#(size),"oid":"\#(oid)"}"#
  }

  @Test(arguments: [
    "4611686018427387904", "9223372036854775807", "-1", "1e30", "9223372036854775808", "null",
  ])
  func sizesThatNoFileHasAreAnError(size: String) throws {
    let entries = ["config.json", "tokenizer.json", "model.safetensors"].map {
      entry($0, size: size)
    }
    let answer = list(entries)
    let hub = try FakeHub(files) { request, _ in request.path.contains("/tree/") ? answer : nil }
    let error = #expect(throws: HubError.self) { try fetch(hub) }
    #expect(error?.description.contains("expected a size from 0 to") == true)
  }

  @Test func listsThatNoRepositoryHasAreAnError() throws {
    let damaged = [
      [entry("config.json"), entry("config.json"), entry("model.safetensors")],
      [entry("config.json", oid: "../../x"), entry("model.safetensors")],
      [entry("config.json", size: "200000000"), entry("model.safetensors")],
      (0..<20_001).map { entry("\($0).txt") },
    ]
    for entries in damaged {
      let answer = list(entries)
      let hub = try FakeHub(files) { request, _ in request.path.contains("/tree/") ? answer : nil }
      #expect(throws: HubError.self) { try fetch(hub) }
      #expect(hub.server.requests.count == 2)
    }
    let endless = try FakeHub(files) { request, before in
      guard request.path.contains("/tree/") else { return nil }
      let count = request.path.count(where: { $0 == "n" })
      let commit = FakeHub.commit
      let body = #"[{"type":"file","path":"f\#(count)","size":1,"oid":"\#(commit)"}]"#
      return .init(
        fields: ["Link": "<\(request.path)&n>; rel=\"next\""], body: Array(body.utf8))
    }
    #expect(throws: HubError.self) { try fetch(endless) }
    #expect(endless.server.requests.count <= 102)
  }

  @Test func answersOfNoEndAreCutOff() throws {
    let much = [UInt8](repeating: 0x20, count: 9_000_000)
    let document = try FakeHub(files) { _, _ in .init(body: much) }
    #expect(throws: HubError.self) { try fetch(document) }
    let refusal = try FakeHub(files) { _, _ in .init(status: 404, body: much) }
    #expect(throws: HubError.self) { try fetch(refusal) }
    var fields: [String: String] = [:]
    for number in 0..<60 { fields["X-\(number)"] = String(repeating: "y", count: 8_000) }
    let heads = fields
    let wordy = try FakeHub(files) { _, _ in .init(fields: heads, body: [0x7B]) }
    let patience = hurried
    #expect(throws: HubError.self) { try fetch(wordy, patience: patience) }
  }

  @Test func redirectsEnd() throws {
    let hub = try FakeHub(files) { request, _ in
      .init(status: 302, fields: ["Location": request.path + "x"])
    }
    #expect(throws: HubError.self) { try fetch(hub) }
    #expect(hub.server.requests.count == 11)
    let sly = try FakeHub(files) { _, _ in
      .init(status: 302, fields: ["Location": "file:///etc/passwd"])
    }
    #expect(throws: HubError.self) { try fetch(sly) }
  }

  @Test(arguments: [#"{"sha":7}"#, #"{"sha":"../../x"}"#, "[]", "", "{"])
  func anAnswerThatIsNoneIsAnError(text: String) throws {
    let hub = try FakeHub(files) { request, _ in
      request.path.contains("/revision/") ? .init(body: Array(text.utf8)) : nil
    }
    #expect(throws: HubError.self) { try fetch(hub) }
    #expect(hub.server.requests.count == 1)
  }

  @Test(arguments: [
    ["HF_ENDPOINT": "huggingface.co"], ["HF_ENDPOINT": "ftp://x"],
    ["HF_ENDPOINT": "https://a:secret@x"], ["HF_TOKEN": "two secret words"],
  ])
  func variablesThatCannotBeUsedAreNamedNotShown(environment: [String: String]) throws {
    let error = #expect(throws: HubRequestError.self) { try HubAccess(environment: environment) }
    #expect(error?.description.contains(environment.keys.first ?? "") == true)
    #expect(error?.description.contains("secret") == false)
  }
}
