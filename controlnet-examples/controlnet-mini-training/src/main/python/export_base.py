"""Writes mini's base as a diffusers folder in float16, from what train_vae.py and train_base.py left.

    python export_base.py STATE OUT
"""

import json
import shutil
import sys
from pathlib import Path

import torch

import train_base
import train_vae

SCHEDULER = {
    "_class_name": "DDIMScheduler",
    "_diffusers_version": "0.39.0",
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "beta_schedule": "linear",
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "trained_betas": None,
}
MODEL_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.39.0",
    "feature_extractor": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def whitened(vae, center, scale):
    """Latents of mean 0 and standard deviation 1, as the U-Net was trained on: folded into the 1x1 convolutions on
    both sides, and the usual factor of Stable Diffusion left to the configuration."""
    factor = vae.config.scaling_factor
    scale = scale * factor  # the configuration multiplies by the factor afterwards
    with torch.no_grad():
        quant, post = vae.quant_conv, vae.post_quant_conv
        quant.bias[:4].sub_(center).div_(scale)
        quant.weight[:4].div_(scale.view(4, 1, 1, 1))
        quant.bias[4:].sub_(2 * scale.log())
        post.bias.add_((post.weight[:, :, 0, 0] @ center))
        post.weight.mul_(scale.view(1, 4, 1, 1))
    return vae


def main(state, out):
    latents = torch.load(state / "latents.pt")
    vae = train_vae.new_vae(1)
    vae.load_state_dict(torch.load(state / "vae.pt")["ema"])
    if (state / "decoder.pt").exists():
        train_vae.decoding_half(vae).load_state_dict(torch.load(state / "decoder.pt")["ema"])
    whitened(vae, latents["center"], latents["scale"])
    tok = train_base.tokenizer(state / "tokenizer", [])
    both = torch.nn.ModuleDict({"text": train_base.new_text(tok), "unet": train_base.new_unet()})
    both.load_state_dict(torch.load(state / "base.pt")["ema"])
    shutil.rmtree(out, ignore_errors=True)
    vae.half().save_pretrained(out / "vae")
    both["unet"].half().save_pretrained(out / "unet")
    both["text"].half().save_pretrained(out / "text_encoder")
    shutil.copytree(state / "tokenizer", out / "tokenizer")
    (out / "scheduler").mkdir()
    (out / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2) + "\n")
    (out / "model_index.json").write_text(json.dumps(MODEL_INDEX, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
