"""Times OpenVINO on the weights that make_sd15_random.py wrote, and prints one JSON object.

    python openvino_timings.py FOLDER [--steps 6] [--size 512] [--threads 2] [--bfloat16]

One image, guidance 9 (the networks run at batch 2), DDIM, as in reference_timings.py; ControlNet, U-Net and VAE decoder
are converted from diffusers' modules and kept in FOLDER/openvino. The first step is a warm-up and not counted.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import openvino as ov
import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, UNet2DConditionModel
from reference_timings import edges, peak_bytes, processor

RESIDUALS = [(320, 1)] * 3 + [(320, 2)] + [(640, 2)] * 2 + [(640, 4)] + [(1280, 4)] * 2 + [(1280, 8)] * 4


class Control(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, latents, timestep, states, hint):
        down, middle = self.model(latents, timestep, states, hint, return_dict=False)
        return (*down, middle)


class UNet(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, latents, timestep, states, *residuals):
        return self.model(
            latents, timestep, states, down_block_additional_residuals=residuals[:-1],
            mid_block_additional_residual=residuals[-1], return_dict=False)[0]


class Decoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, latents):
        return self.model.decode(latents, return_dict=False)[0]


def convert(folder, size):
    side = size // 8
    latents, timestep, states = torch.zeros(2, 4, side, side), torch.tensor(981), torch.zeros(2, 77, 768)
    residuals = [torch.zeros(2, channels, side // by, side // by) for channels, by in RESIDUALS]
    base, out = folder / "base", folder / "openvino"
    modules = {
        "control": (lambda: Control(ControlNetModel.from_pretrained(folder / "control")),
                    (latents, timestep, states, torch.zeros(2, 3, size, size))),
        "unet": (lambda: UNet(UNet2DConditionModel.from_pretrained(base / "unet")),
                 (latents, timestep, states, *residuals)),
        "decoder": (lambda: Decoder(AutoencoderKL.from_pretrained(base / "vae")), (latents[:1],)),
    }
    for name, (make, example) in modules.items():
        path = out / f"{name}-{size}.xml"
        if not path.exists():
            model = ov.convert_model(make().eval(), example_input=example)
            for given, value in zip(model.inputs, example):
                given.get_node().set_partial_shape(ov.PartialShape(list(value.shape)))
            model.validate_nodes_and_infer_types()
            ov.save_model(model, path, compress_to_fp16=False)
        yield name, path


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--steps", type=int, default=6)
    arguments.add_argument("--size", type=int, default=512)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--decodes", type=int, default=3)
    arguments.add_argument("--bfloat16", action="store_true")
    options = arguments.parse_args()
    torch.set_grad_enabled(False)
    core = ov.Core()
    core.set_property("CPU", {
        "INFERENCE_PRECISION_HINT": "bf16" if options.bfloat16 else "f32", "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": options.threads})
    paths = dict(convert(options.folder, options.size))
    begun = time.perf_counter()
    networks = {name: core.compile_model(path, "CPU") for name, path in paths.items()}
    loaded = time.perf_counter()

    scheduler = DDIMScheduler.from_pretrained(options.folder / "base" / "scheduler")
    scheduler.set_timesteps(options.steps)
    side = options.size // 8
    latents = torch.randn(1, 4, side, side, generator=torch.Generator().manual_seed(42))
    states = torch.randn(2, 77, 768, generator=torch.Generator().manual_seed(1)).numpy()
    hint = torch.frombuffer(bytearray(edges(options.size).tobytes()), dtype=torch.uint8).reshape(options.size, options.size, 3)
    hint = (hint.permute(2, 0, 1)[None].float() / 255).repeat(2, 1, 1, 1).numpy()
    steps = []
    for timestep in scheduler.timesteps:
        at = time.perf_counter()
        both = latents.repeat(2, 1, 1, 1).numpy()
        residuals = list(networks["control"]([both, timestep.numpy(), states, hint]).values())
        noise = torch.from_numpy(networks["unet"]([both, timestep.numpy(), states, *residuals])[0])
        without, wanted = noise.chunk(2)
        latents = scheduler.step(without + 9 * (wanted - without), timestep, latents).prev_sample
        steps.append(time.perf_counter() - at)
    assert torch.isfinite(latents).all()
    decodes = []
    for _ in range(options.decodes):
        at = time.perf_counter()
        networks["decoder"]([(latents / 0.18215).numpy()])
        decodes.append(time.perf_counter() - at)
    print(json.dumps({
        "program": f"OpenVINO {ov.__version__}", "dtype": "bfloat16" if options.bfloat16 else "float32",
        "processor": processor(), "threads": options.threads, "size": options.size, "steps": options.steps,
        "loadSeconds": loaded - begun, "stepSeconds": steps[1:], "stepSecondsMedian": statistics.median(steps[1:]),
        "decodeSeconds": decodes, "decodeSecondsMedian": statistics.median(decodes), "peakRssBytes": peak_bytes(),
        "loadAverage": os.getloadavg(),
    }, indent=2))


if __name__ == "__main__":
    main()
