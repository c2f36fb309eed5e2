/// Runs texts through the full model and labels some of their positions.
///
/// Texts are packed without padding. The LM head is computed only for labelled rows. After a layer
/// it is computed only for those labelled rows that a shortlist cannot rule out.
public final class LabelReader {
  /// What is kept in addition to the labels.
  public struct Keeping: Sendable {
    /// A folder for the layers' outputs after the final norm, which training needs; `nil`: they are
    /// not kept.
    public var activationFolder: String?
    /// Whether outputs are also compared with the last layer's output after the final norm.
    public var cosinesToNormed = false

    /// Only the labels.
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

  /// Seconds spent in forward passes so far.
  public private(set) var passSeconds = 0.0
  /// Seconds spent in labelling so far.
  public private(set) var labelSeconds = 0.0
  /// Readouts of a row after a layer that had to be computed whole, because a shortlist could not
  /// rule the row out.
  public private(set) var wholeReadouts = 0

  /// A reader.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - layers: the layers whose outputs are labelled.
  ///   - labelEvery: the distance between labelled positions of a text.
  ///   - seed: decides the first labelled position of each text.
  ///   - keeping: what is kept in addition to the labels.
  ///   - exitBridges: bridges from a layer's output to the final state, applied before the
  ///     readout and the comparison. Kept activations don't pass them.
  ///   - usesShortlist: whether readouts are avoided if possible. The labels are the same.
  /// - Throws: `RequestError` for a layer that the model does not have.
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
    // A shortlist's error bounds hold for floating-point products. Integer products round far more.
    let isBounded = [.f32, .bf16].contains(model.backend.computeType)
    shortlist = usesShortlist && isBounded ? TokenShortlist(model) : nil
    gatherer = RowGatherer(layers: self.layers, last: last)
    context = try model.makeContext(capacity: 1)
  }

  /// Labels positions of texts, in the texts' order.
  ///
  /// - Parameters:
  ///   - texts: their tokens.
  ///   - firstPositions: the first position of each text that may be labelled; empty: 0.
  ///     Positions before it, such as a chat template's opening, are the same in every text.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Returns: the labelled rows, in the order of texts.
  /// - Throws: errors of a forward pass, `CheckpointError` if activations cannot be kept.
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

  /// The labelled positions of a text: every `labelEvery`-th.
  ///
  /// Seed and text decide the first, so that all positions are equally likely.
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

    // The rows of all layers are concatenated, so that one readout serves them all.
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

  /// Whether the readout of each layer's rows has the final top token.
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
