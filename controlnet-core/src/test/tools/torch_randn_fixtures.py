"""Writes the reference values for TorchGeneratorTest.

Usage: python torch_randn_fixtures.py OUTPUT.json   (made with torch 2.7.1)

Each case is a seed and the counts of successive torch.randn calls on one CPU generator. Of long
results only every 61st value and the last 40 are kept, with their indices.
"""

import json
import sys

import torch

SEEDS = [0, 1, 42, 12345, 2**32 - 1, 2**32 + 5, 2**63 - 1, -1]
SEQUENCES = [
    [1],
    [5],
    [15],
    [16],
    [17],
    [31],
    [64],
    [1000],
    [16384],
    [1, 1, 1],
    [3, 16, 3, 17, 1, 64, 2],
    [8, 8],
    [700, 5, 700, 16],
]


def kept(count):
    if count <= 64:
        return list(range(count))
    return sorted(set(range(0, count, 61)) | set(range(count - 40, count)))


def main(path):
    cases = []
    for seed in SEEDS:
        for counts in SEQUENCES:
            if counts == [16384] and seed not in (0, 42, 2**63 - 1):
                continue
            generator = torch.Generator("cpu").manual_seed(seed)
            calls = []
            for count in counts:
                values = torch.randn(count, generator=generator)
                calls.append(
                    {
                        "count": count,
                        "indices": kept(count),
                        "values": [float(f"{values[i].item():.9g}") for i in kept(count)],
                    }
                )
            cases.append({"seed": seed, "calls": calls})
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"torch": torch.__version__, "cases": cases}, out, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
