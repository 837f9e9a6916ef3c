"""Writes what transformers' CLIPTokenizerFast makes of odd tokenizers' files and of every character.

Usage: python clip_tokenizer_odd_fixtures.py FOLDER   (made with transformers 4.57.1, tokenizers 0.22.2)

FOLDER holds what clip_tokenizer_fixtures.py wrote. Into it go:
odd.json: files laid over the folder "bare" (vocab.json, merges.txt) or "single" (tokenizer.json), texts, and their ids;
unicode.bin: for each 256 code points the CRC-32 of the ids of "a" c "A1" c " " c, as 32-bit little-endian numbers.
"""

import json
import os
import shutil
import struct
import sys
import tempfile
import zlib

from transformers import CLIPTokenizerFast

START, END = "<|startoftext|>", "<|endoftext|>"
TEXTS = [
    "a bird",
    "<cat-toy> a <cat-toy>s <CAT-TOY>",
    "a<cat-toy>bird <cat-toy>",
    "a  <cat-toy>  bird,<cat-toy>.",
    "cat cats scatter cat's CAT",
    "<cat> <cat><cat-toy> <cat",
    "x" + START + "y " + END + " z<|STARTOFTEXT|>",
    "\u00c9t\u00e9 <\u00c9t\u00e9> <\u00e9t\u00e9> <E\u0301te\u0301>",
    "_cat_ cat9 9cat cat\u0301 cat\u200dcat -cat-",
    "\u2003cat\u2003 \u00a0<cat-toy>\u00a0",
    "''s '''re they''ll 'd'd 'DON'T '' ' 's",
    "\u03a3\u03a3\u03a3 \u1e9e \u0130\u0130 \u01c5 \u2126 \u212b \ufb03 \u1100\u1161\u11a8 \u0344",
    "a" * 300,
    "ab" * 100 + "!?" * 40 + "9" * 20,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \u2764\ufe0f 1\ufe0f\u20e3 \u0000\u0001\u007f\u0085\u00ad",
]
ALL = ["bos_token", "eos_token", "unk_token"]


def token(content, **flags):
    plain = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": False}
    return {"content": content, **plain, **flags}


def config(decoder=None, **more):
    made = {"model_max_length": 77, "tokenizer_class": "CLIPTokenizer", "pad_token": END, **more}
    made.update({name: START if name == "bos_token" else END for name in ALL})
    if decoder is not None:
        made["added_tokens_decoder"] = decoder
    return made


def decoder(*tokens):
    specials = {"632": token(START, special=True), "633": token(END, special=True)}
    return {**specials, **{str(634 + i): each for i, each in enumerate(tokens)}}


CASES = [
    ("older added tokens", "bare", {"added_tokens.json": {"<cat-toy>": 634, "<cat>": 635}}),
    ("older, special", "bare", {"added_tokens.json": {"<cat-toy>": 634},
                                "special_tokens_map.json": {"additional_special_tokens": ["<cat-toy>"]}}),
    ("older, with capitals", "bare", {"added_tokens.json": {"<\u00c9t\u00e9>": 634}}),
    ("newer added token", "bare", {"tokenizer_config.json": config(decoder(token("<cat-toy>")))}),
    ("newer, normalized", "bare", {"tokenizer_config.json": config(decoder(token("<cat-toy>", normalized=True)))}),
    ("strips to the left", "bare", {"tokenizer_config.json": config(decoder(token("<cat-toy>", lstrip=True)))}),
    ("strips to the right", "bare", {"tokenizer_config.json": config(decoder(token("<cat-toy>", rstrip=True)))}),
    ("strips both, normalized", "bare",
     {"tokenizer_config.json": config(decoder(token("cat", rstrip=True, lstrip=True, normalized=True)))}),
    ("single word", "bare", {"tokenizer_config.json": config(decoder(token("cat", single_word=True)))}),
    ("single word, normalized", "bare",
     {"tokenizer_config.json": config(decoder(token("cat", single_word=True, normalized=True)))}),
    ("one begins another", "bare", {"tokenizer_config.json": config(
        decoder(token("<cat"), token("<cat-toy>"), token("<cat>", normalized=True)))}),
    ("additional special", "bare", {"tokenizer_config.json": config(
        decoder(token("<cat-toy>", special=True)), additional_special_tokens=["<cat-toy>"])}),
    ("whole, added later", "single", {"tokenizer_config.json": config(decoder(token("<cat-toy>")))}),
    ("whole alone", "single", {"tokenizer_config.json": None, "special_tokens_map.json": None}),
]


def folder_of(root, base, files):
    made = tempfile.mkdtemp()
    for name in os.listdir(os.path.join(root, base)):
        shutil.copy(os.path.join(root, base, name), made)
    for name, content in files.items():
        path = os.path.join(made, name)
        if content is None:
            os.remove(path)
        else:
            with open(path, "w", encoding="utf-8") as out:
                json.dump(content, out)
    return made


def main(root):
    cases = []
    for name, base, files in CASES:
        tokenizer = CLIPTokenizerFast.from_pretrained(folder_of(root, base, files))
        ids = [tokenizer(text, add_special_tokens=False).input_ids for text in TEXTS]
        cases.append({"name": name, "base": base, "files": files, "ids": ids})
    with open(os.path.join(root, "odd.json"), "w", encoding="utf-8") as out:
        json.dump({"texts": TEXTS, "cases": cases}, out, separators=(",", ":"))
        out.write("\n")
    tokenizer = CLIPTokenizerFast.from_pretrained(os.path.join(root, "bare"))
    sums = []
    for block in range(0, 0x110000, 256):
        points = [chr(c) for c in range(block, block + 256) if not 0xD800 <= c < 0xE000]
        texts = ["a" + c + "A1" + c + " " + c for c in points]
        ids = tokenizer(texts, add_special_tokens=False).input_ids if texts else []
        data = b"".join(struct.pack("<%dI" % (len(each) + 1), len(each), *each) for each in ids)
        sums.append(zlib.crc32(data))
    with open(os.path.join(root, "unicode.bin"), "wb") as out:
        out.write(struct.pack("<%dI" % len(sums), *sums))


if __name__ == "__main__":
    main(sys.argv[1])
