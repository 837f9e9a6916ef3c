"""Trains mini's U-Net and text encoder on the latents of the autoencoder that train_vae.py left.

    python train_base.py PICTURES STATE

STATE is the folder of train_vae.py: a run that was cut goes on from what is there.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import train_vae
from train_vae import save

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[4] / "controlnet-core" / "src" / "test" / "tools"))

CHANNELS = (80, 112)
WIDTH = 64
STEPS_OF_NOISE = 1000
# DDPM's linear betas: at the last timestep next to nothing of a flat colour is left, so that sampling from pure noise
# is what was trained.
BETAS = torch.linspace(1e-4, 0.02, STEPS_OF_NOISE, dtype=torch.float64)
OFFSET = 0.6
ALPHAS_BAR = torch.cumprod(1 - BETAS, 0)


def tokenizer(folder, prompts):
    if not (folder / "vocab.json").exists():
        import tiny
        words = sorted({word for prompt in prompts for word in prompt.split()})
        tiny.write_tokenizer(folder, 10 ** 6, " ".join(words))
    return CLIPTokenizer.from_pretrained(folder)


def new_text(tok):
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tok), hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=77, hidden_act="quick_gelu", layer_norm_eps=1e-5,
        bos_token_id=tok.bos_token_id, eos_token_id=tok.eos_token_id, pad_token_id=tok.pad_token_id,
        projection_dim=WIDTH))


def new_unet():
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn", cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=4)
    for name, weight in unet.named_parameters():
        if ".conv2." in name or ".proj_out." in name or name.startswith("conv_out."):
            torch.nn.init.zeros_(weight)
    return unet


def latents_of(state, pictures):
    """Mean and standard deviation of every picture's latents, whitened a channel: what `export.py` folds into the
    autoencoder."""
    store = state / "latents.pt"
    if not store.exists():
        vae = train_vae.new_vae(1)
        vae.load_state_dict(torch.load(state / "vae.pt")["ema"])
        vae.eval().to(memory_format=torch.channels_last)
        mean, std = [], []
        with torch.no_grad():
            for i in range(0, len(pictures), 50):
                x = torch.from_numpy(np.asarray(pictures[i:i + 50])).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
                posterior = vae.encode(x.contiguous(memory_format=torch.channels_last)).latent_dist
                mean.append(posterior.mean)
                std.append(posterior.std)
        mean, std = torch.cat(mean), torch.cat(std)
        center = mean.mean((0, 2, 3))
        scale = mean.std((0, 2, 3))
        print("latents: mean", center.tolist(), "std", scale.tolist(), "noise", (std.mean((0, 2, 3)) / scale).tolist())
        shape = (1, 4, 1, 1)
        save(store, {"mean": (mean - center.view(shape)) / scale.view(shape), "std": std / scale.view(shape),
                     "center": center, "scale": scale})
    return torch.load(store)


def offset_noise(batch):
    """Noise of low frequency for half of the samples. The guided prediction overshoots colours while much noise is
    left; a model that has seen colours off by more than white noise moves them goes back to the prompt's."""
    strength = torch.rand(batch, 1, 1, 1) * (torch.rand(batch, 1, 1, 1) < 0.5) * OFFSET
    patches = F.interpolate(torch.randn(batch, 4, 4, 4), size=16, mode="bilinear")
    return strength * (torch.randn(batch, 4, 1, 1) + patches)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures")
    parser.add_argument("state")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--stop", type=int, default=10 ** 9)
    parser.add_argument("--name", default="base")
    options = parser.parse_args()
    torch.manual_seed(1)
    state = Path(options.state)
    prompts = (Path(options.pictures) / "prompts.txt").read_text().splitlines()
    pictures = train_vae.load_pictures(options.pictures, len(prompts))
    latents = latents_of(state, pictures)
    tok = tokenizer(state / "tokenizer", prompts)
    ids = torch.tensor(tok(prompts, padding="max_length", max_length=77, truncation=True).input_ids)
    empty = torch.tensor(tok("", padding="max_length", max_length=77).input_ids)
    text, unet = new_text(tok), new_unet()
    unet.to(memory_format=torch.channels_last)
    both = torch.nn.ModuleDict({"text": text, "unet": unet})
    print(sum(p.numel() for p in unet.parameters()), sum(p.numel() for p in text.parameters()), len(tok))
    optimizer = torch.optim.AdamW(both.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01)
    ema = {k: v.clone() for k, v in both.state_dict().items()}
    first = 0
    store = state / f"{options.name}.pt"
    if store.exists():
        saved = torch.load(store)
        both.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        ema, first = saved["ema"], saved["step"]
    start, mean = time.time(), None
    a = ALPHAS_BAR.sqrt().float()
    s = (1 - ALPHAS_BAR).sqrt().float()
    for step in range(first, min(options.steps, options.stop)):
        torch.manual_seed(step)
        chosen = torch.randint(len(prompts), (options.batch,))
        x = latents["mean"][chosen] + latents["std"][chosen] * torch.randn(options.batch, 4, 16, 16)
        tokens = torch.where(torch.rand(options.batch, 1) < 0.1, empty, ids[chosen])
        # one timestep in each of as many equal parts: less noise in the gradient
        t = ((torch.arange(options.batch) + torch.rand(options.batch)) * STEPS_OF_NOISE / options.batch).long()
        noise = torch.randn_like(x) + offset_noise(options.batch)
        at, st = a[t].view(-1, 1, 1, 1), s[t].view(-1, 1, 1, 1)
        noisy, target = at * x + st * noise, at * noise - st * x
        rate = train_vae.learning_rate(options.rate, step, options.steps, 200)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=step < 0.9 * options.steps):
            states = text(tokens)[0]
            out = unet(noisy.contiguous(memory_format=torch.channels_last), t, states).sample
        loss = F.mse_loss(out.float(), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimizer.step()
        decay = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for k, v in both.state_dict().items():
                if v.is_floating_point():
                    ema[k].lerp_(v, 1 - decay)
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 99:
            print(f"{step + 1} loss {mean:.4f} {(time.time() - start) / (step + 1 - first):.3f} s/step", flush=True)
        if step % 250 == 249:
            save(store, {"model": both.state_dict(), "optimizer": optimizer.state_dict(), "ema": ema, "step": step + 1})


if __name__ == "__main__":
    main()
