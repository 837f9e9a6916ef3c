"""Times diffusers on the weights that make_sd15_random.py wrote, and prints one JSON object.

    python reference_timings.py FOLDER [--steps 6] [--size 512] [--threads 2] [--bfloat16] [--latents FILE]
                                [--skip-control]

One image on the CPU, guidance 9 (so the networks run at batch 2), DDIM; float32 as diffusers does it by itself, or
bfloat16 with weights in channels-last order, which is its fastest setting here. The first step of a run is a warm-up
and not counted in the median. Peak memory is VmHWM, mapped file pages included, over loading and generation.
"""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

START = time.perf_counter()

import diffusers  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from diffusers import (  # noqa: E402
    AutoencoderKL, ControlNetModel, DDIMScheduler, StableDiffusionControlNetPipeline, StableDiffusionPipeline,
    UNet2DConditionModel)
from PIL import Image, ImageDraw  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPTextModel, CLIPTokenizer  # noqa: E402


def peak_bytes():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return 1024 * int(line.split()[1])
    raise RuntimeError("no VmHWM")


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def edges(size):
    """A map that looks like edges, the same for every program that is compared."""
    image = Image.new("RGB", (size, size))
    draw = ImageDraw.Draw(image)
    for i in range(1, 8):
        draw.ellipse((size * i // 20, size * i // 24, size - size * i // 22, size - size * i // 18), outline="white")
        draw.line((0, size * i // 8, size, size - size * i // 9), fill="white")
    return image


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--steps", type=int, default=6)
    arguments.add_argument("--size", type=int, default=512)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--decodes", type=int, default=3)
    arguments.add_argument("--bfloat16", action="store_true")
    arguments.add_argument("--latents", type=Path, help="save the final latents and the map here")
    arguments.add_argument("--skip-control", action="store_true")
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    imported = time.perf_counter()

    base = options.folder / "base"
    dtype = torch.bfloat16 if options.bfloat16 else torch.float32

    def load(kind, folder):
        model = kind.from_pretrained(folder, torch_dtype=dtype)
        return model.to(memory_format=torch.channels_last) if options.bfloat16 else model

    parts = dict(
        unet=load(UNet2DConditionModel, base / "unet"), vae=load(AutoencoderKL, base / "vae"),
        text_encoder=CLIPTextModel.from_pretrained(base / "text_encoder", torch_dtype=dtype),
        tokenizer=CLIPTokenizer.from_pretrained(base / "tokenizer"),
        scheduler=DDIMScheduler.from_pretrained(base / "scheduler"),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    call = {}
    picture = edges(options.size)
    if options.skip_control:
        pipeline = StableDiffusionPipeline(**parts)
    else:
        pipeline = StableDiffusionControlNetPipeline(
            controlnet=load(ControlNetModel, options.folder / "control"), **parts)
        call["image"] = picture
    pipeline.set_progress_bar_config(disable=True)
    loaded = time.perf_counter()

    ends = []

    def step_ended(pipe, index, timestep, values):
        ends.append(time.perf_counter())
        return values

    latents = pipeline(
        prompt="a bird on a branch", negative_prompt="lowres, bad anatomy", num_inference_steps=options.steps,
        guidance_scale=9.0, width=options.size, height=options.size, generator=torch.Generator().manual_seed(42),
        output_type="latent", callback_on_step_end=step_ended, **call).images
    generated = time.perf_counter()
    before_decode = peak_bytes()
    assert torch.isfinite(latents).all()
    decodes = []
    for _ in range(options.decodes):
        at = time.perf_counter()
        image = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
        decodes.append(time.perf_counter() - at)
    assert torch.isfinite(image).all()
    if options.latents:
        save_file({"latents": latents.float().contiguous()}, options.latents)
        picture.save(options.latents.with_suffix(".map.png"))
        pixels = (image.float() * 127.5 + 127.5).clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0).numpy()
        Image.fromarray(np.ascontiguousarray(pixels)).save(options.latents.with_suffix(".image.png"))
    steps = [b - a for a, b in zip(ends, ends[1:])]
    print(json.dumps({
        "program": f"diffusers {diffusers.__version__}, torch {torch.__version__}", "dtype": "bfloat16" if options.bfloat16 else "float32",
        "processor": processor(), "threads": options.threads, "size": options.size, "batch": 1, "guidance": 9.0,
        "control": not options.skip_control, "seed": 42, "steps": options.steps, "importSeconds": imported - START,
        "loadSeconds": loaded - imported, "stepSeconds": steps, "stepSecondsMedian": statistics.median(steps),
        "generateSeconds": generated - loaded, "decodeSeconds": decodes,
        "decodeSecondsMedian": statistics.median(decodes), "peakRssBytesBeforeDecode": before_decode,
        "peakRssBytes": peak_bytes(), "latentsStandardDeviation": latents.std().item(),
        "loadAverage": os.getloadavg(),
    }, indent=2))


if __name__ == "__main__":
    main()
