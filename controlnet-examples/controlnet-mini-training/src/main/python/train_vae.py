"""Trains mini's autoencoder on the pictures that PictureSet wrote.

    python train_vae.py PICTURES STATE [--minutes 20]

STATE is a folder: a run that was cut goes on from what is there.
"""

import argparse
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from PIL import Image

CHANNELS = (16, 16, 32, 64)
SIZE = 128


def new_vae(groups):
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, layers_per_block=1, block_out_channels=CHANNELS,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=groups, sample_size=SIZE)
    # Every residual branch starts at nothing: colours pass through from the first step, details grow.
    for name, weight in vae.named_parameters():
        if ".conv2." in name or ".to_out." in name:
            torch.nn.init.zeros_(weight)
    return vae


def decoding_half(vae):
    return torch.nn.ModuleDict({"post_quant_conv": vae.post_quant_conv, "decoder": vae.decoder})


def learning_rate(greatest, step, steps, warmup):
    """Rises over the warm-up and falls as a cosine to a fiftieth."""
    return greatest * min(1, (step + 1) / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def load_pictures(folder, count):
    """All pictures as one uint8 array [n, 128, 128, 3]."""
    store = Path(folder) / f"pictures-{count}.npy"
    if not store.exists():
        pictures = np.empty((count, SIZE, SIZE, 3), np.uint8)
        for i in range(count):
            pictures[i] = np.asarray(Image.open(Path(folder) / f"{i}.png").convert("RGB"))
        np.save(store, pictures)
    return np.load(store, mmap_mode="r")


def batch_of(pictures, rng, count, crop):
    chosen = np.sort(rng.integers(0, len(pictures), count))
    out = np.empty((count, crop, crop, 3), np.uint8)
    for row, i in enumerate(chosen):
        y, x = rng.integers(0, SIZE - crop + 1, 2)
        out[row] = pictures[i, y:y + crop, x:x + crop]
    x = torch.from_numpy(out).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return x.contiguous(memory_format=torch.channels_last)


def save(path, value):
    torch.save(value, f"{path}.part")
    os.replace(f"{path}.part", path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures")
    parser.add_argument("state")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--full-from", type=float, default=0.6, help="fraction of the steps on crops of 64")
    parser.add_argument("--batch", type=int, default=32, help="of crops; whole pictures take a quarter")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--groups", type=int, default=1)
    parser.add_argument("--stop", type=int, default=10 ** 9)
    options = parser.parse_args()
    torch.manual_seed(1)
    state = Path(options.state)
    state.mkdir(parents=True, exist_ok=True)
    pictures = load_pictures(options.pictures, len(list(Path(options.pictures).glob("*.png"))))
    vae = new_vae(options.groups).to(memory_format=torch.channels_last)
    ema = {k: v.clone() for k, v in vae.state_dict().items()}
    optimizer = torch.optim.AdamW(vae.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0)
    first = 0
    if (state / "vae.pt").exists():
        saved = torch.load(state / "vae.pt")
        vae.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        ema, first = saved["ema"], saved["step"]
    start, mean = time.time(), None
    for step in range(first, min(options.steps, options.stop)):
        rng = np.random.default_rng([1, step])
        torch.manual_seed(step)
        whole = step >= options.full_from * options.steps
        x = batch_of(pictures, rng, options.batch // 4 if whole else options.batch, SIZE if whole else 64)
        rate = learning_rate(options.rate, step, options.steps, 100)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=step < 0.9 * options.steps):
            posterior = vae.encode(x).latent_dist
            out = vae.decode(posterior.sample()).sample
        error = out.float() - x
        kl = posterior.kl().mean() / (x.shape[2] * x.shape[3] // 16)
        loss = error.abs().mean() + error.square().mean() + 1e-4 * kl
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        decay = min(0.999, (step + 1) / (step + 10))
        with torch.no_grad():
            for k, v in vae.state_dict().items():
                ema[k].lerp_(v, 1 - decay)
        value = error.abs().mean().item()
        mean = value if mean is None else 0.98 * mean + 0.02 * value
        if step % 100 == 99:
            print(f"{step + 1} L1 {mean:.4f} kl {kl.item():.2f} {(time.time() - start) / (step + 1 - first):.3f} s/step", flush=True)
        if step % 500 == 499:
            save(state / "vae.pt", {"model": vae.state_dict(), "optimizer": optimizer.state_dict(), "ema": ema, "step": step + 1})


if __name__ == "__main__":
    main()
