import AISKit

/// The four disjoint parts of the prompts, by use.
///
/// A hash of the prompt's text alone decides. So a prompt used to build a map or fit a router is
/// never in the test that judges it, whatever the seed, the file's order or the sample's size.
/// Drawing splits with a random seed would not ensure that.
///
/// The hash is FNV-1a (64 bits) over the text's UTF-8 bytes, put through SplitMix64's output
/// function; its upper 53 bits as a fraction of 2^53 fall into the shares below, in their order.
/// It is part of every published result: changing it makes them incomparable.
public enum Split: String, Sendable, CaseIterable {
  /// Prompts that build the map and anything else that is looked up.
  case map
  /// Prompts that fit parameters: bridges, routers.
  case calibration
  /// Prompts that choose thresholds and stop training.
  case validation
  /// Prompts that judge; used only once everything else is fixed.
  case test

  /// The share of all texts that falls into this split.
  public var share: Double {
    switch self {
    case .map: 0.4
    case .calibration, .validation, .test: 0.2
    }
  }

  /// The split of a text.
  public static func of(_ text: String) -> Split {
    let place = StableHash.place(of: text.utf8)
    if place < 0.4 { return .map }
    if place < 0.6 { return .calibration }
    if place < 0.8 { return .validation }
    return .test
  }

  /// Checks that no text of one part is a text of another.
  ///
  /// - Parameter parts: the texts an experiment is about to use, under the split it uses them as.
  /// - Throws: `SplitError` for the first text that is shared or lies in another split.
  public static func check(_ parts: [(split: Split, texts: [String])]) throws {
    for part in parts {
      for text in part.texts where of(text) != part.split {
        throw SplitError(text: text, usedAs: part.split, belongsTo: of(text))
      }
    }
  }
}

/// A prompt that was about to be used outside its split.
public struct SplitError: InputError, Equatable {
  /// The prompt.
  public let text: String
  /// What it was about to be used as.
  public let usedAs: Split
  /// The split it belongs to.
  public let belongsTo: Split

  /// What overlaps, in one line.
  public var description: String {
    let start = text.prefix(40).replacing("\n", with: " ")
    return "the prompt “\(start)…” is used as \(usedAs.rawValue), expected \(belongsTo.rawValue)"
  }
}
