"""Writes expected.json: what Python's jinja2 renders from the templates beside this file.

Run:  python3 make_expected.py      (needs jinja2 >= 3.1.6)

The environment is the documented one of Hugging Face's `apply_chat_template`: an immutable
sandbox with trim_blocks, lstrip_blocks, loop controls, `raise_exception`, `strftime_now`, a
`tojson` without HTML escapes, and `{% generation %}` blocks. The clock stands at 2024-07-26.

Values keep their type and their order: {"s": text}, {"i": integer}, {"f": float}, {"b": truth},
{"n": null}, {"a": [...]}, {"o": [[name, value], ...]}.
"""

import datetime
import json
import pathlib

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2024, 7, 26, 12, 30, 5)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_text"), [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def environment():
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )

    def raise_exception(message):
        raise TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
            sort_keys=sort_keys,
        )

    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = NOW.strftime
    return made


def tagged(value):
    if value is None:
        return {"n": 0}
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int):
        return {"i": value}
    if isinstance(value, float):
        return {"f": value}
    if isinstance(value, str):
        return {"s": value}
    if isinstance(value, list):
        return {"a": [tagged(item) for item in value]}
    return {"o": [[name, tagged(item)] for name, item in value.items()]}


def rendered(source, context):
    try:
        return {"text": environment().from_string(source).render(**context)}
    except Exception as error:
        return {"error": str(error) if type(error) is TemplateError else ""}


def turn(role, content, **more):
    return {"role": role, "content": content, **more}


TEXTS = [
    "Good morning",
    "",
    "  padded on both sides\t\n",
    "\n\nlines\n\nbetween\n",
    "Grüße, 世界 🌍 e\u0301 👩\u200d👩\u200d👧",
    "<|im_end|> {{ not }} {% a tag %} {# nor this #}",
    "\u00a0hard space\u2028separator\u3000",
    "quotes ' \" and \\ & <b>",
    "a\r\nb\rc",
]

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "distance",
            "description": "Kilometres between two \"places\" <é>",
            "parameters": {
                "type": "object",
                "properties": {
                    "from": {"type": "string"},
                    "to": {"type": "string", "enum": ["Köln", "Oslo"]},
                    "limit": {"type": "number", "default": 1e-07},
                },
                "required": ["from", "to"],
            },
        },
    },
    {"type": "function", "function": {"name": "clock", "parameters": {}}},
]


def conversations():
    for text in TEXTS:
        yield [turn("user", text)]
        yield [turn("system", text), turn("user", "Well?")]
        yield [turn("user", "One"), turn("assistant", text), turn("user", "Two" + text)]
    yield [turn("user", "a"), turn("user", "b")]
    yield [turn("assistant", "a"), turn("user", "b")]
    yield [turn("system", "only")]
    yield [turn("user", "a"), turn("system", "late"), turn("user", "b")]
    yield [turn("bard", "a")]
    yield []
    call = {"type": "function", "function": {"name": "distance", "arguments": {"to": "Köln", "n": 2}}}
    yield [
        turn("user", "How far?"), turn("assistant", "", tool_calls=[call]),
        turn("tool", "570"), turn("tool", "571"), turn("assistant", "<think>\nhm\n</think>\n\nFar."),
        turn("user", "Thanks"),
    ]


def contexts():
    for messages in conversations():
        for prompt in (True, False):
            context = {
                "messages": messages, "tools": None, "add_generation_prompt": prompt,
                "bos_token": "<s>", "eos_token": "</s>",
            }
            yield context
            if prompt:
                yield {**context, "tools": TOOLS}
                yield {**context, "tools": TOOLS[1:], "enable_thinking": False}


def construct_cases():
    context = {
        "s": "Hello World", "u": "é你🌍e\u0301 ΣΑΣ ß", "n": 7, "x": -2.5, "yes": True, "no": None,
        "list": [3, 1, 2], "names": ["b", "A", "c", ""],
        "dict": {"a": 1, "b": [1, 2.0], "items": "shadowed"},
        "rows": [{"r": "x", "v": 1}, {"r": "y", "v": None}, {"r": "x"}],
    }
    for source in (HERE / "constructs.txt").read_text(encoding="utf-8").split("\n====\n"):
        yield {"source": source, **rendered(source, context)}, context


def main():
    families = []
    for path in sorted(HERE.glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        results = [rendered(source, context) for context in contexts()]
        families.append({"name": path.stem, "source": source, "results": results})
    constructs = list(construct_cases())
    document = {
        "contexts": [[[k, tagged(v)] for k, v in context.items()] for context in contexts()],
        "families": families,
        "constructs": [case for case, _ in constructs],
        "construct_context": [[k, tagged(v)] for k, v in constructs[0][1].items()],
    }
    text = json.dumps(document, ensure_ascii=False, indent=0, separators=(",", ":"))
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
