/// Runs texts through the full model and labels some of their positions.
///
/// Texts are packed without padding; a pass stops before the head, which is computed only for the rows
/// that are labelled and, at a layer, only for those of them that a shortlist cannot rule out.
public final class LabelReader {
  /// What is kept beside the labels.
  public struct Keeping: Sendable {
    /// A folder for the layers' activations after the final norm, which training needs; `nil`: none are kept.
    public var activationFolder: String?
    /// Whether outputs are also compared with the last layer's after the final norm.
    public var cosinesToNormed = false

    /// Labels alone.
    public init() {}
  }

  private let model: DecoderModel
  private let layers: [Int]
  private let labelEvery: Int
  private let seed: UInt64
  private let keeping: Keeping
  private let exitBridges: ExitBridges?
  private let reader: StateReader
  private let shortlist: TokenShortlist?
  private let gatherer: RowGatherer
  private var context: DecoderContext

  /// Seconds spent in passes so far, and in labelling what they gave.
  public private(set) var passSeconds = 0.0
  /// See `passSeconds`.
  public private(set) var labelSeconds = 0.0
  /// Rows that were read out whole at some layer, of all rows and layers: those that a shortlist could not rule
  /// out.
  public private(set) var wholeReadouts = 0

  /// A reader.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - layers: the layers asked about.
  ///   - labelEvery: the distance of the positions that are labelled in a text.
  ///   - seed: decides at which position of each text that begins.
  ///   - keeping: what is kept beside the labels.
  ///   - exitBridges: what takes a layer's output to the final state before it is read out and compared;
  ///     activations are kept as they were.
  ///   - usesShortlist: whether readouts are spared where they can be; the labels are the same.
  /// - Throws: `RequestError` for a layer that the model has not, `RequestError`.
  public init(
    model: DecoderModel, layers: [Int], labelEvery: Int = 1, seed: UInt64 = 0,
    keeping: Keeping = Keeping(), exitBridges: ExitBridges? = nil, usesShortlist: Bool = true
  ) throws {
    precondition(labelEvery > 0, "a distance of at least 1")
    let last = model.config.layerCount - 1
    if let wrong = layers.first(where: { !(0...last).contains($0) }) {
      throw RequestError("layers", expected: "layers from 0 to \(last)", found: "\(wrong)")
    }
    self.model = model
    self.layers = Set(layers).sorted()
    self.labelEvery = labelEvery
    self.seed = seed
    self.keeping = keeping
    self.exitBridges = exitBridges
    reader = StateReader(model)
    // What a shortlist rules out it has bounded in floats; whole-number products round far more.
    let isBounded = [.f32, .bf16].contains(model.backend.computeType)
    shortlist = usesShortlist && isBounded ? TokenShortlist(model) : nil
    gatherer = RowGatherer(layers: self.layers, last: last)
    context = try model.makeContext(capacity: 1)
  }

  /// Labels positions of texts, in the texts' order.
  ///
  /// - Parameters:
  ///   - texts: their tokens.
  ///   - firstPositions: where the positions begin that count, a text each; empty: at 0. What comes
  ///     before, such as a chat template's opening, is the same in every text.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Returns: the rows, text after text.
  /// - Throws: what a forward pass throws, `CheckpointError` where activations cannot be kept.
  public func read(
    _ texts: [[Int32]], firstPositions: [Int] = [], progress: (Int) -> Void = { _ in }
  ) throws -> LabelledRows {
    precondition(firstPositions.isEmpty || firstPositions.count == texts.count, "one a text")
    let rows = LabelledRows(
      layers: layers,
      activations: try keeping.activationFolder.map { folder in
        try layers.map { _ in
          try ActivationFile(width: model.config.hiddenSize, folder: folder)
        }
      } ?? [])
    for text in texts { shortlist?.note(text) }
    for batch in PackedTokens.batches(of: texts) {
      let tokens = texts[batch].reduce(0) { $0 + $1.count }
      if tokens > 0 { try read(texts, batch, firstPositions, into: rows) }
      progress(tokens)
    }
    return rows
  }

