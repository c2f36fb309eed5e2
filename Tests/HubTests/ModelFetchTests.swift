import AISHarness
import AISKit
import Foundation
import Hub
import TestSupport
import Testing

@Suite struct ModelFetchTests {
  private let cache: TemporaryFolder
  private let lines = Lines()
  private let files: [String: [UInt8]]
  private let model: HubModel

  init() throws {
    cache = try TemporaryFolder()
    files = try tinyModelFiles()
    model = try #require(HubModel("some/tiny"))
  }

  private func fetch(
    _ hub: FakeHub, _ model: HubModel? = nil, token: String? = nil, refresh: Bool = false,
    patience: Patience = hurried
  ) throws -> URL {
    let lines = lines
    return try ModelFetch(
      model ?? self.model, access: hub.access(token: token), cache: cache.url, patience: patience
    ) { lines.all.append($0) }.run(refresh: refresh)
  }

  /// Every file of the cache, as paths below it.
  private var kept: [String] {
    FileManager.default.enumerator(atPath: cache.url.path)?.compactMap { $0 as? String }
      .filter { !$0.hasSuffix(".lock") }.sorted() ?? []
  }

  private func bytes(_ folder: URL, _ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  @Test func aFetchedModelIsFoundByItsNameAndLoads() throws {
    let hub = try FakeHub(files)
    #expect(throws: ModelCatalogError.notFetchedFromHub("some/tiny")) {
      try ModelCatalog.resolve("some/tiny", cache: cache.url)
    }
    let folder = try fetch(hub)
    #expect(folder.lastPathComponent == "tiny")
    #expect(try ModelCatalog.resolve("some/tiny", cache: cache.url).path == folder.path)
    let pinned = try ModelCatalog.resolve("some/tiny@\(FakeHub.commit)", cache: cache.url)
    #expect(pinned.path == folder.path)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["config.json", "generation_config.json", "model.safetensors"])
    for name in names { #expect(try bytes(folder, name) == files[name]) }
    let decoder = try DecoderModel.load(Checkpoint.open(path: folder.path), type: .f32)
    #expect(decoder.config.layerCount == 2)
  }

  @Test func whatWasFetchedAsksNothingMoreUnlessToldTo() throws {
    let hub = try FakeHub(files)
    let folder = try fetch(hub)
    let asked = hub.server.requests.count
    #expect(try fetch(hub) == folder)
    #expect(hub.server.requests.count == asked)
    #expect(try fetch(hub, refresh: true) == folder)
    #expect(hub.server.requests.count == asked + 1)
  }

  @Test func shardsAreThoseThatTheIndexLists() throws {
    let weights = try #require(files["model.safetensors"])
    var sharded = files
    sharded["model.safetensors"] = nil
    sharded["model-00001-of-00001.safetensors"] = weights
    sharded["other.safetensors"] = weights
    let folder = try TemporaryFolder()
    let whole = try SafetensorsFile(path: folder.write(weights, as: "model.safetensors"))
    let map = whole.tensorNames.map { #""\#($0)":"model-00001-of-00001.safetensors""# }
    sharded["model.safetensors.index.json"] = Array(
      #"{"weight_map":{\#(map.joined(separator: ","))}}"#.utf8)
    let fetched = try fetch(FakeHub(sharded))
    #expect(try HuggingFaceFolder(path: fetched.path).tensorNames == whole.tensorNames.sorted())
    #expect(!kept.contains { $0.hasSuffix("other.safetensors") })
    sharded["model-00001-of-00001.safetensors"] = nil
    let other = try #require(HubModel("some/tiny@other"))
    try FileManager.default.removeItem(at: fetched.deletingLastPathComponent())
    #expect(throws: HubRequestError.self) { try fetch(FakeHub(sharded), other) }
  }

  @Test(arguments: ["model.safetensors", "config.json"])
  func aConnectionThatBreaksIsResumedWhereItBroke(name: String) throws {
    let content = try #require(files[name])
    let hub = try FakeHub(files) { request, before in
      guard request.path.hasSuffix("/\(name)"), before < 3 else { return nil }
      var answer = FakeHub.file(content, request)
      answer.cutAfter = min(100, answer.body.count - 1)
      return answer
    }
    let folder = try fetch(hub)
    #expect(try bytes(folder, name) == content)
    let ranges = hub.requests(of: name).map { $0.fields["range"] }
    #expect(ranges == [nil, "bytes=100-", "bytes=200-", "bytes=300-"])
    #expect(hub.requests(of: name).dropFirst().allSatisfy { $0.fields["if-range"] == "\"v1\"" })
    #expect(lines.all.count == 3)
  }

  @Test func aFileThatChangedIsBegunAnewNotSpliced() throws {
    let content = try #require(files["model.safetensors"])
    let hub = try FakeHub(files) { request, before in
      guard request.path.hasSuffix("model.safetensors") else { return nil }
      guard before == 0 else { return FakeHub.file(content, request, tag: "\"v2\"") }
      var answer = FakeHub.file([UInt8](repeating: 9, count: content.count), request)
      answer.cutAfter = 500
      return answer
    }
    #expect(try bytes(fetch(hub), "model.safetensors") == content)
    #expect(
      hub.requests(of: "model.safetensors").map { $0.fields["range"] } == [nil, "bytes=500-"])
  }

  @Test func aServerThatKnowsNoRangesSendsAllAgain() throws {
    let content = try #require(files["model.safetensors"])
    let hub = try FakeHub(files) { request, before in
      guard request.path.hasSuffix("model.safetensors") else { return nil }
      return .init(body: content, cutAfter: before == 0 ? 700 : nil)
    }
    #expect(try bytes(fetch(hub), "model.safetensors") == content)
  }

  @Test func aWrongByteIsRefusedAndTheNextTryIsTaken() throws {
    for name in ["model.safetensors", "config.json"] {
      var wrong = try #require(files[name])
      wrong[wrong.count / 2] ^= 1
      let bad = wrong
      let hub = try FakeHub(files) { request, before in
        request.path.hasSuffix("/\(name)") && before == 0 ? FakeHub.file(bad, request) : nil
      }
      let revision = try #require(HubModel("some/tiny@of-\(name)"))
      let folder = try fetch(hub, revision)
      #expect(try bytes(folder, name) == files[name])
      #expect(hub.requests(of: name).count == 2)
      try FileManager.default.removeItem(at: folder.deletingLastPathComponent())
    }
    #expect(lines.all.count == 2)
  }

  @Test(arguments: [0, 1, -1])
  func bytesThatStayWrongLeaveNoModel(extra: Int) throws {
    var wrong = try #require(files["model.safetensors"])
    if extra < 0 { wrong.removeLast() } else { wrong[7] ^= UInt8(1 - extra) }
    if extra > 0 { wrong.append(0) }
    let bad = wrong
    let hub = try FakeHub(files) { request, _ in
      request.path.hasSuffix("model.safetensors") ? FakeHub.file(bad, request) : nil
    }
    let error = #expect(throws: HubError.self) { try fetch(hub) }
    if extra >= 0, case .wrongBytes(let file, _, _)? = error {
      #expect(file == "some/tiny/model.safetensors")
      #expect(hub.requests(of: "model.safetensors").count == 2)
    } else {
      #expect(extra < 0)
    }
    #expect(model.fetchedFolder(cache: cache.url) == nil)
    #expect(!kept.contains { $0.hasSuffix("model.safetensors") })
    // A repaired hub is trusted again, and correct files are not fetched twice.
    let right = try FakeHub(files)
    _ = try fetch(right)
    #expect(right.requests(of: "config.json").isEmpty)
  }

  @Test func namesThatLeadElsewhereAreNotTaken() throws {
    // The fake hub lists ../../config.json among the files.
    _ = try fetch(FakeHub(files))
    let outside = kept.filter { !$0.hasPrefix("models/hub/some/tiny") && $0.contains(".") }
    #expect(outside.isEmpty)
    for text in ["a", "a/b/c", "../b", "a/..", ".a/b", "a/b@", "a b/c", "/a", "a/", "a/b@x\ny"] {
      #expect(HubModel(text) == nil)
    }
    let branch = try #require(HubModel("a/b@refs/pr/1"))
    try branch.remember(commit: FakeHub.commit, cache: cache.url)
    #expect(kept.contains("models/hub/a/b/refs/refs%2Fpr%2F1"))
  }

  @Test func weightsInOtherFormatsAreNamed() throws {
    var other = files
    other["model.safetensors"] = nil
    other["tiny.Q4_0.gguf"] = [1]
    let error = #expect(throws: HubRequestError.self) { try fetch(FakeHub(other)) }
    let line = error?.description ?? ""
    #expect(line.contains("GGUF, PyTorch (.bin)") && line.contains("model.safetensors"))
  }

  @Test func twoFetchesAtOnceAreOneFetch() throws {
    let hub = try FakeHub(files)
    let access = try hub.access()
    let (model, place) = (model, cache.url)
    let group = DispatchGroup()
    for _ in 0..<3 {
      DispatchQueue.global().async(group: group) {
        _ = try? ModelFetch(model, access: access, cache: place, patience: hurried) { _ in }.run()
      }
    }
    #expect(group.wait(timeout: .now() + 30) == .success)
    #expect(hub.requests(of: "model.safetensors").count == 1)
    #expect(model.fetchedFolder(cache: place) != nil)
  }
}
