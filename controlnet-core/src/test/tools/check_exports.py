"""Shows that exported controls and bases open in diffusers and in the original code's layout.

    python check_exports.py COMMAND [ORIGINAL]

COMMAND is the `controlnet` script, which is run on the fixtures, also to train a control for a few steps: of a base made
here that has the shape the original code takes for granted, and of the bundled model. What a trained control computes is
compared between diffusers, Java (`Residuals.java`) and, with ORIGINAL, a checkout of lllyasviel/ControlNet, the
original's own classes, which all exports are loaded into strictly then.
"""

import json
import os
import subprocess
import sys
import tempfile
import types
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline, UNet2DConditionModel
from PIL import Image, ImageDraw
from safetensors.torch import load_file

import layouts
import tiny

FIXTURES = Path(__file__).parent.parent / "resources" / "fixtures"
BASE = FIXTURES / "layouts" / "base-fp16.safetensors"  # 32 groups, 8 heads: what the original code assumes
ROOT = Path(__file__).resolve().parents[4]
MINI = ROOT / "controlnet-examples/controlnet-demo-model/src/main/resources/io/github/controlnet/demo"
LIMIT = 1e-4  # relative root mean square, residual by residual
COMMAND, ORIGINAL = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def controlnet(*args):
    subprocess.run([COMMAND, *map(str, args)], check=True, stdout=subprocess.DEVNULL)


def equal(what, a, b):
    assert a.keys() == b.keys(), (what, a.keys() ^ b.keys())
    for name in a:
        assert a[name].shape == b[name].shape and torch.equal(a[name].float(), b[name].float()), (what, name)
    print(f"ok: {what}, {len(a)} tensors")


def same_output(what, a, b, context, inputs=(2, 4, 8, 8), pixels=64):
    generator = torch.Generator().manual_seed(3)
    arguments = {"sample": torch.randn(inputs, generator=generator), "timestep": 7,
                 "encoder_hidden_states": torch.randn(2, 77, context, generator=generator),
                 "controlnet_cond": torch.rand(2, 3, pixels, pixels, generator=generator), "return_dict": False}
    first, second = a(**arguments), b(**arguments)
    for x, y in zip([*first[0], first[1]], [*second[0], second[1]], strict=True):
        assert torch.equal(x, y), what
    print(f"ok: {what} computes the same")


def check_control(folder):
    """A folder, a .safetensors and a .pth of one control with weights that are not zero."""
    source = FIXTURES / "layouts" / "control.pth"
    made = {"folder": folder / "control", "safetensors": folder / "control.safetensors", "pth": folder / "control.pth"}
    for out in made.values():
        # to the same base: the control as it is, in another layout
        controlnet("transfer-control", "--control", source, "--from-base", BASE, "--base", BASE, out)
    expected = torch.load(source, weights_only=True)
    expected = expected.get("state_dict", expected)
    names = {n: n if n.startswith(layouts.CONTROL_PREFIX) else layouts.CONTROL_PREFIX + n for n in expected}
    expected = {names[n]: v for n, v in expected.items()}
    equal("original layout, safetensors", load_file(made["safetensors"]), expected)
    equal("original layout, pth", torch.load(made["pth"], weights_only=True), expected)
    control = ControlNetModel.from_pretrained(made["folder"])
    state = control.state_dict()
    equal("diffusers, from_pretrained",
          {layouts.CONTROL_PREFIX + layouts.unet_key(k, list(state)): v for k, v in state.items()}, expected)
    # from_single_file takes a hint block of four stages alone
    tiny, reference = FIXTURES / "tiny", ControlNetModel.from_pretrained(FIXTURES / "tiny-control")
    for kind in ("safetensors", "pth"):
        out = folder / f"tiny.{kind}"
        controlnet("transfer-control", "--control", FIXTURES / "tiny-control", "--from-base", tiny, "--base", tiny, out)
        single = ControlNetModel.from_single_file(out, config=str(FIXTURES / "tiny-control"))
        equal(f"diffusers, from_single_file of {kind}", single.state_dict(), reference.state_dict())
        same_output(f"from_single_file of {kind}", single, reference, reference.config.cross_attention_dim)
    return expected


