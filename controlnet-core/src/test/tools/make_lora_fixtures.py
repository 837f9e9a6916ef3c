"""Makes the fixtures of LoRA and its relatives, on the tiny models.

    python make_lora_fixtures.py [output folder]

Merged weights come from LyCORIS' modules (its forward pass; its own merge squares the scale of LoHa and LoKr), from
PEFT, or from the formula written out where the source has none to call; generations from diffusers with
load_lora_weights. The README.md in the output folder says what every key holds.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import (AutoencoderKL, ControlNetModel, DDIMScheduler, StableDiffusionControlNetPipeline,
                       StableDiffusionPipeline, UNet2DConditionModel)
from lycoris.modules.boft import ButterflyOFTModule
from lycoris.modules.diag_oft import DiagOFTModule
from lycoris.modules.full import FullModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from lycoris.modules.norms import NormModule
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

import tiny
from make_fixtures import must_differ

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"
FOLDER = OUT / "lora"
TINY = OUT / "tiny"

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(20)
unet = UNet2DConditionModel.from_pretrained(TINY / "unet").float().requires_grad_(False)
text = CLIPTextModel.from_pretrained(TINY / "text_encoder").float().requires_grad_(False)
BLOCK = "down_blocks.0.attentions.0.transformer_blocks.0"
QUERY, OUTER, KEYS = f"{BLOCK}.attn1.to_q", f"{BLOCK}.attn1.to_out.0", f"{BLOCK}.attn2.to_k"
FORWARD, PROJECTION = f"{BLOCK}.ff.net.0.proj", "down_blocks.0.attentions.0.proj_in"
CONV, WIDE, TIME = "down_blocks.0.resnets.0.conv1", "down_blocks.2.resnets.0.conv1", "down_blocks.0.resnets.0.time_emb_proj"
GROUP_NORM, LAYER_NORM = "down_blocks.0.resnets.0.norm1", f"{BLOCK}.norm1"
TEXT_Q, TEXT_FC = "text_model.encoder.layers.0.self_attn.q_proj", "text_model.encoder.layers.1.mlp.fc1"

cases = {}
merged = {}


def noise(*shape, size=1.0):
    return torch.randn(shape, generator=generator) * size


def module_of(model, name):
    return model.get_submodule(name)


def kohya(name, prefix="lora_unet_"):
    return prefix + name.replace(".", "_")


def relative(a, b):
    return ((a - b).norm() / b.norm()).item()


def weight_by_forward(forward, module):
    """The weight of a layer whatever computes it, by what it makes of unit inputs; without its bias."""
    if isinstance(module, torch.nn.Linear):
        return (forward(torch.eye(module.in_features)) - (0 if module.bias is None else module.bias)).T
    side = module.kernel_size[0]
    result = torch.zeros_like(module.weight)
    size = 2 * side + 1
    for channel in range(module.in_channels):
        x = torch.zeros(1, module.in_channels, size, size)
        x[0, channel, side, side] = 1
        y = forward(x) - (0 if module.bias is None else module.bias[:, None, None])
        pad = module.padding[0]
        for i in range(side):
            for j in range(side):
                result[:, channel, i, j] = y[0, :, side + pad - i, side + pad - j]
    return result


def save(name, tensors, metadata=None, half=False):
    tensors = {k: (v.half() if half and v.is_floating_point() else v).contiguous().clone() for k, v in tensors.items()}
    path = FOLDER / name
    if name.endswith(".safetensors"):
        save_file(tensors, path, metadata=metadata)
    else:
        torch.save(tensors, path)


def expect(case, file, weights, scale=1.0, **options):
    """weights: canonical name (unet.* or text.*) to the merged weight."""
    cases[case] = {"file": file, "scale": scale, **options}
    for name, value in weights.items():
        component, weight = name.split(".", 1)
        base = dict(unet.named_parameters() if component == "unet" else text.named_parameters())
        own = base[("text_model." if component == "text" else "") + weight]
        must_differ(f"{case} {name}", value.reshape(-1), own.reshape(-1))
        merged[f"{case}|{name}"] = value.detach().float()


def lycoris(case, kinds, scale=1.0, **options):
    """kinds: (module name, LyCORIS class, arguments, kohya's or the original's name, sizes of the random factors)."""
    tensors, weights = {}, {}
    for name, kind, arguments in kinds:
        layer = module_of(unet, name)
        adapter = kind(kohya(name), layer, 1.0, **arguments).float().eval()
        with torch.no_grad():
            for key, parameter in adapter.named_parameters():
                if key == "dora_scale":
                    parameter.mul_(1 + noise(*parameter.shape, size=0.3))
                elif kind in (DiagOFTModule, ButterflyOFTModule):
                    parameter.copy_(noise(*parameter.shape, size=0.3) + (1 if key == "rescale" else 0))
                elif kind in (NormModule, FullModule):
                    parameter.copy_(noise(*parameter.shape, size=0.2))
                elif kind is IA3Module:
                    parameter.copy_(noise(*parameter.shape, size=0.4))
                else:
                    parameter.copy_(noise(*parameter.shape, size=0.5))
        if kind is FullModule:
            state = {"diff": adapter.weight.data, "diff_b": adapter.bias.data}
        else:
            state = adapter.state_dict()
        tensors |= {f"{kohya(name)}.{key}": value.detach() for key, value in state.items()}
        adapter.multiplier = scale
        if kind is NormModule:
            weights[f"unet.{name}.weight"] = layer.weight + scale * adapter.w_norm
            weights[f"unet.{name}.bias"] = layer.bias + scale * adapter.b_norm
        elif kind is FullModule:
            weights[f"unet.{name}.weight"] = layer.weight + scale * adapter.weight
            weights[f"unet.{name}.bias"] = layer.bias + scale * adapter.bias
        else:
            with torch.no_grad():
                weights[f"unet.{name}.weight"] = weight_by_forward(adapter, layer)
    file = f"{case}.safetensors"
    save(file, tensors)
    expect(case, file, weights, scale, **options)


def product(up, down, layer, scale):
    delta = up.reshape(up.shape[0], -1) @ down.reshape(down.shape[0], -1)
    return layer.weight + scale * delta.reshape(layer.weight.shape)


def low_rank(layer, rank, size=0.5):
    out, *rest = layer.weight.shape
    return noise(out, rank, *([1] * (len(rest) - 1)), size=size), noise(rank, *rest, size=size)


def by_formula():
    # kohya: mixed ranks, alpha there, zero and not there; the text encoder with and without text_model
    tensors, weights = {}, {}
    for i, (name, rank, alpha) in enumerate([(QUERY, 2, 1.0), (OUTER, 3, None), (KEYS, 4, 8.0), (FORWARD, 2, 0.0),
                                             (PROJECTION, 2, 3.0), (CONV, 2, 1.0), (TIME, 1, 1.0)]):
        layer = module_of(unet, name)
        up, down = low_rank(layer, rank)
        tensors |= {f"{kohya(name)}.lora_up.weight": up, f"{kohya(name)}.lora_down.weight": down}
        if alpha is not None:
            tensors[f"{kohya(name)}.alpha"] = torch.tensor(alpha)
        weights[f"unet.{name}.weight"] = product(up, down, layer, 0.7 * (alpha / rank if alpha else 1))
    for name, prefix, spelled in [(TEXT_Q, "lora_te_", TEXT_Q), (TEXT_FC, "lora_te_", TEXT_FC[len("text_model."):])]:
        layer = module_of(text, name)
        up, down = low_rank(layer, 2)
        key = kohya(spelled, prefix)
        tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down, f"{key}.alpha": torch.tensor(1.0)}
        weights[f"text.{name[len('text_model.'):]}.weight"] = product(up, down, layer, 0.7 * 0.5)
    save("kohya.safetensors", tensors)
    expect("kohya", "kohya.safetensors", weights, 0.7)
    expect("negative", "kohya.safetensors",
           {name: 2 * (dict(unet.named_parameters())[name[5:]]) - value for name, value in weights.items()
            if name.startswith("unet.")}, -0.7)

    # the original code's names, as kohya's scripts write them for XL, and LyCORIS' own prefix
    tensors, weights = {}, {}
    for name, key in [(QUERY, "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q"),
                      (CONV, "lora_unet_input_blocks_1_0_in_layers_2"),
                      (TIME, "lycoris_" + TIME.replace(".", "_")),
                      (PROJECTION, "diffusion_model.input_blocks.1.1.proj_in"),
                      ("time_embedding.linear_1", "lora_unet_time_embed_0"),
                      ("conv_out", "lora_unet_out_2")]:
        layer = module_of(unet, name)
        up, down = low_rank(layer, 2)
        tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down, f"{key}.alpha": torch.tensor(2.0)}
        weights[f"unet.{name}.weight"] = product(up, down, layer, 1.0)
    for name, key in [(TEXT_Q, "lora_te1_text_model_encoder_layers_0_self_attn_q_proj")]:
        layer = module_of(text, name)
        up, down = low_rank(layer, 2)
        tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down}
        weights[f"text.{name[len('text_model.'):]}.weight"] = product(up, down, layer, 1.0)
    save("original-names.pt", tensors)
    expect("original-names", "original-names.pt", weights)

    # diffusers before PEFT: processors, then layers; halves
    tensors, weights = {}, {}
    for name, key in [(QUERY, f"unet.{BLOCK}.attn1.processor.to_q_lora"), (OUTER, f"unet.{BLOCK}.attn1.processor.to_out_lora"),
                      (KEYS, f"{BLOCK}.attn2.processor.to_k_lora"), (FORWARD, f"unet.{FORWARD}.lora")]:
        layer = module_of(unet, name)
        up, down = (t.half().float() for t in low_rank(layer, 2))
        tensors |= {f"{key}.up.weight": up, f"{key}.down.weight": down}
        weights[f"unet.{name}.weight"] = product(up, down, layer, 1.0)
    for name, key in [(TEXT_Q, "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora"),
                      ("text_model.encoder.layers.1.self_attn.out_proj",
                       "text_encoder.text_model.encoder.layers.1.self_attn.out_proj.lora_linear_layer")]:
        layer = module_of(text, name)
        up, down = (t.half().float() for t in low_rank(layer, 2))
        tensors |= {f"{key}.up.weight": up, f"{key}.down.weight": down}
        weights[f"text.{name[len('text_model.'):]}.weight"] = product(up, down, layer, 1.0)
    save("diffusers-old.bin", tensors, half=True)
    expect("diffusers-old", "diffusers-old.bin", weights)

    # PEFT's DoRA merged by PEFT is in peft(); here the norms of inputs, as LyCORIS writes them
    layer, name = module_of(unet, CONV), CONV
    up, down = low_rank(layer, 2)
    scale = (layer.weight ** 2).sum((0, 2, 3), keepdim=True).sqrt() * (1 + noise(1, layer.in_channels, 1, 1, size=0.3))
    weight = product(up, down, layer, 0.5)
    weight = scale * weight / (weight ** 2).sum((0, 2, 3), keepdim=True).sqrt()
    save("dora-inputs.safetensors", {f"{kohya(name)}.lora_up.weight": up, f"{kohya(name)}.lora_down.weight": down,
                                     f"{kohya(name)}.alpha": torch.tensor(1.0), f"{kohya(name)}.dora_scale": scale})
    expect("dora-inputs", "dora-inputs.safetensors", {f"unet.{name}.weight": weight})


def peft():
    from peft import LoraConfig, get_peft_model

    for case, options in [("peft", dict(r=2, lora_alpha=3)), ("peft-dora", dict(r=2, lora_alpha=4, use_dora=True)),
                          ("peft-patterns", dict(r=2, lora_alpha=2, use_rslora=True,
                                                 rank_pattern={"attn2.to_k": 3}, alpha_pattern={"attn2.to_k": 5}))]:
        fresh = UNet2DConditionModel.from_pretrained(TINY / "unet").float()
        names = [QUERY, KEYS, CONV] if case != "peft-patterns" else [QUERY, KEYS]
        model = get_peft_model(fresh, LoraConfig(target_modules=names, **options))
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "lora_A" in key or "lora_B" in key:
                    parameter.copy_(noise(*parameter.shape, size=0.4))
                elif "magnitude" in key:
                    parameter.mul_(1 + noise(*parameter.shape, size=0.3))
        tensors = {}
        for key, value in model.state_dict().items():
            if "lora_" in key and "base_layer" not in key:
                tensors["unet." + key.removeprefix("base_model.model.").replace(".default", "")] = value.detach().clone()
        config = {f"unet.{k}": v for k, v in options.items() if k != "use_dora"}
        metadata = {"format": "pt", "lora_adapter_metadata": json.dumps(config)}
        save(f"{case}.safetensors", tensors, metadata)
        whole = model.merge_and_unload()
        expect(case, f"{case}.safetensors",
               {f"unet.{n}.weight": module_of(whole, n).weight for n in names})


def generations():
    tokenizer = CLIPTokenizer.from_pretrained(TINY / "tokenizer")
    hint = Image.open(OUT / "hints" / "a-64x64.png").convert("RGB")
    control = ControlNetModel.from_pretrained(OUT / "tiny-control")
    latents, about = {}, {}

    def pipeline(controlled):
        parts = dict(unet=UNet2DConditionModel.from_pretrained(TINY / "unet").float(),
                     text_encoder=CLIPTextModel.from_pretrained(TINY / "text_encoder").float(),
                     vae=AutoencoderKL.from_pretrained(TINY / "vae").float(), tokenizer=tokenizer,
                     scheduler=DDIMScheduler.from_config(tiny.SCHEDULER), safety_checker=None, feature_extractor=None,
                     requires_safety_checker=False)
        kind = StableDiffusionControlNetPipeline if controlled else StableDiffusionPipeline
        made = kind(controlnet=control, **parts) if controlled else kind(**parts)
        made.set_progress_bar_config(disable=True)
        return made

    def run(name, adapters, controlled=False, off="plain"):
        made = pipeline(controlled)
        for i, (file, unet_scale, text_scale) in enumerate(adapters):
            made.load_lora_weights(FOLDER / file, adapter_name=f"a{i}")
        if adapters:
            made.set_adapters([f"a{i}" for i in range(len(adapters))],
                              [{"unet": u, "text_encoder": t} for _, u, t in adapters])
        call = dict(image=hint) if controlled else {}
        out = made(prompt="a small boat", negative_prompt="lowres", width=64, height=64, num_inference_steps=4,
                   guidance_scale=5.0, generator=torch.Generator().manual_seed(42), output_type="latent", **call).images
        latents[name] = out
        about[name] = {"loras": [{"file": f, "unet": u, "text": t} for f, u, t in adapters], "controlled": controlled,
                       "off": None if name == off else off}
        if name != off:
            must_differ(name, out, latents[off])

    # one rank and one alpha for each file, since diffusers takes the commonest alpha for all attention layers
    def whole(file, rank, alpha, names, text_names, size):
        tensors = {}
        for model, prefix, all_names in [(unet, "lora_unet_", names), (text, "lora_te_", text_names)]:
            for name in all_names:
                up, down = low_rank(module_of(model, name), rank, size)
                key = kohya(name, prefix)
                tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down,
                            f"{key}.alpha": torch.tensor(float(alpha))}
        save(file, tensors)

    attention = [n for n, m in unet.named_modules() if isinstance(m, torch.nn.Linear) and
                 any(part in n for part in ("attn1", "attn2")) and "down_blocks.1" not in n]
    texts = [n for n, m in text.named_modules() if isinstance(m, torch.nn.Linear) and "self_attn" in n]
    whole("style.safetensors", 2, 1, attention, texts, 0.4)
    whole("detail.safetensors", 3, 3, [n for n in attention if "mid_block" in n or "up_blocks.1" in n], texts[:4], 0.3)
    run("plain", [])
    run("style", [("style.safetensors", 1.0, 1.0)])
    run("style_scaled", [("style.safetensors", 0.6, 0.6)], off="style")
    run("style_apart", [("style.safetensors", 0.8, -0.5)], off="style_scaled")
    run("two", [("style.safetensors", 0.8, 0.8), ("detail.safetensors", -0.7, -0.7)], off="style")
    run("control", [], controlled=True)
    run("control_style", [("style.safetensors", 0.8, 0.8)], controlled=True, off="control")
    save_file({k: v.contiguous().clone() for k, v in latents.items()}, FOLDER / "latents.safetensors")
    return about


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    by_formula()
    peft()
    lycoris("locon", [(CONV, LoConModule, dict(lora_dim=2, alpha=1)),
                      (WIDE, LoConModule, dict(lora_dim=2, alpha=3, use_tucker=True)),
                      (KEYS, LoConModule, dict(lora_dim=3, alpha=1)),
                      (TIME, LoConModule, dict(lora_dim=4, alpha=2, rs_lora=True))], 0.8)
    lycoris("dora", [(QUERY, LoConModule, dict(lora_dim=2, alpha=1, weight_decompose=True)),
                     (KEYS, LoConModule, dict(lora_dim=2, alpha=1, weight_decompose=True, wd_on_out=False)),
                     (CONV, LohaModule, dict(lora_dim=2, alpha=1, weight_decompose=True)),
                     (FORWARD, LokrModule, dict(lora_dim=2, alpha=1, factor=4, weight_decompose=True))])
    lycoris("loha", [(KEYS, LohaModule, dict(lora_dim=3, alpha=1)), (CONV, LohaModule, dict(lora_dim=2, alpha=1)),
                     (WIDE, LohaModule, dict(lora_dim=2, alpha=1, use_tucker=True))], 0.6)
    lycoris("lokr", [(KEYS, LokrModule, dict(lora_dim=2, alpha=1, factor=4)),
                     (FORWARD, LokrModule, dict(lora_dim=1, alpha=3, factor=4, decompose_both=True)),
                     (QUERY, LokrModule, dict(lora_dim=100000, alpha=1, factor=4)),
                     (CONV, LokrModule, dict(lora_dim=1, alpha=2, factor=4)),
                     (WIDE, LokrModule, dict(lora_dim=1, alpha=2, factor=4, use_tucker=True))], 0.6)
    lycoris("full", [(CONV, FullModule, {}), (TIME, FullModule, {}), (GROUP_NORM, NormModule, {}), (LAYER_NORM, NormModule, {})], 0.5)
    lycoris("oft", [(KEYS, DiagOFTModule, dict(lora_dim=4)), (CONV, DiagOFTModule, dict(lora_dim=8, constraint=0.05)),
                    (FORWARD, DiagOFTModule, dict(lora_dim=8, rescaled=True))])
    lycoris("oft-half", [(KEYS, DiagOFTModule, dict(lora_dim=4))], 0.5)
    lycoris("boft", [(KEYS, ButterflyOFTModule, dict(lora_dim=4)), (FORWARD, ButterflyOFTModule, dict(lora_dim=8)),
                     (CONV, ButterflyOFTModule, dict(lora_dim=4, constraint=0.05, rescaled=True))], 0.7)
    lycoris("ia3", [(KEYS, IA3Module, dict(train_on_input=True)), (CONV, IA3Module, {}), (QUERY, IA3Module, {})], 0.7)
    save_file({k: v.contiguous().clone() for k, v in merged.items()}, FOLDER / "merged.safetensors")
    tiny.write_json(FOLDER / "cases.json", {"merged": cases, "generations": generations()})
    for file in FOLDER.iterdir():
        file.chmod(0o644)


if __name__ == "__main__":
    main()
