"""Times a training step of diffusers and of `./controlnet train` on the same base, data and sizes, and prints their ratio.

    python training_timings.py BASE DATA [--steps 8] [--batch 4] [--resolution 128] [--threads 2] [--bfloat16]
                               [--checkpointing]

BASE is a diffusers folder, DATA a folder with prompt.json. Both run one after the other in one call of this script.
A step is what diffusers' examples/controlnet/train_controlnet.py does for a batch: VAE and text encoder (frozen),
noise, ControlNet, U-Net, loss, backward pass, clipping, AdamW. The first two steps of each are warm-ups. Java's
figures are the column `seconds` of its loss.csv. `cpuRatio` compares the processor's time of a step instead, all threads
added up, as /proc shows it: on a machine where others compute too it is the one to look at, with one thread. Use no more steps than the data have batches, or Java's latents come
out of its cache.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, ControlNetModel, DDPMScheduler, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

ROOT = Path(__file__).resolve().parents[3]
WARM = 2


def pictures(folder, records, key, size):
    out = []
    for record in records:
        image = Image.open(folder / record[key]).convert("RGB").resize((size, size), Image.BILINEAR)
        out.append(torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float() / 255)
    return torch.stack(out)


def reference(options, records):
    torch.set_num_threads(options.threads)
    base = options.base
    unet = UNet2DConditionModel.from_pretrained(base / "unet").float().requires_grad_(False)
    vae = AutoencoderKL.from_pretrained(base / "vae").float().requires_grad_(False)
    text = CLIPTextModel.from_pretrained(base / "text_encoder").float().requires_grad_(False)
    tokenizer = CLIPTokenizer.from_pretrained(base / "tokenizer")
    noises = DDPMScheduler.from_pretrained(base / "scheduler")
    control = ControlNetModel.from_unet(unet).train().requires_grad_(True)
    if options.checkpointing:
        control.enable_gradient_checkpointing()
        unet.enable_gradient_checkpointing()
        unet.train()
    optimizer = torch.optim.AdamW(control.parameters(), lr=1e-5)
    seconds, losses, processor = [], [], [time.process_time()]
    for step in range(options.steps):
        start = time.perf_counter()
        batch = [records[(step * options.batch + i) % len(records)] for i in range(options.batch)]
        pixels = pictures(options.data, batch, "target", options.resolution) * 2 - 1
        hints = pictures(options.data, batch, "source", options.resolution)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bfloat16):
            with torch.no_grad():
                latents = vae.encode(pixels).latent_dist.sample() * vae.config.scaling_factor
                ids = tokenizer(
                    [r["prompt"] for r in batch], padding="max_length", truncation=True, return_tensors="pt"
                ).input_ids
                states = text(ids)[0]
            noise = torch.randn_like(latents)
            timesteps = torch.randint(0, 1000, (options.batch,))
            noisy = noises.add_noise(latents, noise, timesteps)
            down, mid = control(noisy, timesteps, encoder_hidden_states=states, controlnet_cond=hints, return_dict=False)
            prediction = unet(
                noisy,
                timesteps,
                encoder_hidden_states=states,
                down_block_additional_residuals=down,
                mid_block_additional_residual=mid,
                return_dict=False,
            )[0]
        loss = F.mse_loss(prediction.float(), noise.float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(control.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
        processor.append(time.process_time())
    return seconds, losses, processor


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ours(options):
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(ROOT / "controlnet"), "train", "--base", str(options.base), "--data", str(options.data),
            "--output", folder + "/run", "--steps", str(options.steps), "--batch-size", str(options.batch),
            "--resolution", str(options.resolution), "--threads", str(options.threads), "--prompt-drop-rate", "0",
            "--checkpoint-every", "0", "--dtype", "bfloat16" if options.bfloat16 else "float32",
            "--gradient-checkpointing", "true" if options.checkpointing else "false",
        ]
        log, processor = Path(folder, "run", "loss.csv"), []
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            lines = log.read_text().count("\n") if log.exists() else 0
            # its heading is the first line
            while len(processor) < lines:
                processor.append(processor_seconds(process.pid))
            time.sleep(0.002)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
        with open(log, newline="") as file:
            rows = list(csv.DictReader(file))
    return [float(r["seconds"]) for r in rows], [float(r["loss"]) for r in rows], processor


def processor_of_step(times):
    """The mean after the warm-up; `times` are at the start and after each step."""
    return (times[-1] - times[WARM]) / (len(times) - 1 - WARM)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--checkpointing", action="store_true")
    options = parser.parse_args()
    records = [json.loads(line) for line in (options.data / "prompt.json").read_text().splitlines() if line.strip()]
    theirs, their_losses, their_processor = reference(options, records)
    mine, my_losses, my_processor = ours(options)
    there, here = statistics.median(theirs[WARM:]), statistics.median(mine[WARM:])
    result = {
        "diffusersSeconds": round(there, 4),
        "javaSeconds": round(here, 4),
        "ratio": round(here / there, 3),
        "fastestRatio": round(min(mine[WARM:]) / min(theirs[WARM:]), 3),
        "cpuRatio": round(processor_of_step(my_processor) / processor_of_step(their_processor), 3),
        "meanLosses": [round(statistics.mean(their_losses), 4), round(statistics.mean(my_losses), 4)],
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