  private func read(
    _ texts: [[Int32]], _ batch: Range<Int>, _ firstPositions: [Int], into rows: LabelledRows
  ) throws {
    let clock = ContinuousClock()
    let begin = clock.now
    let sequences = Array(texts[batch])
    let tokens = PackedTokens(sequences)
    try context.reshape(for: sequences)
    gatherer.rows = []
    let labelled = rows.positions.count
    for (place, text) in batch.enumerated() {
      let first = firstPositions.isEmpty ? 0 : firstPositions[text]
      for position in positions(texts[text], from: first) {
        gatherer.rows.append(tokens.starts[place] + position)
        rows.texts.append(text)
        rows.positions.append(position)
      }
    }
    guard !gatherer.rows.isEmpty else { return }
    try model.forward(tokens, in: &context, observer: gatherer, logits: .none)
    let middle = clock.now
    passSeconds += (middle - begin) / .seconds(1)
    let firstRows = gatherer.rows.indices.filter { rows.positions[labelled + $0] == 0 }
    try label(firstRows: firstRows, into: rows)
    labelSeconds += (clock.now - middle) / .seconds(1)
  }

  /// The positions of a text that are labelled: every so many, from one that the seed and the text
  /// decide, so that every position is as likely as any other.
  private func positions(_ text: [Int32], from first: Int) -> [Int] {
    guard first < text.count else { return [] }
    let hash = text.withUnsafeBytes { StableHash.of($0) }
    var random = SplitMix64(seed: seed ^ hash)
    let start = first + random.index(below: min(labelEvery, text.count - first))
    return Array(stride(from: start, to: text.count, by: labelEvery))
  }

  private func label(firstRows: [Int], into rows: LabelledRows) throws {
    let (width, count, final) = (model.config.hiddenSize, gatherer.rows.count, gatherer.final)
    let finalTokens = try reader.topTokens(of: final, rows: Array(0..<count))
    rows.finalTokens.append(contentsOf: finalTokens)
    shortlist?.note(finalTokens)
    let finalNormed = keeping.cosinesToNormed ? try reader.normed(final) : []

    // Rows of all layers lie one after the other, so that all are read out together.
    var hidden = gatherer.hidden
    var normed = try hidden.map { try reader.normed($0) }
    for (file, own) in zip(rows.activations, normed) { try file.append(own.span) }
    if let exitBridges {
      for (place, layer) in layers.enumerated() {
        guard let bridge = exitBridges[layer] else { continue }
        hidden[place] = try reader.states(hidden[place], through: bridge, firstRows: firstRows)
        normed[place] = try reader.normed(hidden[place])
      }
    }
    for (place, own) in hidden.enumerated() {
      rows.cosines[place] += Cosine.rows(own.span, final.span, width: width)
      if keeping.cosinesToNormed {
        rows.cosinesToNormed[place] += Cosine.rows(own.span, finalNormed.span, width: width)
      }
    }
    let agrees = try agreement(hidden.flatMap { $0 }, normed.flatMap { $0 }, finalTokens)
    for place in layers.indices {
      rows.agrees[place] += agrees[place * count..<(place + 1) * count]
    }
  }

  /// Whether the readout of each layer's rows has the final token on top.
  ///
  /// Shape: hidden and normed [layers · rows, hiddenSize].
  private func agreement(
    _ hidden: [Float], _ normed: [Float], _ finalTokens: [Int32]
  ) throws -> [Bool] {
    let width = model.config.hiddenSize
    let wanted = layers.flatMap { _ in finalTokens }
    guard !wanted.isEmpty else { return [] }
    let possible: [Int]
    if let shortlist {
      let lengths = wanted.indices.map {
        TokenShortlist.length(normed[$0 * width..<($0 + 1) * width])
      }
      possible = try shortlist.possible(hidden, norms: lengths, wanted: wanted)
    } else {
      possible = wanted.indices.filter { wanted[$0] >= 0 }
    }
    wholeReadouts += possible.count
    let tokens = try reader.topTokens(of: hidden, rows: possible)
    shortlist?.note(tokens)
    var agrees = [Bool](repeating: false, count: wanted.count)
    for (row, token) in zip(possible, tokens) { agrees[row] = token == wanted[row] }
    return agrees
  }
}
