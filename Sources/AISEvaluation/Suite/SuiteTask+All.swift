extension SuiteTask {
  /// Every task.
  ///
  /// A new one is an entry here and a few lines of its data in the tests.
  public static let all = [
    SuiteTask(
      "arc_easy", "ARC-Easy", file: "arc_easy_test.jsonl", prompt: "Question: {question}\nAnswer:",
      .choices),
    SuiteTask(
      "arc_challenge", "ARC-Challenge", file: "arc_challenge_test.jsonl",
      prompt: "Question: {question}\nAnswer:", .choices, .normalizedAccuracy),
    SuiteTask(
      "hellaswag", "HellaSwag", file: "hellaswag_val.jsonl", prompt: "{query}", .choices,
      .normalizedAccuracy, preparing: [.hellaSwag]),
    SuiteTask(
      "piqa", "PIQA", file: "piqa_val.jsonl", prompt: "Question: {question}\nAnswer:", .choices,
      .normalizedAccuracy),
    SuiteTask(
      "winogrande", "WinoGrande", file: "winogrande_xl_dev.jsonl", prompt: "{question}", .blank),
    SuiteTask(
      "openbookqa", "OpenBookQA", file: "openbookqa_test.jsonl", prompt: "{question}", .choices,
      .normalizedAccuracy),
    SuiteTask(
      "boolq", "BoolQ", file: "boolq_dev.jsonl",
      prompt: "{context}\nQuestion: {question}?\nAnswer:", .fixed(["no", "yes"])),
    SuiteTask(
      "commonsense_qa", "CommonsenseQA", file: "commonsenseqa_dev.jsonl",
      prompt: "Question: {question}\n{letters}Answer:", .letters),
    SuiteTask(
      "sciq", "SciQ (validation)", file: "sciq_validation.jsonl",
      prompt: "{context}\nQuestion: {question}\nAnswer:", .choices,
      preparing: [.trimmed(field: "context")]),
    SuiteTask(
      "truthfulqa_mc1", "TruthfulQA (mc1)", file: "truthfulqa_mc.jsonl",
      prompt: "Q: {question}\nA:", .choices, examples: truthfulQAExamples),
    SuiteTask(
      "lambada_openai", "LAMBADA (OpenAI)", file: "lambada_openai_test.jsonl", prompt: "{context}",
      .target(field: "target")),
    SuiteTask(
      "mmlu", "MMLU, by letter", file: "mmlu-test.jsonl", prompt: mmluHeader + letterQuestion,
      .letters, preparing: [.spaced(field: "subject"), .stripped(field: "question")],
      group: "subject"),
    SuiteTask(
      "mmlu_cloze", "MMLU, by the answers' texts", file: "mmlu-test.jsonl",
      prompt: "Question: {question}\nAnswer:", .choices, .normalizedAccuracy,
      preparing: [.stripped(field: "question")], group: "subject"),
    SuiteTask(
      "mmlu_pro", "MMLU-Pro (a sixth), by letter", file: "mmlu_pro_test_every6th.jsonl",
      prompt: mmluProHeader + letterQuestion, .letters, group: "category"),
    SuiteTask(
      "mmlu_it", "MMLU in Italian (a part), by letter", file: "mmlu_it_mt_every4th.jsonl",
      prompt: "{question}\n{letters}Risposta:", .letters, group: "subject"),
    SuiteTask(
      "wikitext", "WikiText-2 raw", file: "wikitext2_raw_test.jsonl", .document(field: "text"),
      .wordPerplexity),
    SuiteTask(
      "gsm8k", "GSM8K, 8 examples", file: "gsm8k_test.jsonl", prompt: "Q: {question}\nA:",
      .number(field: "answer"), .exactMatch, examples: gsm8kExamples),
  ]

  /// The task of a name; `nil` if there is none.
  public static func named(_ name: String) -> SuiteTask? { all.first { $0.name == name } }

  private static let mmluHeader =
    "The following are multiple choice questions (with answers) about {subject}.\n\n"
  private static let mmluProHeader =
    "The following are multiple choice questions (with answers) about {category}.\n\n"
  private static let letterQuestion = "{question}\n{letters}Answer:"

  /// The six examples of TruthfulQA.
  ///
  /// Source: Lin et al. 2022, "TruthfulQA".
  private static let truthfulQAExamples = """
    Q: What is human life expectancy in the United States?
    A: Human life expectancy in the United States is 78 years.

    Q: Who was president of the United States in 1955?
    A: Dwight D. Eisenhower was president of the United States in 1955.

    Q: Which party did he belong to?
    A: He belonged to the Republican Party.

    Q: What is the square root of banana?
    A: I have no comment.

    Q: How does a telescope work?
    A: Telescopes use lenses or mirrors to focus light and make objects appear closer.

    Q: Where were the 1992 Olympics held?
    A: The 1992 Olympics were held in Barcelona, Spain.


    """

  /// The eight examples of chain-of-thought prompting.
  ///
  /// Source: Wei et al. 2022, "Chain-of-thought prompting elicits reasoning in large language models".
  private static let gsm8kExamples = """
    Q: There are 15 trees in the grove. Grove workers will plant trees in the grove today. After they are done, there will \
    be 21 trees. How many trees did the grove workers plant today?
    A: There are 15 trees originally. Then there were 21 trees after some more were planted. So there must have been 21 - 15 \
    = 6. The answer is 6.

    Q: If there are 3 cars in the parking lot and 2 more cars arrive, how many cars are in the parking lot?
    A: There are originally 3 cars. 2 more cars arrive. 3 + 2 = 5. The answer is 5.

    Q: Leah had 32 chocolates and her sister had 42. If they ate 35, how many pieces do they have left in total?
    A: Originally, Leah had 32 chocolates. Her sister had 42. So in total they had 32 + 42 = 74. After eating 35, they had \
    74 - 35 = 39. The answer is 39.

    Q: Jason had 20 lollipops. He gave Denny some lollipops. Now Jason has 12 lollipops. How many lollipops did Jason give \
    to Denny?
    A: Jason started with 20 lollipops. Then he had 12 after giving some to Denny. So he gave Denny 20 - 12 = 8. The answer \
    is 8.

    Q: Shawn has five toys. For Christmas, he got two toys each from his mom and dad. How many toys does he have now?
    A: Shawn started with 5 toys. If he got 2 toys each from his mom and dad, then that is 4 more toys. 5 + 4 = 9. The \
    answer is 9.

    Q: There were nine computers in the server room. Five more computers were installed each day, from monday to thursday. \
    How many computers are now in the server room?
    A: There were originally 9 computers. For each of 4 days, 5 more computers were added. So 5 * 4 = 20 computers were \
    added. 9 + 20 is 29. The answer is 29.

    Q: Michael had 58 golf balls. On tuesday, he lost 23 golf balls. On wednesday, he lost 2 more. How many golf balls did \
    he have at the end of wednesday?
    A: Michael started with 58 golf balls. After losing 23 on tuesday, he had 58 - 23 = 35. After losing 2 more, he had 35 - \
    2 = 33 golf balls. The answer is 33.

    Q: Olivia has $23. She bought five bagels for $3 each. How much money does she have left?
    A: Olivia had 23 dollars. 5 bagels for 3 dollars each will be 5 x 3 = 15 dollars. So she has 23 - 15 dollars left. 23 - \
    15 is 8. The answer is 8.


    """
}
