"""Makes the small tokenizers beside this file, and what the Python library says of some texts.

Run it with the `tokenizers` package installed: `python make.py`. Each `NAME.json` is a trained
tokenizer.json; `NAME.cases.jsonl` has, per line, a text, its ids with and without the template's
tokens, and the text that the ids decode to, special tokens left out and not.
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
    trainers)

HERE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 40

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
CASED = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")

TEXTS = [
    "The river rose in the night and by morning the lower meadow was a lake with fences in it.",
    "She's sure they'll come; we've waited, I'm told, since 1987, and it'd be a pity to leave now.",
    "def area(width, height):\n    return width * height  # in square metres\n\n\nprint(area(3, 14))\n",
    "Der Zug nach Köln hält heute außerplanmäßig in Düren. Größe, Straße, Übermut.",
    "Le garçon a mangé une crêpe près de la forêt où l'été n'en finit pas.",
    "Река поднялась ночью, и к утру нижний луг стал озером.",
    "夜の間に川が増水し、朝には低い牧草地が湖になっていた。",
    "밤사이 강물이 불어나 아침에는 아래쪽 풀밭이 호수가 되었다.",
    "ارتفع النهر ليلا وبحلول الصباح صار المرج بحيرة.",
    "Prices: $3,999.00, 12.5 %, 1/2, 0x1F, 100 000 000, 3.14159, 2024-02-29.",
    "HTTPServer and parseJSONValue are camelCase; snake_case_too, kebab-case-as-well.",
    "Smile 😀 wave 👋🏽 family 👨‍👩‍👧 flag 🇨🇭 done ✅.",
    "Tabs\tand   many    spaces \n  and\r\nline ends\n\n\n of all kinds \u00a0 here.",
]

WORDS = (
    " ".join(TEXTS).split(" ")
    + ["'s", "'S", "'ſ", "'LL", "don't", "½", "Ⅷ", "²", "٣", "१२", "e\u0301", "é", "ﬁ", "K", "ǅ",
       "\u0301", "\u200d", "\u200b", "\ufeff", "\u00a0", "\u3000", "\u2028", "\x85", "\x00", "\x1f",
       "\n", "\r\n", "\t", " ", "  ", "   ", "▁", "▁▁", "<s>", "</s>", "<unk>", "<|end|>", "<tool>",
       "<|end|> ", " <|mask|> ", "<0x41>", "Ġ", "𝔘𝔫𝔦", "ｆｕｌｌ", "ß", "İ", "Å", "가", "각",
       "word", "tool", "🏳️‍🌈", "…", "—", "_", "$", "+", "|", "`"])


def random_text(rng):
    kind = rng.random()
    if kind < 0.55:
        glue = rng.choice([" ", "", " ", "\n"])
        return glue.join(rng.choice(WORDS) for _ in range(rng.randint(1, 12)))
    if kind < 0.7:
        return rng.choice(TEXTS)[rng.randint(0, 20):][: rng.randint(1, 60)]
    ranges = [(0, 0x7F), (0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x5FF),
              (0x900, 0x97F), (0x1E00, 0x1FFF), (0x2000, 0x2BFF), (0x3000, 0x30FF),
              (0x4E00, 0x4FFF), (0xAC00, 0xAD00), (0xFB00, 0xFFEF), (0x1F300, 0x1FAFF)]
    out = []
    for _ in range(rng.randint(1, 24)):
        low, high = rng.choice(ranges)
        out.append(chr(rng.randint(low, high)))
    return "".join(out)


def byte_level(split, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
    tokenizer.pre_tokenizer = byte if split is None else pre_tokenizers.Sequence(split + [byte])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=["<|begin|>", "<|end|>"])
    tokenizer.train_from_iterator(TEXTS * 2, trainer)
    return tokenizer


def regex(pattern):
    return [pre_tokenizers.Split(Regex(pattern), "isolated")]


def template(tokenizer, *tokens):
    begin = " ".join(tokens)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", pair=f"{begin} $A {begin} $B",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in tokens])


def gpt2():
    tokenizer = byte_level(None)
    tokenizer.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("word", single_word=True)])
    return tokenizer


def llama3():
    tokenizer = byte_level(regex(LLAMA3), ignore_merges=True)
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False)])
    sequence = processors.TemplateProcessing(
        single="<|begin|> $A", pair="<|begin|> $A <|begin|> $B",
        special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), sequence])
    return tokenizer


def qwen2():
    tokenizer = byte_level(regex(QWEN2))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_special_tokens([AddedToken("<|mask|>", lstrip=True, rstrip=True, special=True)])
    return tokenizer


def cased():
    tokenizer = byte_level(regex(CASED))
    template(tokenizer, "<|begin|>", "<|end|>")
    return tokenizer


def smollm():
    tokenizer = byte_level([])
    byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte])
    return tokenizer


def falcon():
    tokenizer = byte_level([])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        pre_tokenizers.Digits(False),
        pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    return tokenizer


def spelled(vocabulary=500, byte_fallback=True, fuse=True, texts=None, splitting=None):
    """A vocabulary in which spaces are written as U+2581, with byte tokens."""
    special = ["<unk>", "<s>", "</s>"]
    if byte_fallback:
        special += [f"<0x{byte:02X}>" for byte in range(256)]
    trained = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=byte_fallback, fuse_unk=fuse))
    trained.pre_tokenizer = splitting or pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=special, show_progress=False, limit_alphabet=90)
    trained.train_from_iterator(texts or TEXTS[:6] * 2, trainer)
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(merge) for merge in model["merges"]]
    tokenizer = Tokenizer(models.BPE(
        vocab=model["vocab"], merges=merges, unk_token="<unk>", byte_fallback=byte_fallback,
        fuse_unk=fuse))
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


def llama2():
    tokenizer = spelled()
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    template(tokenizer, "<s>")
    return tokenizer


def metaspace_first():
    tokenizer = spelled()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = llama2().decoder
    template(tokenizer, "<s>")
    return tokenizer


def metaspace_split():
    tokenizer = spelled(byte_fallback=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    return tokenizer


def unfused():
    tokenizer = spelled(byte_fallback=False, fuse=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()])
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip(),
        normalizers.Replace(Regex("[0-9]{2,}"), "0")])
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_tokens([AddedToken("tool", normalized=True)])
    return tokenizer


def gemma():
    tokenizer = spelled()
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ["\n\n", "▁▁", "<tool>"]])
    template(tokenizer, "<s>")
    return tokenizer


def prefixed():
    tokenizer = byte_level([])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=True)
    return tokenizer


def whitespace():
    tokenizer = spelled(byte_fallback=False, splitting=pre_tokenizers.Whitespace())
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.normalizer = normalizers.NFD()
    tokenizer.decoder = decoders.Fuse()
    return tokenizer


MAKERS = [whitespace, gpt2, llama3, qwen2, cased, smollm, falcon, llama2, metaspace_first, metaspace_split,
          unfused, gemma, prefixed]


def main():
    for maker in MAKERS:
        rng = random.Random(20)
        tokenizer = maker()
        name = maker.__name__.replace("_", "-")
        document = json.loads(tokenizer.to_str())
        (HERE / f"{name}.json").write_text(
            json.dumps(document, ensure_ascii=False, separators=(",", ":")), "utf-8")
        with open(HERE / f"{name}.cases.jsonl", "w", encoding="utf-8") as file:
            for _ in range(CASES):
                text = random_text(rng)
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                case = {
                    "text": text, "ids": ids, "templated": tokenizer.encode(text).ids,
                    "decoded": tokenizer.decode(ids, skip_special_tokens=True),
                    "whole": tokenizer.decode(ids, skip_special_tokens=False)}
                file.write(json.dumps(case, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
