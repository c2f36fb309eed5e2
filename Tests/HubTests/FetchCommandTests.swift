import AISHarness
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: RunningTool.path(of: "ais") != nil)) struct FetchCommandTests {
  private let cache: TemporaryFolder
  private let files: [String: [UInt8]]

  init() throws {
    cache = try TemporaryFolder()
    files = try tinyModelFiles()
  }

  private func start(_ hub: FakeHub, _ arguments: String...) throws -> RunningTool {
    try RunningTool(
      "ais", arguments,
      environment: [
        "AIS_CACHE": cache.url.path, "HF_ENDPOINT": hub.server.address, "HF_TOKEN": FakeHub.token,
      ])
  }

  @Test func aKilledFetchGoesOnWhereItWas() throws {
    let weights = try #require(files["model.safetensors"])
    let hub = try FakeHub(files) { request, before in
      guard request.path.hasSuffix("/model.safetensors"), before == 0 else { return nil }
      return .init(
        fields: ["ETag": "\"v1\""], body: weights, cutAfter: weights.count / 2, stalls: true)
    }
    let part = cache.url.appendingPathComponent(
      "models/hub/some/tiny/\(FakeHub.commit).partial/tiny/model.safetensors.part")
    let killed = try start(hub, "fetch", "some/tiny")
    try killed.wait { try size(part) >= weights.count / 2 }
    #expect(try size(part) == weights.count / 2)
    #expect(killed.end(SIGINT) == nil)
    let model = try #require(HubModel("some/tiny"))
    #expect(model.fetchedFolder(cache: cache.url) == nil)

    let second = try start(hub, "fetch", "some/tiny")
    #expect(second.wait() == 0)
    let folder = try #require(model.fetchedFolder(cache: cache.url))
    #expect(second.output == folder.path + "\n")
    let fetched = try Data(contentsOf: folder.appendingPathComponent("model.safetensors"))
    #expect(Array(fetched) == weights)
    let ranges = hub.requests(of: "model.safetensors").map { $0.fields["range"] }
    #expect(ranges == [nil, "bytes=\(weights.count / 2)-"])
    #expect(!(killed.errors + second.errors + second.output).contains(FakeHub.token))
    #expect(second.errors.contains("100 %"))
  }

  @Test(arguments: [(401, Int32(2)), (403, 2), (404, 2), (500, 1), (418, 1)])
  func refusalsAreOneLineAndAStatus(status: Int, code: Int32) throws {
    let hub = try FakeHub(files) { _, before in
      before == 0 || status != 500 ? .init(status: status) : .init(status: 418)
    }
    let tool = try start(hub, "fetch", "some/tiny")
    #expect(tool.wait() == code)
    let said = tool.errors.split(separator: "\n")
    #expect(said.count == (status == 500 ? 2 : 1))
    #expect(said.last?.hasPrefix("ais: ") == true && tool.output.isEmpty)
    #expect(!tool.errors.contains(FakeHub.token))
  }

  @Test func aModelThatIsNotThereIsNamedWithTheCommandThatFetchesIt() throws {
    let hub = try FakeHub(files)
    let tool = try start(hub, "tokenize", "--model", "some/tiny")
    #expect(tool.wait() == 2)
    #expect(tool.errors.contains("fetch it with: ais fetch some/tiny"))
    #expect(hub.server.requests.isEmpty)
    let wrong = try start(hub, "fetch", "tiny")
    #expect(wrong.wait() == 2)
    #expect(wrong.errors.contains("expected owner/name[@revision]"))
  }

  private func size(_ file: URL) throws -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.size] as? Int ?? 0
  }
}
