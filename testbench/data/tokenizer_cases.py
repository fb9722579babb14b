#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write tokenizer_cases.json: small tokenizers and the ids that the tokenizers
library gives, for tokenizer_json_test.c.

    pip install tokenizers==0.23.3
    python3 testbench/data/tokenizer_cases.py > testbench/data/tokenizer_cases.json
"""
import json

from tokenizers import Tokenizer

SPACE = "\u2581"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
          r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def ids(tokens):
    return {token: i for i, token in enumerate(tokens)}


BYTES = {
    "vocab": ids(["<|x|>", "a", "b", "c", "Ġ", "1", "2", "'", "s", "Ċ", "Ã", "©", "Ġa", "ab",
                  "abc", "Ġab", "Ã©", "12", "'s", "ĊĊ", "ĠĠ", "bc", "S"]),
    "merges": ["Ġ a", "a b", "ab c", "Ġa b", "Ã ©", "1 2", "' s", "Ċ Ċ", "Ġ Ġ", "b c"],
}
CHARACTERS = {
    "vocab": ids(["<unk>", "<s>", "</s>", "<0x0A>", "<0xC3>", "<0xA9>", SPACE, "a", "b", "c",
                  SPACE + "a", "ab", SPACE + "ab", SPACE * 2, "bc", "a" + SPACE]),
    "merges": [[SPACE, "a"], ["a", "b"], [SPACE + "a", "b"], [SPACE, SPACE], ["b", "c"],
               ["a", SPACE]],
    "byte_fallback": True,
    "unk_token": "<unk>",
    "fuse_unk": True,
}
PREPEND = {"type": "Sequence", "normalizers": [
    {"type": "Prepend", "prepend": SPACE},
    {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}]}


def added(token_id, content, special=False):
    return {"id": token_id, "content": content, "special": special, "single_word": False,
            "lstrip": False, "rstrip": False, "normalized": False}


def byte_level(**members):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
            "use_regex": True, **members}


def sequence(first, last):
    return {"type": "Sequence", "pretokenizers": [first, last]}


def metaspace(scheme, split):
    return {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": scheme, "split": split}


def tokenizer(model, normalizer=None, pre_tokenizer=None, added_tokens=()):
    return {"version": "1.0", "added_tokens": list(added_tokens), "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer, "model": {"type": "BPE", **model}}


DIGITS = {"type": "Digits", "individual_digits": True}
SPLIT = {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": False}
CONTROL = added(0, "<|x|>", special=True)

CASES = {
    "bytes": tokenizer(BYTES, None, byte_level(), [CONTROL]),
    "bytes, a space before": tokenizer(BYTES, None, byte_level(add_prefix_space=True), [CONTROL]),
    "bytes, no pattern": tokenizer(BYTES, None, byte_level(use_regex=False)),
    "bytes, digits alone": tokenizer(BYTES, None, sequence(DIGITS, byte_level())),
    "bytes, Llama 3": tokenizer({**BYTES, "ignore_merges": True}, None,
                                sequence(SPLIT, byte_level(use_regex=False))),
    "bytes, added tokens": tokenizer(BYTES, None, byte_level(),
                                     [CONTROL, added(23, "  "), added(24, "   ")]),
    "characters": tokenizer(CHARACTERS, PREPEND),
    "characters, no bytes": tokenizer({**CHARACTERS, "byte_fallback": False}, PREPEND),
    "characters, added token": tokenizer(CHARACTERS, None, metaspace("first", False),
                                         [added(16, "bca")]),
    "metaspace, first": tokenizer(CHARACTERS, None, metaspace("first", False)),
    "metaspace, always, split": tokenizer({**CHARACTERS, "ignore_merges": True}, None,
                                          metaspace("always", True)),
    "metaspace, never": tokenizer(CHARACTERS, None, metaspace("never", False)),
}
TEXTS = ["ab abc  a", " ab", "a\n\n b", "a's 12ab 112", "abc\u00e9 a", "bca bc", "   a",
         "S'Sa", "ab\u2581b", "\u65e5\u672ca"]


def expect(case):
    library = Tokenizer.from_str(json.dumps(case))
    known = set("abc12's\n \u00e9S")
    for text in TEXTS:
        # Where it has no token for a byte the library leaves it out; we refuse the text.
        if case["model"].get("unk_token") or set(text) <= known:
            yield {"text": text, "ids": library.encode(text, add_special_tokens=False).ids}


print("[")
for number, (name, case) in enumerate(CASES.items()):
    line = {"name": name, "texts": list(expect(case)), "tokenizer": case}
    print(json.dumps(line), end=",\n" if number + 1 < len(CASES) else "\n")
print("]")
