"""Writes tiny CLIP tokenizers and what transformers' CLIPTokenizerFast makes of odd texts.

Usage: python clip_tokenizer_fixtures.py OUTPUT_FOLDER   (made with transformers 4.57.1)

Four folders with one vocabulary of bytes and some merges, and different configurations:
sd1 (pads with the end token), sd2 (special_tokens_map.json pads with "!"), bare (no configuration),
newer (added_tokens_decoder; a length of 12), single (tokenizer.json only). expected.json holds the
texts and, for each folder, their ids with padding="max_length", truncation=True.
"""

import collections
import json
import os
import sys

from transformers import CLIPTokenizerFast

START, END = "<|startoftext|>", "<|endoftext|>"
CORPUS = (
    "a bird on a branch, best quality, extremely detailed, the photo of a red house by the sea "
    "with birds and boats under the blue sky, lowres, bad anatomy, worst quality, it's a cat's toy "
    "don't they're we've i'll café naïve über straße привет мир 東京 日本 "
) * 3
TEXTS = [
    "",
    " ",
    "a bird",
    "a bird on a branch, best quality, extremely detailed",
    "A BIRD On The HOUSE",
    "hello!",
    "Hello!!! world ! !a",
    "it's John's DON'T they'RE we'Ve I'LL he'd'd",
    "  a  b\n\n\tc\r\nd ",
    "12345 4th 2x ½ ²",
    "x <|endoftext|> y",
    "x<|endoftext|>y <|startoftext|>z",
    "x <|EndOfText|> y",
    "caf\u00e9 cafe\u0301 NA\u00cfVE \u00dcBER STRASSE stra\u00dfe",
    "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440",
    "\u6771\u4eac \u65e5\u672c\u8a9e",
    "\U0001f600 \U0001f44d\U0001f3fd a\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u00a0nbsp\u3000wide\u2003em",
    "\u0130stanbul \ufb01 \u017f \u212a \u1e9e",
    "zero\u200bwidth \u0000 nul \u007f",
    "(a:1.2), [b], {c}... \"quoted\" \u201ccurly\u201d don\u2019t",
    "a,b.c;d:e-f_g/h\\i|j",
    "bird " * 100,
    "!" * 100,
    "a" * 300,
]


def byte_characters():
    """The printable character that stands for each byte, in the order of CLIP's vocabulary."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    rest = [byte for byte in range(256) if byte not in printable]
    order = printable + rest
    characters = {byte: chr(byte) for byte in printable}
    characters.update({byte: chr(256 + i) for i, byte in enumerate(rest)})
    return order, characters


def learn(count):
    """Byte-pair encoding of the corpus, the most frequent pair first."""
    _, characters = byte_characters()
    words = collections.Counter()
    for word in CORPUS.replace(",", " ,").split():
        spelled = [characters[byte] for byte in word.encode("utf-8")]
        words[tuple(spelled[:-1] + [spelled[-1] + "</w>"])] += 1
    merges = []
    for _ in range(count):
        pairs = collections.Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        changed = collections.Counter()
        for word, times in words.items():
            joined, i = [], 0
            while i < len(word):
                if word[i : i + 2] == best:
                    joined.append(word[i] + word[i + 1])
                    i += 2
                else:
                    joined.append(word[i])
                    i += 1
            changed[tuple(joined)] += times
        words = changed
    return merges


def write(folder, **files):
    order, characters = byte_characters()
    merges = learn(120)
    tokens = [characters[byte] for byte in order]
    tokens += [token + "</w>" for token in tokens]
    tokens += ["".join(pair) for pair in merges] + [START, END]
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as out:
        json.dump({token: i for i, token in enumerate(tokens)}, out, ensure_ascii=False)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as out:
        out.write("#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in merges))
    for name, content in files.items():
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as out:
            json.dump(content, out, indent=1)
    return tokens


def described(content, normalized=True, **more):
    flags = {"lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False}
    return {"content": content, **flags, **more}


def main(folder):
    typed = {"__type": "AddedToken"}
    config = {
        "bos_token": described(START, **typed),
        "eos_token": described(END, **typed),
        "unk_token": described(END, **typed),
        "pad_token": END,
        "model_max_length": 77,
        "tokenizer_class": "CLIPTokenizer",
    }
    map_ = {"bos_token": described(START), "eos_token": described(END), "unk_token": described(END)}
    path = lambda name: os.path.join(folder, name)
    tokens = write(path("sd1"), tokenizer_config=config, special_tokens_map={**map_, "pad_token": END})
    write(path("sd2"), tokenizer_config=config, special_tokens_map={**map_, "pad_token": "!"})
    write(path("bare"))
    newer = {
        "added_tokens_decoder": {
            "0": described("!", False, special=True),
            str(tokens.index(START)): described(START, special=True),
            str(tokens.index(END)): described(END, False, special=True),
        },
        "bos_token": START,
        "eos_token": END,
        "unk_token": END,
        "pad_token": "!",
        "model_max_length": 12,
        "tokenizer_class": "CLIPTokenizer",
    }
    write(path("newer"), tokenizer_config=newer, special_tokens_map={**map_, "pad_token": END})
    expected = {}
    for name in ("sd1", "sd2", "bare", "newer"):
        tokenizer = CLIPTokenizerFast.from_pretrained(path(name))
        length = min(tokenizer.model_max_length, 77)
        options = {"padding": "max_length", "truncation": True, "max_length": length}
        expected[name] = [tokenizer(text, **options).input_ids for text in TEXTS]
        if name == "sd2":
            os.makedirs(path("single"), exist_ok=True)
            tokenizer.save_pretrained(path("single"))
            for file in os.listdir(path("single")):
                if file in ("vocab.json", "merges.txt"):
                    os.remove(os.path.join(path("single"), file))
    expected["single"] = expected["sd2"]
    with open(path("expected.json"), "w", encoding="utf-8") as out:
        json.dump({"texts": TEXTS, "ids": expected}, out, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
