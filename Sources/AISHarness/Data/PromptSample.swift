import AISKit

/// Prompts drawn from one split, evenly over the categories, the same for the same seed.
///
/// A category's prompts are shuffled by the seed, and a sample takes them from the front. It takes
/// categories in turns, in a new random order each turn. So the beginning of a sample is as
/// balanced as the whole, and a run that is cut off has some of every category.
public enum PromptSample {
  /// A sample of `count` prompts of `split`.
  ///
  /// Every category gives equally many; if one has too few, the others give more, evenly. Fewer
  /// than `count` come back only if the split has no more. A smaller sample is the beginning of a
  /// larger one.
  public static func stratified(
    _ prompts: [InstructionPrompt], split: Split, count: Int, seed: UInt64
  ) -> [InstructionPrompt] {
    Array(draw(prompts, split, seed) { $0 }.prefix(max(count, 0)))
  }

  /// A sample of `count` prompts of `split` in each category, or of all if it has fewer.
  public static func perCategory(
    _ prompts: [InstructionPrompt], split: Split, count: Int, seed: UInt64
  ) -> [InstructionPrompt] {
    draw(prompts, split, seed) { $0.map { min($0, max(count, 0)) } }
  }

  private static func draw(
    _ prompts: [InstructionPrompt], _ split: Split, _ seed: UInt64, shares: ([Int]) -> [Int]
  ) -> [InstructionPrompt] {
    let groups = Dictionary(grouping: prompts.filter { $0.split == split }, by: \.category)
    var generator = SplitMix64(seed: seed)
    // Sorted first, since a dictionary has no order; then the order of the categories is drawn.
    var pools = groups.sorted { $0.key < $1.key }.map { generator.shuffled($0.value) }
    pools = generator.shuffled(pools)
    let drawn = zip(pools, shares(pools.map(\.count))).map { Array($0.prefix($1)) }
    return (0..<(drawn.map(\.count).max() ?? 0)).flatMap { turn in
      generator.shuffled(drawn.filter { turn < $0.count }.map { $0[turn] })
    }
  }
}
