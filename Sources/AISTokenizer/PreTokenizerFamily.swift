/// A set of rules for splitting text, which GGUF files name in `tokenizer.ggml.pre`.
struct PreTokenizerFamily: Sendable {
  /// The names of the family.
  let names: [String]
  /// Patterns in the order of application; the next one splits the matches and the gaps between them.
  let patterns: [String]
  /// The defaults for files that do not have these settings.
  var ignoresMerges = false
  var addsBOS = false
  /// Texts begin with BOS even if the file has another setting, which is wrong in early files.
  var alwaysAddsBOS = false
  /// Tokens are spelled in the byte-level alphabet; if false, literally, with U+2581 for spaces.
  var isByteLevel = true

  /// The family called `name`.
  static func named(_ name: String) -> PreTokenizerFamily? {
    all.first { $0.names.contains(name) }
  }

  /// The family's pre-tokenizer.
  ///
  /// Throws: `PatternParser.Failure`.
  func preTokenizer() throws(PatternParser.Failure) -> PreTokenizer {
    var stages: [(PreTokenizer.Stage, String)] = []
    for pattern in patterns {
      let split = PreTokenizer.Stage.split(
        try SplitPattern(pattern.utf8), .isolated, inverted: false)
      stages.append((split, "tokenizer.ggml.pre"))
    }
    return PreTokenizer(stages)
  }

  /// Splits lines from line ends: no token has both a line end and another character.
  private static let lines = #"[^\n]+|\n+"#
  /// Gemma 4's rules: merges run over whole lines.
  static let gemma4 = PreTokenizerFamily(
    names: ["gemma4", "granite-embed-multi-311m"], patterns: [lines], alwaysAddsBOS: true,
    isByteLevel: false)

  /// GPT-2's words: contractions, and letters, digits or signs with an optional space before them.
  static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  private static let letters = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
  private static let signs = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let llama3 = "\(contractions)|\(letters)|\\p{N}{1,3}|\(signs)|\(spaces)"
  private static let qwen2 = "\(contractions)|\(letters)|\\p{N}|\(signs)|\(spaces)"

  /// Letters of which a capital begins a new word: `camelCase` is two words.
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

  /// A sign with the following ASCII word, letters with their marks, signs, spaces.
  private static let deepSeek3 =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
    + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let bloom =
    #" ?[^(\s|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+"#
  private static let eastAsian = #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#
  private static let eastAsianSigns =
    #"[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+"#
  private static let hanAndKana = #"[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+"#
  /// Letters of alphabets with two cases.
  private static let casedAlphabets =
    #"["# + #"A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293}"#
    + #"\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}"#
    + #"\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F}"#
    + #"\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA}"#
    + #"\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}"#
    + #"\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}"#
    + #"\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}"#
    + #"\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}"#
    + #"\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}\x{2102}\x{2107}"#
    + #"\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124}\x{2126}\x{2128}\x{212A}-\x{212D}"#
    + #"\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}"#
    + #"\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}"#
    + #"\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E}"#
    + #"\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A}"#
    + #"\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}"#
    + #"\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}\x{1E900}-\x{1E943}"# + "]"

  /// Every family; the first is the default for files without a name.
  ///
  /// Source: the table of llama.cpp (llama-vocab.cpp), and the `pre_tokenizer` of the models' own
  /// tokenizer.json if the table paraphrases it.
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
    PreTokenizerFamily(names: ["laguna"], patterns: [lines, qwen2]),
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
        #"[\r\n]"#, "\\s?\(casedAlphabets)+", "\\s?\(eastAsianSigns)", #"\s+$"#,
        eastAsian, #"\p{N}+"#,
      ]),
    PreTokenizerFamily(
      names: ["deepseek-coder"],
      patterns: [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, eastAsian, #"\p{N}"#]),
    PreTokenizerFamily(
      names: ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
      patterns: [#"\p{N}{1,3}"#, hanAndKana, deepSeek3]),
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
    gemma4,
    PreTokenizerFamily(names: ["sarvam-moe"], patterns: [lines], isByteLevel: false),
  ]
}
