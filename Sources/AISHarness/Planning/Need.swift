/// What an experiment needs before it can measure.
public enum Need: Sendable, Equatable {
  /// A result of another experiment, which runs first if there is none.
  case result(Prerequisite)
  /// The map of the model and its prompts, which is made once and kept in the cache.
  case map
  /// Bridges (linear maps that replace layers), which are fitted once and kept in the cache.
  case bridges
}

/// A result of another experiment: which one, and what it must have been made with.
///
/// Its other settings, such as the number of prompts or the seed, do not matter.
public struct Prerequisite: Sendable, Equatable {
  /// An option and its value.
  public struct Setting: Sendable, Equatable {
    /// The option's name, without leading dashes.
    public let option: String
    /// Its value, as it is typed.
    public let value: String

    /// A setting from its parts.
    public init(_ option: String, _ value: String) {
      self.option = option
      self.value = value
    }

    /// The parameter's name in a result: `kv-fill` → `kvFill`.
    var parameter: String {
      let words = option.split(separator: "-").map(String.init)
      return (words.prefix(1) + words.dropFirst().map(\.capitalized)).joined()
    }
  }

  /// The experiment's number, such as `015`.
  public let id: String
  /// What it yields, such as `ablation`.
  public let what: String
  /// What the result must have been made with.
  public let settings: [Setting]
  /// Its full number of items.
  public let full: DefaultCount
  /// The smallest number of items with which it means anything.
  public let least: Int
  /// The column that numbers the items, if the rows cover all of them.
  let itemColumn: String?

  /// A prerequisite from its parts.
  public init(
    _ id: String, _ what: String, settings: [Setting] = [], full: DefaultCount,
    least: Int, itemColumn: String? = nil
  ) {
    self.id = id
    self.what = what
    self.settings = settings
    self.full = full
    self.least = least
    self.itemColumn = itemColumn
  }

  /// The cost of leaving out each layer, by category: exp015's result.
  ///
  /// - Parameter groups: the number of groups that the ablation must also have; `nil` if only
  ///   single layers matter.
  /// - Returns: the prerequisite.
  public static func ablation(groups: Int?) -> Prerequisite {
    Prerequisite(
      "015", "ablation",
      settings: [Setting("tokens", "\(ablationTokens)")]
        + (groups.map { [Setting("groups", "\($0)")] } ?? []),
      full: ablationPrompts, least: 16,
      itemColumn: "prompt")
  }

  /// Exit routers, which decide whether a token exits: exp020's result.
  ///
  /// They must be trained with that experiment's defaults. A user names routers with other labels
  /// or another readout as a file.
  public static let routers = Prerequisite(
    "020", "routers",
    settings: [
      Setting("tokens", "\(routerTokens)"), Setting("readout", "head"),
      Setting("labels", "agreement"), Setting("balance", "rows"),
    ],
    full: .items(routerPrompts), least: 96)

  /// The fewest items of each category in a small result.
  static let leastOfCategory = 2

  /// Prompts of an ablation: twenty a category, the fewest that an interval may rest on; three with
  /// the starter set, so that a first try is short.
  public static let ablationPrompts = DefaultCount.data(160, starter: 24)

  /// The longest prompt of an ablation, in tokens.
  public static let ablationTokens = 256

  /// Prompts that routers are made from, in all splits; with the starter set, all that each has.
  public static let routerPrompts = 1_000

  /// The longest text that routers are trained on, in tokens.
  public static let routerTokens = 256

  /// The executable's name.
  var name: String { "exp\(id)" }

  func full(isStarter: Bool) -> Int { full.number(isStarter: isStarter) }
}
