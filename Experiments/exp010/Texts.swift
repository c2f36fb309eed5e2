import AISHarness
import AISKit

/// A perplexity of the full model and of the variant on the same texts.
struct Texts {
  private let name: String
  private let unit: String
  private let full: TextLikelihood
  private let variant: TextLikelihood

  /// The perplexities of documents, and of LAMBADA's last words.
  static func all(_ documents: [DocumentRow], _ words: [Exp010.Row]) -> [Texts] {
    var texts: [Texts] = []
    if !documents.isEmpty {
      texts = [
        Texts("WikiText-2 raw", "word", documents, size: \.words),
        Texts("WikiText-2 raw", "byte", documents, size: \.bytes),
        Texts("WikiText-2 raw", "token", documents, size: \.tokens),
      ]
    }
    if !words.isEmpty {
      func likelihood(_ values: KeyPath<Exp010.Row, String>) -> TextLikelihood {
        TextLikelihood(
          Dictionary(
            uniqueKeysWithValues: words.map {
              ($0.row, (-(Double($0[keyPath: values]) ?? .nan), 1))
            }))
      }
      texts.append(
        Texts(
          name: "LAMBADA (OpenAI)", unit: "last word", full: likelihood(\.baselineValues),
          variant: likelihood(\.variantValues)))
    }
    return texts
  }

  /// The perplexity of a word under the variant, over the full model's.
  static func wordRatio(_ documents: [DocumentRow]) -> Estimate {
    let words = Texts("", "", documents, size: \.words)
    return words.variant.perplexityRatio(over: words.full)
  }

  private init(name: String, unit: String, full: TextLikelihood, variant: TextLikelihood) {
    (self.name, self.unit, self.full, self.variant) = (name, unit, full, variant)
  }

  private init(
    _ name: String, _ unit: String, _ documents: [DocumentRow], size: KeyPath<DocumentRow, Int>
  ) {
    func likelihood(_ value: KeyPath<DocumentRow, Double>) -> TextLikelihood {
      TextLikelihood(
        Dictionary(
          uniqueKeysWithValues: documents.map { ($0.row, (-$0[keyPath: value], $0[keyPath: size])) }
        ))
    }
    self.init(name: name, unit: unit, full: likelihood(\.baseline), variant: likelihood(\.variant))
  }

  static var cells: [Cells<Texts>] {
    [
      .cell("text", "what is read", \.name),
      .cell("unit", "what one perplexity is of", \.unit),
      .estimate("full", "the full model's; texts are resampled", .decimals(2, relative: 0.02)) {
        $0.full.perplexity()
      },
      .estimate("variant", "the variant's", .decimals(2, relative: 0.02)) {
        $0.variant.perplexity()
      },
      .estimate("ratio", "the variant's over the full model's, paired", .decimals(3, within: 0.02))
      {
        $0.variant.perplexityRatio(over: $0.full)
      },
    ]
  }
}