def check_base(folder):
    """A base with a new control, as a pipeline's folder and as a merged file."""
    controlnet("add-control", "--base", BASE, "--with-base", "--seed", 5, folder / "pipeline")
    controlnet("add-control", "--base", BASE, "--with-base", "--seed", 5, "--dtype", "float32", folder / "merged.ckpt")
    merged = torch.load(folder / "merged.ckpt", weights_only=True)
    unet = UNet2DConditionModel.from_pretrained(folder / "pipeline" / "unet")
    state = unet.state_dict()
    equal("U-Net of a merged file and of a pipeline's folder",
          {k: v for k, v in merged.items() if k.startswith(layouts.UNET_PREFIX)},
          {layouts.UNET_PREFIX + layouts.unet_key(k, list(state)): v for k, v in state.items()})
    torch.manual_seed(5)
    fresh = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(16, 32))
    made = ControlNetModel.from_pretrained(folder / "pipeline" / "controlnet")
    equal("new control and from_unet", made.state_dict(), fresh.state_dict())
    pipeline = StableDiffusionControlNetPipeline.from_pretrained(folder / "pipeline")
    images = pipeline("a bird", image=torch.rand(1, 3, 16, 16), num_inference_steps=2, output_type="np").images
    assert images.shape == (1, 16, 16, 3)
    print("ok: diffusers generates from the pipeline's folder")
    return merged


