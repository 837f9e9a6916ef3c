"""Runs this library, diffusers and OpenVINO in turns on random weights of Stable Diffusion 1.5's size.

    python compare.py FOLDER [--rounds 2] [--steps 6] [--size 512] [--dtypes float32 bfloat16] [--raw raw.json]
                      [--programs ours diffusers openvino]

FOLDER is what make_sd15_random.py wrote; it is made when it is not there (19 GB, with what OpenVINO converts). Each
program runs in a process of its own, one after the other, `--rounds` times. Prints a table in Markdown: medians over
all steps after the first of each process, the process from start to end (one picture), peak memory, load time (from the
start of the process to the first step; of OpenVINO only the compilation), and this library's ratio to each peer. `--raw`
keeps every figure as JSON. Needs torch, diffusers, transformers, safetensors and openvino.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEERS = {"diffusers": "reference_timings.py", "openvino": "openvino_timings.py"}


def output(command):
    start = time.perf_counter()
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{run.stderr[-2000:]}")
    return json.loads(run.stdout[run.stdout.index("{"):]) | {"wholeSeconds": seconds}


def ours(options, dtype):
    report = output([
        ROOT / "controlnet", "bench", "--base", options.folder / "v1-5-random.safetensors", "--tokenizer",
        options.folder / "base" / "tokenizer", "--control", options.folder / "control-random.safetensors", "--steps",
        str(options.steps), "--warm-up", "0", "--width", str(options.size), "--height", str(options.size), "--dtype", dtype, "--json"])
    return {
        "program": f"ours, PyTorch {report['versions']['PyTorch']}", "stepSeconds": report["stepSeconds"][1:],
        "decodeSeconds": [report["decodeSeconds"]], "loadSeconds": report["loadSeconds"],
        "peakRssBytes": report["peakRssBytes"], "wholeSeconds": report["wholeSeconds"]}


def peer(options, name, dtype):
    command = [sys.executable, HERE / PEERS[name], options.folder, "--steps", str(options.steps), "--size", str(options.size)]
    run = output(command + ["--decodes", "1"] + (["--bfloat16"] if dtype == "bfloat16" else []))
    run["loadSeconds"] += run.get("importSeconds", 0)
    return run


def processor():
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    found = re.search(r"model name\s*:\s*(.*)", text)
    flags = [flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if re.search(rf"\b{flag}\b", text)]
    return f"{found.group(1) if found else platform.processor()}, {os.cpu_count()} cores, {' '.join(flags)}"


def table(runs, dtypes, programs):
    rows = [
        ("step, s", lambda run: run["stepSeconds"], statistics.median),
        ("decode, s", lambda run: run["decodeSeconds"], statistics.median),
        ("whole process, s", lambda run: [run["wholeSeconds"]], statistics.median),
        ("load, s", lambda run: [run["loadSeconds"]], statistics.median),
        ("peak memory, 10^9 bytes", lambda run: [run["peakRssBytes"] / 1e9], max),
    ]
    peers = [name for name in programs if name != "ours"]
    print("| | " + " | ".join(programs + [f"ours / {name}" for name in peers]) + " |")
    print("|" + "---|" * (1 + len(programs) + len(peers)))
    for dtype in dtypes:
        for title, values, summary in rows:
            figures = {
                name: summary([v for run in runs if run["name"] == name and run["dtype"] == dtype for v in values(run)])
                for name in programs}
            cells = [f"{figures[name]:.2f}" for name in programs]
            if "ours" in figures:
                cells += [f"{figures['ours'] / figures[name]:.2f}" for name in peers]
            print(f"| {dtype}: {title} | " + " | ".join(cells) + " |")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--steps", type=int, default=6)
    arguments.add_argument("--size", type=int, default=512)
    arguments.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16"])
    arguments.add_argument("--programs", nargs="+", default=["ours", *PEERS])
    arguments.add_argument("--raw", type=Path)
    options = arguments.parse_args()
    if not (options.folder / "v1-5-random.safetensors").exists():
        subprocess.run([sys.executable, HERE / "make_sd15_random.py", options.folder], check=True)
    runs = []
    for number in range(options.rounds):
        for dtype in options.dtypes:
            for name in options.programs:
                run = ours(options, dtype) if name == "ours" else peer(options, name, dtype)
                run |= {"name": name, "dtype": dtype, "round": number, "loadAverage": os.getloadavg()}
                runs.append(run)
                print(name, dtype, [round(s, 2) for s in run["stepSeconds"]], file=sys.stderr, flush=True)
                if options.raw:
                    options.raw.write_text(json.dumps({"machine": processor(), "runs": runs}, indent=1))
    print(f"{processor()}; {', '.join(sorted({run['program'] for run in runs}))}; {options.size} x {options.size}\n")
    table(runs, options.dtypes, options.programs)


if __name__ == "__main__":
    main()
