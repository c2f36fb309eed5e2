import AISHarness
import Foundation
import TestSupport
import Testing

@Suite struct PreparationSizeTests {
  @Test(
    arguments: [
      (nil, 1_000, 5_000), (100, nil, 5_000), (1_000, 1_000, 5_000), (9_999, 1_000, 5_000),
      (500, 1_000, 2_504), (100, 1_000, 504), (1, 1_000, 400), (999, 1_000, 5_000),
    ] as [(Int?, Int?, Int)])
  func smallRunsNeedSmallThings(asked: Int?, wholeFrom: Int?, items: Int) {
    let size = PreparationSize(asked: asked, wholeFrom: wholeFrom)
    #expect(size.items(full: 5_000, least: 400) == items)
  }

  @Test func nothingIsLargerThanWhole() {
    let size = PreparationSize(asked: 1, wholeFrom: 100)
    #expect(size.items(full: 10, least: 16) == 10)
  }
}

/// Which map of the cache a run uses.
@Suite struct MapChoiceTests {
  private let scratch: ScratchFolder
  private let fixture: MapFixture
  private let store: MapStore

  init() throws {
    scratch = try ScratchFolder()
    fixture = try MapFixture()
    store = MapStore(
      model: scratch.file("model.gguf"), modelSHA256: "aa", dtype: "f32", dataFile: nil, seed: 17,
      cache: scratch.file("cache"))
  }

  private func chosen(asked: Int?) -> Int {
    store.prompts(size: PreparationSize(asked: asked, wholeFrom: 1_000))
  }

  @Test func withoutAMapTheRunsSizeDecides() {
    #expect(chosen(asked: nil) == 5_000 && chosen(asked: 100) == 504)
    #expect(store.entryCount(prompts: 504, pivot: 3) == nil)
  }

  @Test func aLargerMapServesASmallerRunButNotTheOtherWayRound() throws {
    try store.save(fixture.map, prompts: 504)
    #expect(store.entryCount(prompts: 504, pivot: 3) == 120)
    #expect(store.entryCount(prompts: 504, pivot: 2) == nil)
    #expect(chosen(asked: 16) == 504 && chosen(asked: 100) == 504)
    #expect(chosen(asked: 200) == 1_000 && chosen(asked: nil) == 5_000)
    try store.save(fixture.map, prompts: 5_000)
    #expect(chosen(asked: 16) == 5_000 && chosen(asked: nil) == 5_000)
  }

  @Test func aMapOfAnotherModelFormatOrDrawDoesNotServe() throws {
    var others: [MapStore] = [store.seeded(3)]
    for (sha, dtype) in [("ab", "f32"), ("aa", "bf16")] {
      others.append(
        MapStore(
          model: store.folder(prompts: 1).deletingLastPathComponent(), modelSHA256: sha,
          dtype: dtype, dataFile: nil, seed: 17, cache: scratch.file("cache")))
      others.append(
        MapStore(
          model: scratch.file("model.gguf"), modelSHA256: sha, dtype: dtype, dataFile: nil,
          seed: 17, cache: scratch.file("cache")))
    }
    let onGPU = MapStore(
      model: scratch.file("model.gguf"), modelSHA256: "aa", dtype: "f32", device: .cuda,
      dataFile: nil, seed: 17, cache: scratch.file("cache"))
    others.append(onGPU)
    for other in others { try other.save(fixture.map, prompts: 4_000) }
    #expect(chosen(asked: 16) == 400)
    #expect(onGPU.prompts(size: PreparationSize(asked: 16, wholeFrom: 1_000)) == 4_000)
    #expect(onGPU.folder(prompts: 8).lastPathComponent == "model-f32-cuda-starter-8")
    // Also where the folder has the name that this run's would have.
    try FileManager.default.moveItem(
      at: onGPU.folder(prompts: 4_000), to: store.folder(prompts: 800))
    #expect(store.entryCount(prompts: 800, pivot: 3) == nil && chosen(asked: 16) == 400)
  }

  /// Bridges and searched plans are kept under these keys.
  @Test func whatTheCacheKeepsIsOfOneKindOfDevice() throws {
    let onGPU = MapStore(
      model: scratch.file("model.gguf"), modelSHA256: "aa", dtype: "f32", device: .cuda,
      dataFile: nil, seed: 17, cache: scratch.file("cache"))
    let (key, other) = (try store.key("seed 17"), try onGPU.key("seed 17"))
    #expect(key.hasPrefix("aa ") && key.hasSuffix(" seed 17"), "as before there was a choice")
    #expect(other == key + ", on cuda")
  }
}
