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

  @Test func theTokenGoesToTheHubAndNotWhereItRedirects() throws {
    let weights = try #require(files["model.safetensors"])
    let store = try LoopbackServer { FakeHub.file(weights, $0) }
    let far = "\(store.address)/signed/model.safetensors?signature=abc"
    let hub = try FakeHub(files) { request, before in
      if request.path.hasSuffix("/resolve/\(FakeHub.commit)/model.safetensors") {
        return .init(status: 302, fields: ["Location": far], body: Array("elsewhere".utf8))
      }
      if request.path == "/api/models/some/tiny/revision/main" {
        return .init(status: 307, fields: ["Location": "/api/models/some/tiny/revision/moved"])
      }
      return nil
    }
    try fetch(hub, token: FakeHub.token)
    #expect(store.requests.count == 1)
    #expect(store.requests.allSatisfy { $0.fields["authorization"] == nil })
    #expect(
      hub.server.requests.allSatisfy { $0.fields["authorization"] == "Bearer \(FakeHub.token)" })
    #expect(!lines.all.joined().contains(FakeHub.token))
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
