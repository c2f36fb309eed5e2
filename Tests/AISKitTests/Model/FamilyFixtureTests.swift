import AISKit
import Foundation
import TestSupport
import Testing

/// Small models of every family and option, compared with transformers in float32.
///
/// Made by Tests/Fixtures/families/make.py.
@Suite(.everyDevice)
struct FamilyFixtureTests {
  private static let folder = ReferenceFiles.repository
    .appendingPathComponent("Tests/Fixtures/families")

  static let names: [String] = {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return entries.filter { !$0.contains(".") && !$0.hasPrefix("_") }.sorted()
  }()

  private struct Expected: Decodable {
    let tokens: [[Int32]]
    /// Logits of each sequence's last position.
    let logits: [[Float]]
    /// Statistics of each sequence's logits over all positions.
    let sumAbs: [Double]

    enum CodingKeys: String, CodingKey {
      case tokens, logits
      case sumAbs = "sum_abs"
    }
  }

  @Test func allAreHere() { #expect(Self.names.count >= 33) }

  @Test(arguments: names)
  func logitsMatch(name: String) throws {
    let folder = Self.folder.appendingPathComponent(name)
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    let model = try TestDevice.current.load(Checkpoint.open(path: folder.path))
    var batch = try model.makeContext(sequences: expected.tokens.count, capacity: 24)
    try model.forward(PackedTokens(expected.tokens), in: &batch)
    for (sequence, tokens) in expected.tokens.enumerated() {
      var context = try model.makeContext(capacity: tokens.count)
      try model.forward(PackedTokens(tokens), in: &context, logits: .all)
      let last = context.logits(row: tokens.count - 1)
      // Exact GELU and its approximation differ by 1.5e-4 here. All other options differ by far
      // more.
      let scale = max(1, (expected.logits[sequence].map(abs).max() ?? 0) / 4)
      expectClose(last, expected.logits[sequence], tolerance: 3e-5 * scale)
      let sum = context.withAllLogits { $0.reduce(0.0) { $0 + Double(abs($1)) } }
      #expect(abs(sum - expected.sumAbs[sequence]) < 1e-5 * sum)
      expectClose(batch.logits(row: sequence), last, tolerance: 3e-5 * scale)
    }
    // Token by token, with the final lengths expected.
    var stepped = try model.makeContext(capacity: 24)
    for token in expected.tokens[0] {
      try model.forward(PackedTokens([token]), in: &stepped)
    }
    let scale = max(1, (expected.logits[0].map(abs).max() ?? 0) / 4)
    expectClose(stepped.logits(row: 0), expected.logits[0], tolerance: 3e-5 * scale)
  }

  @Test func neighboursInABatchDoNotDecideHowASequenceTurns() throws {
    let folder = Self.folder.appendingPathComponent("phi3-longrope-long")
    let model = try TestDevice.current.load(Checkpoint.open(path: folder.path))
    // The original context has 16 positions.
    let sequences = [24, 9].map { (0..<$0).map { Int32($0 % 30) } }
    var together = try model.makeContext(sequences: 2, capacity: 24)
    together.expect(lengths: sequences.map(\.count))
    try model.forward(PackedTokens(sequences), in: &together)
    for (row, tokens) in sequences.enumerated() {
      var alone = try model.makeContext(capacity: tokens.count)
      try model.forward(PackedTokens(tokens), in: &alone)
      expectClose(together.logits(row: row), alone.logits(row: 0), tolerance: 1e-5)
    }
  }
}
