#!/usr/bin/env python3
"""Writes Arrow streams of two batches with the columns of two sets of the benchmark suite.

    python3 make.py     (needs: pip install pyarrow)
"""

import pathlib

import pyarrow as pa

HERE = pathlib.Path(__file__).parent

HELLASWAG = pa.schema([
    ("ind", pa.int32()), ("activity_label", pa.string()), ("ctx_a", pa.string()), ("ctx_b", pa.string()),
    ("ctx", pa.string()), ("endings", pa.list_(pa.string())), ("source_id", pa.string()), ("split", pa.string()),
    ("split_type", pa.string()), ("label", pa.string())])
COMMONSENSE = pa.schema([
    ("id", pa.string()), ("question", pa.string()), ("question_concept", pa.string()),
    ("choices", pa.struct([("label", pa.list_(pa.string())), ("text", pa.list_(pa.string()))])),
    ("answerKey", pa.string())])


def ending(number, kind, context, endings, label):
    return {
        "ind": number, "activity_label": "Tea", "ctx_a": "", "ctx_b": "she", "ctx": context, "endings": endings,
        "source_id": f"own~{number}", "split": "val", "split_type": kind, "label": str(label)}


def question(name, text, concept, choices, key):
    labels = [chr(ord("A") + i) for i in range(len(choices))]
    return {
        "id": name, "question": text, "question_concept": concept, "choices": {"label": labels, "text": choices},
        "answerKey": key}


def write(name, schema, *batches):
    with pa.OSFile(str(HERE / name), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for rows in batches:
            stream.write_batch(pa.RecordBatch.from_pylist(rows, schema))


write(
    "hellaswag.arrow", HELLASWAG,
    [ending(7, "indomain", "A cook waits. she", ["eats it.", "lights the oven.", "née", ""], 1),
     ending(-2, "zeroshot", "Dough rises. she", ["kneads it.", "sings."], 0)],
    [ending(9, "indomain", "The bell rings. she", ["sleeps.", "opens the door."], 1)])
write(
    "commonsenseqa.arrow", COMMONSENSE,
    [question("a1", "Where is bread baked?", "bread", ["sea", "oven", "sky"], "B")],
    [question("b2", "What barks?", "bark", ["dog", "cat"], "A"),
     question("c3", "What is “cold”?", "cold", ["fire", "sun", "ice"], "C")])
