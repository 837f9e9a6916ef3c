"""Puts the trained mini into the module that ships it, in float16, with the drawing of the demonstration.

    python bundle.py BASE CANNY_CONTROL SEGMENTATION_CONTROL
"""

import hashlib
import math
import shutil
import sys
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file, save_file

OUT = (Path(__file__).resolve().parents[4] / "controlnet-demo-model" / "src" / "main" / "resources" / "io" / "github"
       / "controlnet" / "demo")
SIZE, FINER = 512, 4


def drawing():
    """A star as somebody would draw it, tilted a little."""
    picture = Image.new("RGB", (SIZE * FINER, SIZE * FINER), "white")
    corners = []
    for i in range(10):
        radius = (0.78 if i % 2 == 0 else 0.39) * SIZE * FINER / 2
        angle = math.pi * i / 5
        corners.append((SIZE * FINER * 0.5 + radius * math.sin(angle), SIZE * FINER * 0.52 - radius * math.cos(angle)))
    ImageDraw.Draw(picture).polygon(corners, fill=(40, 60, 110))
    return picture.resize((SIZE, SIZE), Image.LANCZOS)


def half(folder, out):
    out.mkdir(parents=True)
    shutil.copy(folder / "config.json", out)
    weights = load_file(folder / "diffusion_pytorch_model.safetensors")
    save_file({name: value.to(torch.float16).contiguous() for name, value in weights.items()},
              out / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})


def main(base, control, segmentation):
    for name in ("mini", "mini-canny", "mini-segmentation"):
        shutil.rmtree(OUT / name, ignore_errors=True)
    shutil.copytree(base, OUT / "mini")
    half(control, OUT / "mini-canny")
    half(segmentation, OUT / "mini-segmentation")
    drawing().save(OUT / "drawing.png", optimize=True)
    files = sorted(path.relative_to(OUT).as_posix() for path in OUT.rglob("*")
                   if path.is_file() and path.name not in ("index.txt", "README.md"))
    lines = [f"{(OUT / f).stat().st_size} {hashlib.sha256((OUT / f).read_bytes()).hexdigest()} {f}\n" for f in files]
    (OUT / "index.txt").write_text("".join(lines), encoding="ascii")
    for f in files:
        (OUT / f).chmod(0o644)
        print((OUT / f).stat().st_size, f)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
