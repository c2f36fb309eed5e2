import AISHarness
import AISKit
import TestSupport
import Testing

/// Prompts from the starter set for the default model, and their probes on disk.
@Suite(.enabled(if: CachedModel.standard.isPresent), .serialized)
struct CorpusTests {
  private let language: LanguageModel

  init() throws { language = try LanguageModel(path: CachedModel.standard.path) }

  private func draw(
    _ split: Split, count: Int = 24, maximumTokens: Int = 64, seed: UInt64 = 3
  ) throws -> PromptDraw {
    try PromptDraw(
      data: StarterData.prompts, language: language, split: split, count: count,
      maximumTokens: maximumTokens, seed: seed)
  }

  @Test(arguments: Split.allCases)
  func promptsAreOfTheirSplitAndShortEnough(split: Split) throws {
    let draw = try draw(split)
    #expect(!draw.prompts.isEmpty && draw.prompts.count <= 24)
    #expect(draw.tokens.count == draw.prompts.count)
    for (prompt, tokens) in zip(draw.prompts, draw.tokens) {
      #expect(prompt.split == split && tokens.count <= 64)
      #expect(tokens == (try language.tokens(ofMessage: prompt.text)))
    }
    #expect(Set(draw.prompts.map(\.text)).count == draw.prompts.count)
    #expect(draw.tokenCount == draw.tokens.reduce(0) { $0 + $1.count })
  }

  /// Short texts are accepted by their byte counts alone.
  ///
  /// The result must be the same as with token counts.
  @Test(arguments: [48, 64, 512])
  func tooLongPromptsAreLeftOutAndCounted(maximumTokens: Int) throws {
    let long = try StarterData.prompts.filter {
      try language.tokens(ofMessage: $0.text).count > maximumTokens
    }
    let draw = try draw(.map, count: 1_000, maximumTokens: maximumTokens)
    #expect(draw.leftOutCount == long.count)
    let texts = Set(long.map(\.text))
    #expect(!draw.prompts.contains { texts.contains($0.text) })
    let ofSplit = StarterData.prompts.filter { $0.split == .map && !texts.contains($0.text) }
    #expect(draw.prompts.count == ofSplit.count)
    #expect(
      draw.shortage
        == "there are only \(ofSplit.count) prompts of the map split, not 1000: all are used"
        + (long.isEmpty
          ? "" : "; \(long.count) of the data are longer than \(maximumTokens) tokens"))
    #expect(try self.draw(.map, count: ofSplit.count, maximumTokens: maximumTokens).shortage == nil)
  }

  @Test func theSeedDrawsThePrompts() throws {
    #expect(try draw(.test).prompts == draw(.test).prompts)
    #expect(try draw(.test).prompts != draw(.test, seed: 4).prompts)
    let error = #expect(throws: RequestError.self) { try draw(.test, maximumTokens: 2) }
    #expect(error?.description.contains("test") == true)
  }

  private func corpus() throws -> Corpus {
    try Corpus(
      of: StarterData.prompts, language: language, mapCount: 125, heldOutCount: 9, seed: 3)
  }

  @Test func aCorpusHasItsPartsFromTheirSplits() throws {
    let corpus = try corpus()
    #expect(corpus.mapCount == 125 && corpus.prompts.count == 134 && corpus.shortage == nil)
    for (place, prompt) in corpus.prompts.enumerated() {
      #expect(prompt.split == (place < 125 ? .map : .test))
      #expect(corpus.categories[corpus.labels[place]] == prompt.category)
    }
    #expect(corpus.categories == Set(StarterData.prompts.map(\.category)).sorted())
    #expect(corpus.mapLabels + corpus.heldOutLabels == corpus.labels)
    #expect(corpus.tokens.allSatisfy { $0.count <= Corpus.maximumTokens })
  }

  @Test func whatPromptsShareIsTheTemplatesOpening() throws {
    let corpus = try corpus()
    let prefix = corpus.sharedPrefix
    #expect(prefix.count >= 8)
    for tokens in corpus.tokens {
      #expect(tokens.starts(with: prefix) && tokens.count > prefix.count)
    }
    let opening = language.prompts.tokenizer.decode(prefix, skipSpecial: false)
    #expect(opening.hasSuffix("<|im_start|>user\n"))
  }

  /// Stopped after the first window, as by a kill.
  @Test func probesGoOnBehindTheLastWindowOnDisk() throws {
    struct Broken: Error {}
    let folder = try TemporaryFolder()
    let corpus = try corpus()
    func probes(_ dtype: String = "f32", fresh: Bool = false) throws -> CorpusProbes {
      try CorpusProbes(
        corpus, model: language.decoder, pivot: 2, folder: folder.url, modelSHA256: "ab",
        dtype: dtype, fresh: fresh)
    }
    #expect(throws: Broken.self) {
      try probes().compute { _, seconds in
        #expect(seconds != nil)
        throw Broken()
      }
    }
    var windows: [Range<Int>] = []
    var areOnDisk: [Bool] = []
    let values = try probes().compute { window, seconds in
      windows.append(window)
      areOnDisk.append(seconds == nil)
    }
    #expect(windows == [0..<128, 128..<134] && areOnDisk == [true, false])
    #expect(values.count == 134 * 576)
    let again = try probes().compute { _, seconds in #expect(seconds == nil) }
    #expect(again == values)
    // Read alone and whole: neither the window nor the shared opening changes a probe.
    let plain = try ProbeReader(model: language.decoder, pivot: 2)
    for prompt in [0, 77, 133] {
      let alone = try plain.probes(of: [corpus.tokens[prompt]])
      let kept = Array(values[prompt * 576..<(prompt + 1) * 576])
      let scale = alone.map(abs).max() ?? 1
      expectClose(kept, alone, tolerance: 1e-5 * scale)
    }
    #expect(throws: Broken.self) {
      try probes("bf16").compute { _, seconds in
        #expect(seconds != nil, "probes of another number format are not mixed in")
        throw Broken()
      }
    }
  }
}
