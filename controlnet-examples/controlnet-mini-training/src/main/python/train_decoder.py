"""Trains mini's decoder on alone, its latents fixed: the base and the controls stay valid.

    python train_decoder.py PICTURES STATE
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

import train_vae


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures")
    parser.add_argument("state")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--noise", type=float, default=0.05,
                        help="greatest deviation of noise on the latents, as a part of theirs: what a U-Net leaves")
    options = parser.parse_args()
    torch.manual_seed(1)
    state = Path(options.state)
    pictures = train_vae.load_pictures(options.pictures, len(list(Path(options.pictures).glob("*.png"))))
    vae = train_vae.new_vae(1).to(memory_format=torch.channels_last)
    vae.load_state_dict(torch.load(state / "vae.pt")["ema"])
    scale = torch.load(state / "latents.pt", mmap=True)["scale"].view(1, 4, 1, 1)
    trained = train_vae.decoding_half(vae)
    ema = {k: v.clone() for k, v in trained.state_dict().items()}
    optimizer = torch.optim.AdamW(trained.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0)
    first, store = 0, state / "decoder.pt"
    if store.exists():
        saved = torch.load(store)
        trained.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        ema, first = saved["ema"], saved["step"]
    start, mean = time.time(), None
    for step in range(first, options.steps):
        rng = np.random.default_rng([2, step])
        torch.manual_seed(step)
        x = train_vae.batch_of(pictures, rng, options.batch, train_vae.SIZE)
        rate = train_vae.learning_rate(options.rate, step, options.steps, 100)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=step < 0.9 * options.steps):
            with torch.no_grad():
                latents = vae.encode(x).latent_dist.mode()
                latents += torch.randn_like(latents) * scale * options.noise * torch.rand(len(x), 1, 1, 1)
            out = vae.decode(latents).sample
        error = out.float() - x
        loss = error.abs().mean() + error.square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        optimizer.step()
        decay = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for k, v in trained.state_dict().items():
                ema[k].lerp_(v, 1 - decay)
        value = error.abs().mean().item()
        mean = value if mean is None else 0.98 * mean + 0.02 * value
        if step % 100 == 99:
            print(f"{step + 1} L1 {mean:.4f} {(time.time() - start) / (step + 1 - first):.3f} s/step", flush=True)
        if step % 500 == 499:
            train_vae.save(store, {"model": trained.state_dict(), "optimizer": optimizer.state_dict(), "ema": ema,
                                   "step": step + 1})


if __name__ == "__main__":
    main()