def circles(folder, size, count=8):
    """A little data in the layout of fill50k."""
    draw = np.random.default_rng(5)
    lines = []
    for i in range(count):
        radius = int(draw.integers(size // 8, size // 3))
        box = [size // 2 - radius, size // 2 - radius, size // 2 + radius, size // 2 + radius]
        ground, fill = (tuple(int(c) for c in draw.integers(0, 256, 3)) for _ in range(2))
        target, source = Image.new("RGB", (size, size), ground), Image.new("RGB", (size, size))
        ImageDraw.Draw(target).ellipse(box, fill=fill)
        ImageDraw.Draw(source).ellipse(box, outline="white")
        for kind, image in (("target", target), ("source", source)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            image.save(folder / kind / f"{i}.png")
        lines.append(json.dumps({"source": f"source/{i}.png", "target": f"target/{i}.png", "prompt": "a red circle"}))
    (folder / "prompt.json").write_text("\n".join(lines) + "\n")
    return folder


def inputs(context, side):
    generator = torch.Generator().manual_seed(11)
    return {"sample": torch.randn(1, 4, side, side, generator=generator),
            "states": torch.randn(1, 77, context, generator=generator),
            "hint": torch.rand(1, 3, 8 * side, 8 * side, generator=generator), "timestep": 407}


def diffusers_residuals(control, given):
    down, middle = control(given["sample"], given["timestep"], encoder_hidden_states=given["states"],
                           controlnet_cond=given["hint"], return_dict=False)
    return [*down, middle]


def java_residuals(control, base, given, like, folder):
    cli = ROOT / "controlnet-examples" / "controlnet-cli" / "target"
    values, out = folder / "inputs.bin", folder / "residuals.bin"
    out.unlink(missing_ok=True)
    values.write_bytes(b"".join(given[k].numpy().tobytes() for k in ("sample", "states", "hint")))
    side, pixels = given["sample"].shape[-1], given["hint"].shape[-1]
    arguments = [control, base, values, side, pixels, given["timestep"], len(like), out]
    subprocess.run(["java", "-Xmx512m", "-cp", os.pathsep.join((f"{cli}/classes", f"{cli}/lib/*")),
                    Path(__file__).with_name("Residuals.java"), *map(str, arguments)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    parts = torch.from_numpy(np.fromfile(out, dtype="<f4")).split([r.numel() for r in like])
    return [p.reshape(r.shape) for p, r in zip(parts, like, strict=True)]


def near(what, actual, expected):
    worst = max(((a - e).square().mean() / e.square().mean()).sqrt().item()
                for a, e in zip(actual, expected, strict=True))
    assert worst <= LIMIT, (what, worst)
    print(f"ok: {what}, {len(expected)} residuals, largest relative RMS difference {worst:.1e}")


def check_trained(what, folder, base, size, steps, *options):
    """A control trained by the command, in diffusers' layout and brought to the original's. Returns the latter."""
    run, fresh = folder / "run", folder / "fresh"
    controlnet("add-control", "--base", base, "--seed", 5, fresh)
    controlnet("train", "--base", base, "--control", fresh, "--data", circles(folder / "data", size), "--output", run,
               "--steps", steps, "--batch-size", 2, "--resolution", size, "--threads", 1, "--learning-rate", 1e-3,
               "--prompt-drop-rate", 0, *options)
    checkpoints = sorted((run / "checkpoints").glob("step-*"))
    assert checkpoints, "no checkpoint"
    before = load_file(fresh / "diffusion_pytorch_model.safetensors")
    for path in (checkpoints[-1] / "control", run / "control"):
        control, report = ControlNetModel.from_pretrained(path, output_loading_info=True)
        assert not any(report.values()), report
        state = control.state_dict()
        same = [n for n, v in before.items() if torch.equal(v.float(), state[n])]
        assert not same, ("learned nothing", same)
        print(f"ok: {what}, from_pretrained of {path.parent.name}, {len(state)} tensors, all of them trained")
    given = inputs(control.config.cross_attention_dim, size // 8)
    expected = diffusers_residuals(control, given)
    assert all(r.abs().mean() > 1e-5 for r in expected), "a zero convolution is zero still"
    near(f"{what}, Java and diffusers", java_residuals(run / "control", base, given, expected, folder), expected)
    renamed = {layouts.CONTROL_PREFIX + layouts.unet_key(k, list(state)): v for k, v in state.items()}
    originals = {}
    for kind in ("safetensors", "pth"):
        out = folder / f"trained.{kind}"
        controlnet("transfer-control", "--control", run / "control", "--from-base", base, "--base", base, out)
        originals[kind] = load_file(out) if kind == "safetensors" else torch.load(out, weights_only=True)
        equal(f"{what}, original layout, {kind}", originals[kind], renamed)
        single = ControlNetModel.from_single_file(out, config=str(run / "control"))
        equal(f"{what}, from_single_file of {kind}", single.state_dict(), state)
        near(f"{what}, from_single_file of {kind}", diffusers_residuals(single, given), expected)
        near(f"{what}, Java from {kind}", java_residuals(out, base, given, expected, folder), expected)
    if "--sd-locked" in options:
        unet, report = UNet2DConditionModel.from_pretrained(run / "base" / "unet", output_loading_info=True)
        assert not any(report.values()), report
        old = UNet2DConditionModel.from_pretrained(base / "unet").state_dict()
        changed = {n.split(".")[0] for n, v in unet.state_dict().items() if not torch.equal(v, old[n])}
        assert changed == {"up_blocks", "conv_norm_out", "conv_out"}, changed
        print(f"ok: {what}, the changed base opens in diffusers, changed: {', '.join(sorted(changed))}")
    return originals["safetensors"], control, given, expected


def shaped_base(folder):
    """A base with what the original code takes for granted: 32 groups, 8 heads, pictures 8 times the latents."""
    tokenizer = tiny.write_tokenizer(folder / "tokenizer", 100)
    tiny.save_base(folder, tiny.unet(channels=(32, 64), blocks=2, heads=8, groups=32, context=32, sample_size=8, seed=301),
                   tiny.vae(channels=(32, 32, 32, 32), blocks=1, groups=32, sample_size=64, seed=302),
                   tiny.text_encoder(tokenizer, width=32, layers=2, heads=2, seed=303))
    return folder


def check_trained_in_original(control_class, trained, control, given, expected):
    config = control.config
    channels = list(config.block_out_channels)
    network = control_class(
        hint_channels=3, image_size=32, in_channels=4, model_channels=channels[0], num_heads=8, legacy=False,
        attention_resolutions=[2**i for i, t in enumerate(config.down_block_types) if "CrossAttn" in t],
        num_res_blocks=config.layers_per_block, channel_mult=[c // channels[0] for c in channels],
        use_spatial_transformer=True, transformer_depth=1, context_dim=config.cross_attention_dim, use_checkpoint=False)
    network.load_state_dict({k.removeprefix(layouts.CONTROL_PREFIX): v for k, v in trained.items()}, strict=True)
    print(f"ok: the original's ControlNet loads a trained control strictly, {len(trained)} tensors")
    outs = network(given["sample"], given["hint"], torch.tensor([given["timestep"]]), given["states"])
    near("trained, the original's ControlNet and diffusers'", outs, expected)


def original_classes():
    """The original's classes, without what they import for training."""
    sys.path.insert(0, str(ORIGINAL))
    lightning = types.ModuleType("pytorch_lightning")
    lightning.LightningModule = torch.nn.Module
    sys.modules["pytorch_lightning"] = lightning
    for name in ("pytorch_lightning.utilities", "pytorch_lightning.utilities.distributed", "torchvision",
                 "torchvision.utils", "omegaconf", "omegaconf.listconfig", "cv2", "open_clip"):
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = MagicMock(rank_zero_only=lambda f: f)
    from cldm.cldm import ControlledUnetModel, ControlNet
    from ldm.models.diffusion.ddpm import DDPM
    from ldm.modules.diffusionmodules.model import Decoder, Encoder
    return ControlledUnetModel, ControlNet, DDPM, Encoder, Decoder


def check_original(control, merged, trained):
    unet_class, control_class, ddpm, encoder_class, decoder_class = original_classes()
    check_trained_in_original(control_class, *trained)
    first = merged[layouts.UNET_PREFIX + "input_blocks.0.0.weight"]
    unet = UNet2DConditionModel.from_pretrained(folder / "pipeline" / "unet").config
    channels = list(unet.block_out_channels)
    trunk = {"image_size": 32, "in_channels": 4, "model_channels": first.shape[0],
             "attention_resolutions": [2**i for i, t in enumerate(unet.down_block_types) if "CrossAttn" in t],
             "num_res_blocks": unet.layers_per_block, "channel_mult": [c // channels[0] for c in channels],
             "num_heads": 8, "use_spatial_transformer": True, "transformer_depth": 1,
             "context_dim": unet.cross_attention_dim, "use_checkpoint": False, "legacy": False}

    def part(state, prefix):
        return {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}

    u_net = unet_class(out_channels=4, **trunk)
    u_net.load_state_dict(part(merged, layouts.UNET_PREFIX), strict=True)
    print("ok: the original's U-Net loads strictly")
    for what, state in (("exported", control), ("new", merged)):
        # the original's hint block makes the picture 8 times smaller; this base's autoencoder halves it once
        state = {k: v for k, v in part(state, layouts.CONTROL_PREFIX).items() if not k.startswith("input_hint_block.")}
        missing, unexpected = control_class(hint_channels=3, **trunk).load_state_dict(state, strict=False)
        assert not unexpected and all(k.startswith("input_hint_block.") for k in missing), (missing, unexpected)
        print(f"ok: the original's ControlNet loads the {what} control up to its hint block")
    # of a U-Net alone nobody knows the autoencoder: the hint block is Stable Diffusion's
    controlnet("add-control", "--base", folder / "pipeline" / "unet", folder / "whole.safetensors")
    whole = part(load_file(folder / "whole.safetensors"), layouts.CONTROL_PREFIX)
    control_class(hint_channels=3, **trunk).load_state_dict(whole, strict=True)
    print(f"ok: the original's ControlNet loads a new control strictly, {len(whole)} tensors")
    module = torch.nn.Module()
    module.v_posterior, module.parameterization = 0.0, "eps"
    ddpm.register_schedule(module, beta_schedule="linear", timesteps=1000, linear_start=0.00085, linear_end=0.012)
    tables = dict(module.state_dict())
    for name, table in tables.items():
        torch.testing.assert_close(merged[name], table, rtol=1e-5, atol=1e-9)
    assert merged["logvar"].shape == (1000,) and not merged["logvar"].any()
    rest = [k for k in merged if "." not in k and k not in tables and k != "logvar"]
    assert not rest, rest
    print(f"ok: the noise schedule's {len(tables)} tables are the original's")
    vae = merged["first_stage_model.encoder.conv_in.weight"].shape[0], [
        merged[f"first_stage_model.encoder.down.{i}.block.0.conv1.weight"].shape[0]
        for i in range(16) if f"first_stage_model.encoder.down.{i}.block.0.conv1.weight" in merged]
    blocks = len({k.split(".")[5] for k in merged if k.startswith("first_stage_model.encoder.down.0.block.")})
    sizes = {"double_z": True, "z_channels": 4, "resolution": 32, "in_channels": 3, "out_ch": 3, "ch": vae[0],
             "ch_mult": [w // vae[0] for w in vae[1]], "num_res_blocks": blocks, "attn_resolutions": [], "dropout": 0.0}
    for half, kind in (("encoder", encoder_class), ("decoder", decoder_class)):
        kind(**sizes).load_state_dict(part(merged, f"first_stage_model.{half}."), strict=True)
        print(f"ok: the original's {half} of the VAE loads strictly")


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    exported = check_control(folder)
    whole = check_base(folder)
    learned = check_trained("trained", folder / "trained", shaped_base(folder / "shaped"), 64, 6, "--sd-locked", "false")
    check_trained("mini, trained", folder / "mini", MINI / "base", 128, 4)
    if ORIGINAL:
        check_original(exported, whole, learned)
