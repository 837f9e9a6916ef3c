"""Measures time and memory by size, batch, controls and type, and fits the rules of docs/sizing.md.

    python sizing.py FOLDER [--dtypes bfloat16 float32] [--raw sizing.json]

FOLDER is what make_sd15_random.py wrote. Prints a Markdown table of runs of `controlnet bench`, and for each type the
coefficients of two sums, by least squares: seconds a step = a + b pixels + c pixels^2 (the pixels, in millions, of all
images; the square is of one image's, times images, for self-attention), with a share more for each control; peak
memory = d + e pixels of one image, which is decoding: a batch is computed in parts.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
# side, images, controls, steps
RUNS = [
    (256, 1, 1, 3), (384, 1, 1, 3), (512, 1, 1, 3), (512, 1, 0, 3), (512, 2, 1, 2), (512, 4, 1, 2), (512, 8, 1, 1),
    (768, 1, 1, 2), (1024, 1, 1, 1)]


def measure(options, dtype, side, images, controls, steps):
    command = [
        ROOT / "controlnet", "bench", "--base", options.folder / "v1-5-random.safetensors", "--tokenizer",
        options.folder / "base" / "tokenizer", "--steps", steps, "--warm-up", 0, "--width", side, "--height", side, "--images",
        images, "--dtype", dtype, "--json"]
    command += ["--control", options.folder / "control-random.safetensors"] * controls
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    report = json.loads(done.stdout)
    return {
        "dtype": dtype, "side": side, "images": images, "controls": controls,
        "step": statistics.median(report["stepSeconds"]), "decode": report["decodeSeconds"],
        "peak": report["peakRssBytes"] / 1e9}


def line(runs):
    """Constant and slope of the peak over the pixels of all images."""
    pixels = np.array([run["images"] * run["side"] ** 2 / 1e6 for run in runs])
    return np.linalg.lstsq(
        np.stack([np.ones_like(pixels), pixels], 1), np.array([run["peak"] for run in runs]), rcond=None)[0]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--dtypes", nargs="+", default=["bfloat16", "float32"])
    arguments.add_argument("--raw", type=Path)
    options = arguments.parse_args()
    runs = []
    print("| type | size | images | controls | step, s | decode, s | peak, 10^9 bytes |\n|---|---|---|---|---|---|---|")
    for dtype, run in itertools.product(options.dtypes, RUNS):
        runs.append(measure(options, dtype, *run))
        print("| {dtype} | {side} | {images} | {controls} | {step:.2f} | {decode:.2f} | {peak:.2f} |".format(**runs[-1]), flush=True)
        if options.raw:
            options.raw.write_text(json.dumps(runs, indent=1))
    for dtype in options.dtypes:
        of = [run for run in runs if run["dtype"] == dtype]
        with_control = [run for run in of if run["controls"] == 1]
        pixels = np.array([run["images"] * run["side"] ** 2 / 1e6 for run in with_control])
        squares = np.array([run["images"] * (run["side"] ** 2 / 1e6) ** 2 for run in with_control])
        step = np.linalg.lstsq(
            np.stack([np.ones_like(pixels), pixels, squares], 1), np.array([run["step"] for run in with_control]), rcond=None)[0]
        decoding = line([run for run in with_control if run["images"] == 1])
        plain = next(run for run in of if run["controls"] == 0)
        same = next(run for run in with_control if (run["side"], run["images"]) == (plain["side"], plain["images"]))
        print(f"\n{dtype}: step = {step[0]:.2f} + {step[1]:.2f} p + {step[2]:.2f} q seconds; "
              f"peak = {decoding[0]:.2f} + {decoding[1]:.2f} p of one image; a control adds {same['step'] / plain['step'] - 1:.0%} of the time "
              f"and {same['peak'] - plain['peak']:.2f} x 10^9 bytes")


if __name__ == "__main__":
    main()
