"""Makes the reference for new and transferred controls: samples of what diffusers and the original code's tool give.

    python make_control_fixtures.py ORIGINAL [output folder]

ORIGINAL is a checkout of lllyasviel/ControlNet, whose tool_transfer_control.py is run on tiny models.
"""

import sys
import tempfile
import types
from pathlib import Path

import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from safetensors.torch import load_file, save_file

import layouts
import tiny

FIXTURES = Path(__file__).parent.parent / "resources" / "fixtures"
ORIGINAL = Path(sys.argv[1])
OUT = Path(sys.argv[2]) if len(sys.argv) > 2 else FIXTURES
SAMPLES = 8
SEED = 1234
WIDTHS = ((16, 32, 96, 256), (16, 32, 64, 96))

torch.set_num_threads(1)


def samples(tensor):
    """Values spread over the tensor, its sum and its root mean square."""
    flat = tensor.detach().float().flatten()
    picked = [flat[i * (len(flat) - 1) // (SAMPLES - 1)].item() for i in range(SAMPLES)]
    return {"shape": list(tensor.shape), "samples": picked, "rms": flat.double().pow(2).mean().sqrt().item(),
            "sum": flat.double().sum().item()}


def from_unet(unet, widths):
    torch.manual_seed(SEED)
    control = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=widths).state_dict()
    base = unet.state_dict()
    hint = {}
    for name, value in control.items():
        if name.startswith("controlnet_cond_embedding.") and "conv_out" not in name:
            hint[name] = samples(value)
        elif name.startswith("controlnet_"):
            assert not value.any(), name
        else:
            assert torch.equal(value, base[name]), name
    return hint


def transfer(control, old, new):
    """Runs the original's tool, with its paths exchanged for ours."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def original(state, prefix):
            return {prefix + layouts.unet_key(k, list(state)): v.clone().contiguous() for k, v in state.items()}

        save_file(original(old, layouts.UNET_PREFIX), folder / "old.safetensors")
        save_file(original(new, layouts.UNET_PREFIX), folder / "new.safetensors")
        save_file(original(control, layouts.CONTROL_PREFIX), folder / "control.safetensors")
        source = (ORIGINAL / "tool_transfer_control.py").read_text()
        for name, file in (("path_sd15", "old"), ("path_sd15_with_control", "control"), ("path_input", "new")):
            source = source.replace(f"{name} = '", f"{name} = '{folder / file}.safetensors' or '", 1)
        source = source.replace("path_output = '", f"path_output = '{folder / 'out.pth'}' or '", 1)
        for name, members in (("share", {}), ("cldm", {}), ("cldm.model", {"load_state_dict": load_file})):
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].__dict__.update(members)
        exec(compile(source, "tool_transfer_control.py", "exec"), {"__name__": "__main__"})
        result = torch.load(folder / "out.pth", weights_only=True)
    back = {layouts.CONTROL_PREFIX + layouts.unet_key(k, list(control)): k for k in control}
    assert sorted(result) == sorted(back)
    return {back[k]: v for k, v in result.items()}


unet = UNet2DConditionModel.from_pretrained(FIXTURES / "tiny" / "unet")
control = ControlNetModel.from_pretrained(FIXTURES / "tiny-control").state_dict()
old = unet.state_dict()
new = {name: value * -0.5 for name, value in old.items()}  # exact, so that the tests can make it again
moved = transfer(control, old, new)
for name, value in moved.items():
    if name.startswith("controlnet_"):
        assert torch.equal(value, control[name])
    else:
        assert (value - control[name]).pow(2).mean().sqrt() > 0.01 * control[name].pow(2).mean().sqrt(), name
tiny.write_json(OUT / "controls.json", {
    "seed": SEED,
    "hints": [{"widths": list(widths), "tensors": from_unet(unet, widths)} for widths in WIDTHS],
    "transferred": {name: samples(value) for name, value in sorted(moved.items())},
}, indent=None)
