"""Writes random weights of Stable Diffusion 1.5's size, in every layout that a benchmark needs.

    python make_sd15_random.py FOLDER [--bpe bpe_simple_vocab_16e6.txt.gz]

FOLDER/base             diffusers folder, float32 (4.27 GB)
FOLDER/control          diffusers ControlNet, float32 (1.45 GB)
FOLDER/v1-5-random.safetensors     single file with the original names, float32 (4.27 GB)
FOLDER/control-random.safetensors  single file with the original names, float32 (1.45 GB)
FOLDER/control-random.pth          the same as a zip checkpoint

Weights are made and written tensor by tensor, so that memory stays small. The vocabulary is CLIP's when its
file of merges is given (PyPI's open_clip_torch has it), otherwise a stand-in of the same size.
"""

import argparse
import gzip
import json
import struct
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from safetensors import safe_open
from transformers import CLIPTextConfig, CLIPTextModel

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "controlnet-core/src/test/tools"))
import layouts  # noqa: E402
import tiny  # noqa: E402

WEIGHTS = "diffusion_pytorch_model.safetensors"


def write_safetensors(path, shapes, value):
    """Writes float32 tensors one after the other; `value` gives each."""
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        size = 4 * torch.Size(shape).numel()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for name, shape in shapes.items():
            tensor = value(name).contiguous()
            assert tensor.shape == torch.Size(shape) and tensor.dtype == torch.float32, name
            out.write(memoryview(tensor.numpy()).cast("B") if tensor.dim() else tensor.numpy().tobytes())
    print(path, f"{path.stat().st_size / 1e9:.2f} GB", flush=True)


def write_random(path, module, seed, gains=()):
    norms = tiny.norm_weights(module)
    generator = torch.Generator().manual_seed(seed)
    shapes = {name: tuple(weight.shape) for name, weight in module.state_dict().items()}
    write_safetensors(path, shapes, lambda name: tiny.random_value(name, shapes[name], name in norms, generator, gains))


def write_clip_tokenizer(folder, bpe):
    folder.mkdir(parents=True, exist_ok=True)
    tiny.write_tokenizer(folder, 0)
    symbols = tiny.byte_symbols()
    count = 49408 - 2 * len(symbols) - 2
    if bpe:
        with gzip.open(bpe, "rt", encoding="utf-8") as lines:
            merges = lines.read().split("\n")[1 : count + 1]
    else:
        letters = "abcdefghijklmnopqrstuvwxyz"
        pairs = [(a, b) for a in letters for b in symbols[:94]]
        # a merge may only read what an earlier one made
        merges = [f"{a} {b}" for a, b in pairs] + [f"{a}{b} {c}" for a, b in pairs for c in letters]
        merges = merges[:count]
    assert len(merges) == count
    tokens = symbols + [s + "</w>" for s in symbols] + [m.replace(" ", "") for m in merges] + [tiny.START, tiny.END]
    assert len(tokens) == 49408
    tiny.write_json(folder / "vocab.json", {t: i for i, t in enumerate(tokens)}, indent=None)
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")


class Reader:
    """Tensors of a safetensors file by name, read when asked for."""

    def __init__(self, path):
        self.file = safe_open(path, "pt")

    def shapes(self):
        return {k: tuple(self.file.get_slice(k).get_shape()) for k in self.file.keys()}

    def get(self, key):
        return self.file.get_tensor(key)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--bpe", type=Path)
    options = arguments.parse_args()
    out, base = options.folder, options.folder / "base"
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    with torch.device("meta"):
        unet = UNet2DConditionModel(
            sample_size=64, block_out_channels=(320, 640, 1280, 1280), attention_head_dim=8, cross_attention_dim=768)
        control = ControlNetModel(
            block_out_channels=(320, 640, 1280, 1280), attention_head_dim=8, cross_attention_dim=768)
        vae = AutoencoderKL(
            sample_size=512, block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
        text = CLIPTextModel(CLIPTextConfig(
            vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
            max_position_embeddings=77, hidden_act="quick_gelu", bos_token_id=49406, eos_token_id=49407, pad_token_id=49407))
    for module, folder in ((unet, base / "unet"), (vae, base / "vae"), (control, out / "control")):
        module.save_config(folder)
    text.config.architectures = ["CLIPTextModel"]
    text.config.save_pretrained(base / "text_encoder")
    write_random(base / "unet" / WEIGHTS, unet, 1, tiny.UNET_GAINS)
    write_random(base / "vae" / WEIGHTS, vae, 2, (("decoder.conv_out.weight", 0.6),))
    write_random(base / "text_encoder" / "model.safetensors", text, 3)
    write_random(out / "control" / WEIGHTS, control, 4, tiny.CONTROL_GAINS)
    (base / "scheduler").mkdir(exist_ok=True)
    tiny.write_json(base / "scheduler" / "scheduler_config.json", tiny.SCHEDULER)
    tiny.write_json(base / "model_index.json", tiny.MODEL_INDEX)
    write_clip_tokenizer(base / "tokenizer", options.bpe)

    parts = [Reader(base / "unet" / WEIGHTS), Reader(base / "vae" / WEIGHTS), Reader(base / "text_encoder" / "model.safetensors")]
    # The renaming wants something that can be indexed like a tensor: stand-ins carry where it comes from.

    class Source:
        def __init__(self, part, key, shape):
            self.part, self.key, self.shape = part, key, shape

        def __getitem__(self, _):
            return Source(self.part, self.key, (*self.shape, 1, 1))

        def read(self):
            return self.part.get(self.key).reshape(self.shape)

    dictionaries = []
    for part in parts:
        dictionaries.append({k.removeprefix("text_model."): Source(part, k, shape) for k, shape in part.shapes().items()})
    single = layouts.original_base(*dictionaries)
    write_safetensors(out / "v1-5-random.safetensors", {k: v.shape for k, v in single.items()}, lambda k: single[k].read())

    reader = Reader(out / "control" / WEIGHTS)
    names = layouts.original_control({k: k for k in reader.shapes()})
    shapes = reader.shapes()
    write_safetensors(out / "control-random.safetensors", {k: shapes[v] for k, v in names.items()}, lambda k: reader.get(names[k]))
    torch.save({k: reader.get(v) for k, v in names.items()}, out / "control-random.pth")


if __name__ == "__main__":
    main()
