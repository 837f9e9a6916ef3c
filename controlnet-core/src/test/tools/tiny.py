"""Tiny Stable Diffusion 1.x models with random weights, in which every weight matters."""

import json
import math
from pathlib import Path

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SCHEDULER = {  # as published with Stable Diffusion 1.5
    "_class_name": "PNDMScheduler",
    "_diffusers_version": "0.6.0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}
MODEL_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.39.0",
    "feature_extractor": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "PNDMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
CORPUS = """a photo of a bird on a branch, best quality, extremely detailed, a house at night, an astronaut riding
a horse, longbody, lowres, bad anatomy, bad hands, missing fingers, extra digit, fewer digits, cropped, worst
quality, low quality, the red cat in the garden, a drawing of a small blue boat, a city street in the rain"""
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_symbols():
    """The printable stand-ins of the 256 bytes in byte-level BPE, in CLIP's order of the vocabulary."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(rest))]


def write_tokenizer(folder, merge_count, corpus=CORPUS):
    """Learns at most `merge_count` BPE merges from `corpus` and writes CLIP's tokenizer files."""
    words = {}
    for word in corpus.replace(",", " ,").split():
        words[word] = words.get(word, 0) + 1
    split = {word: [*word[:-1], word[-1] + "</w>"] for word in words}
    merges = []
    while len(merges) < merge_count:
        counts = {}
        for word, parts in split.items():
            for pair in zip(parts, parts[1:]):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for word, parts in split.items():
            joined, i = [], 0
            while i < len(parts):
                if tuple(parts[i : i + 2]) == best:
                    joined.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    joined.append(parts[i])
                    i += 1
            split[word] = joined
    symbols = byte_symbols()
    tokens = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + [START, END]
    assert len(set(tokens)) == len(tokens)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "vocab.json", {t: i for i, t in enumerate(tokens)}, indent=None)
    lines = ["#version: 0.2"] + [" ".join(m) for m in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def special(content, normalized):
        return {"content": content, "lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False}

    write_json(folder / "special_tokens_map.json",
               {"bos_token": special(START, True), "eos_token": special(END, True),
                "pad_token": END, "unk_token": special(END, True)})
    write_json(folder / "tokenizer_config.json",
               {"add_prefix_space": False, "bos_token": START, "do_lower_case": True, "eos_token": END,
                "errors": "replace", "model_max_length": 77, "pad_token": END,
                "tokenizer_class": "CLIPTokenizer", "unk_token": END})
    return CLIPTokenizer.from_pretrained(folder)


def write_json(path, value, indent=2):
    Path(path).write_text(json.dumps(value, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


def randomise(module, seed, gains=()):
    """Fills every weight from one seed: no zero, no norm that is exactly one, fan-in scaling for the rest.

    `gains` are pairs (part of a name, factor); every one that occurs in a weight's name multiplies it.
    """
    generator = torch.Generator().manual_seed(seed)
    norms = norm_weights(module)
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.copy_(random_value(name, weight.shape, name in norms, generator, gains))
    return module.eval().requires_grad_(False)


def norm_weights(module):
    """The names of the weights, not the biases, of all norms."""
    return {f"{n}.weight" for n, m in module.named_modules()
            if isinstance(m, (torch.nn.GroupNorm, torch.nn.LayerNorm))}


def random_value(name, shape, is_norm, generator, gains=()):
    value = torch.randn(shape, generator=generator)
    if is_norm:
        value.clamp_(-3, 3).mul_(0.2).add_(1)
    elif len(shape) == 1:
        value.mul_(0.1)
    elif "embeddings." in name:
        value.mul_(0.5)
    else:
        value.div_(math.sqrt(math.prod(shape[1:])))
    for part, gain in gains:
        if part in name:
            value.mul_(gain)
    return value


# What makes the text, the time and the control visible in the noise prediction of a random network, while
# the prediction's standard deviation stays near one.
UNET_GAINS = (("attn2.to_out", 2.0), ("attn2.to_q", 1.5), ("conv_out.weight", 1.6))
CONTROL_GAINS = (("controlnet_down_blocks", 0.7), ("controlnet_mid_block", 0.7), ("controlnet_cond_embedding", 2.0))


def text_encoder(tokenizer, width, layers, heads, seed):
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers,
        num_attention_heads=heads, max_position_embeddings=77, hidden_act="quick_gelu", layer_norm_eps=1e-5,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, projection_dim=width)
    return randomise(CLIPTextModel(config), seed)


def unet(channels, blocks, heads, groups, context, sample_size, seed):
    return randomise(UNet2DConditionModel(
        sample_size=sample_size, block_out_channels=channels, layers_per_block=blocks, attention_head_dim=heads,
        norm_num_groups=groups, cross_attention_dim=context,
        down_block_types=("CrossAttnDownBlock2D",) * (len(channels) - 1) + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * (len(channels) - 1)), seed, UNET_GAINS)


def vae(channels, blocks, groups, sample_size, seed):
    return randomise(AutoencoderKL(
        sample_size=sample_size, block_out_channels=channels, layers_per_block=blocks, norm_num_groups=groups,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels), latent_channels=4, scaling_factor=0.18215), seed,
        (("decoder.conv_out.weight", 0.6), ("encoder.conv_out.weight", 1.0)))


def control(base, hint_channels, seed):
    model = ControlNetModel.from_unet(base, conditioning_embedding_out_channels=hint_channels, load_weights_from_unet=False)
    return randomise(model, seed, CONTROL_GAINS)


def save_base(folder, unet_model, vae_model, text_model):
    """Writes all but the tokenizer, which is there already."""
    folder = Path(folder)
    unet_model.save_pretrained(folder / "unet")
    vae_model.save_pretrained(folder / "vae")
    text_model.save_pretrained(folder / "text_encoder")
    (folder / "scheduler").mkdir(exist_ok=True)
    write_json(folder / "scheduler" / "scheduler_config.json", SCHEDULER)
    write_json(folder / "model_index.json", MODEL_INDEX)
