/// A way of splitting text that GGUF files name in `tokenizer.ggml.pre`.
struct PreTokenizerFamily: Sendable {
  /// The names that mean it.
  let names: [String]
  /// Applied one after the other; matches and what lies between them are pieces for the next.
  let patterns: [String]
  /// What its models do where the file doesn't say.
  var ignoresMerges = false
  var addsBOS = false

  /// The family called `name`.
  static func named(_ name: String) -> PreTokenizerFamily? {
    all.first { $0.names.contains(name) }
  }

  /// The family's pre-tokenizer. Throws: `PatternParser.Failure`.
  func preTokenizer() throws(PatternParser.Failure) -> PreTokenizer {
    var stages: [PreTokenizer.Stage] = []
    for pattern in patterns {
      stages.append(.split(try SplitPattern(pattern.utf8), .isolated, inverted: false))
    }
    return PreTokenizer(stages)
  }

  /// GPT-2's words: contractions, letters, digits and signs each with a space before.
  static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  private static let letters = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
  private static let signs = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let llama3 = "\(contractions)|\(letters)|\\p{N}{1,3}|\(signs)|\(spaces)"
  private static let qwen2 = "\(contractions)|\(letters)|\\p{N}|\(signs)|\(spaces)"

  /// Letters where a capital begins a word: `camelCase` is two words.
  private static let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
  private static let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
  private static let signsAndSlashes = #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#
  private static func cased(_ suffix: String, _ digits: String) -> String {
    let start = #"[^\r\n\p{L}\p{N}]?"#
    let words = "\(start)\(upper)*\(lower)+\(suffix)|\(start)\(upper)+\(lower)*\(suffix)"
    return "\(words)|\(digits)|\(signsAndSlashes)|\(spaces)"
  }
  private static let gpt4o = cased("\(contractions)?", #"\p{N}{1,3}"#)
  private static let tekken = cased("", #"\p{N}"#)

  /// Signs with the ASCII word that follows, letters with their marks, signs, spaces.
  private static let deepSeek3 =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
    + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let bloom = " ?[^(\\s|.,!?…。，、।۔،)]+"
  /// Letters of alphabets with two cases.
  private static let casedAlphabets =
    "[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώ"
    + "ᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗ"
    + "Ａ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]"
  private static let eastAsian = "[一-龥ࠀ-一가-퟿]+"

  /// Every family, the fallback for files without a name first.
  ///
  /// Source: the `pre_tokenizer` of the models' own tokenizer.json where the table of llama.cpp
  /// (llama-vocab.cpp) paraphrases it.
  static let all: [PreTokenizerFamily] = [
    PreTokenizerFamily(
      names: ["default"],
      patterns: [#"[\p{P}\$\+<=>\^~\|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
    PreTokenizerFamily(
      names: [
        "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "gigachat", "a.x-4.0", "mellum",
        "modern-bert", "exaone4", "granite-docling", "jina-es", "jina-de", "jina-v2-es",
        "jina-v2-de", "jina-v1-en", "jina-v2-code", "roberta-bpe",
      ],
      patterns: [gpt2]),
    PreTokenizerFamily(
      names: [
        "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
        "jina-v5-nano",
      ],
      patterns: [llama3], ignoresMerges: true, addsBOS: true),
    PreTokenizerFamily(
      names: ["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"], patterns: [llama3]),
    PreTokenizerFamily(
      names: ["minicpm5"],
      patterns: [
        #"\p{N}{1,3}"#, "\(contractions)|\(letters)|\\p{N}+|\(signs)|\(spaces)",
      ], ignoresMerges: true),
    PreTokenizerFamily(
      names: [
        "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "hunyuan", "megrez",
        "solar-open", "grok-2",
      ],
      patterns: [qwen2]),
    PreTokenizerFamily(
      names: ["qwen35"],
      patterns: [
        "\(contractions)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\(spaces)"
      ]),
    PreTokenizerFamily(
      names: ["ufakzeka"], patterns: ["\(letters)|\\p{N}|\(signs)|\(spaces)"]),
    PreTokenizerFamily(names: ["laguna"], patterns: [#"[^\n]+|[\n]+"#, qwen2]),
    PreTokenizerFamily(
      names: ["seed-coder"],
      patterns: [
        "\(contractions)|\(letters)|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\(spaces)"
      ]),
    PreTokenizerFamily(
      names: ["bailingmoe", "bailingmoe2", "llada-moe"],
      patterns: [
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
          + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
      ]),
    PreTokenizerFamily(
      names: ["jais-2"],
      patterns: [
        "\(contractions)|\(letters)|\\p{N}{1,3}|\(signs)|\\s*[\\r\\n]+"
          + [512, 256, 128, 64, 32, 16, 8, 4].map { "|\\s{\($0)}(?!\\S)" }.joined()
          + #"|\s{1,2}(?!\S)|\s{1}"#
      ]),
    PreTokenizerFamily(
      names: [
        "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b",
        "mellum2",
      ],
      patterns: [#"\p{N}"#, gpt2]),
    PreTokenizerFamily(
      names: ["falcon"],
      patterns: [#"[\p{P}\$\+<=>\^~\|`]+"#, gpt2, "[0-9][0-9][0-9]"]),
    PreTokenizerFamily(
      names: ["deepseek-llm"],
      patterns: [
        #"[\r\n]"#, "\\s?\(casedAlphabets)+", "\\s?[!-/:-~！-／：-～‘-‟\u{3000}-。]+", #"\s+$"#,
        eastAsian, #"\p{N}+"#,
      ]),
    PreTokenizerFamily(
      names: ["deepseek-coder"],
      patterns: [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, eastAsian, #"\p{N}"#]),
    PreTokenizerFamily(
      names: ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
      patterns: [#"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", deepSeek3]),
    PreTokenizerFamily(names: ["bloom", "poro-chat", "gpt3-finnish"], patterns: [bloom]),
    PreTokenizerFamily(names: ["viking"], patterns: [bloom, #"\p{N}"#]),
    PreTokenizerFamily(
      names: ["tekken"], patterns: [tekken], ignoresMerges: true, addsBOS: true),
    PreTokenizerFamily(
      names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], patterns: [gpt4o]),
    PreTokenizerFamily(
      names: ["tiny_aya", "cohere2moe"], patterns: [#"\d{1,3}(?=(?:\d{3})*\b)"#, gpt4o]),
    PreTokenizerFamily(
      names: ["superbpe"], patterns: [#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#]),
    PreTokenizerFamily(
      names: ["chameleon"],
      patterns: [
        "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", #"([\t\n]|    |  )"#,
        #"\p{N}"#, #"[\p{P}!-/:-@\[-`{-~]"#, gpt2,
      ], addsBOS: true),
    PreTokenizerFamily(
      names: ["exaone-moe"],
      patterns: [
        "\(contractions)|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}"
          + #"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#
      ]),
  ]
}
