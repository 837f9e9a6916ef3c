"""Makes the fixtures of samplers begun part-way: image to image and latent blending on Gaussian data.

    python make_partway_fixtures.py [output folder]

The schedule of calls is that of diffusers' image-to-image and inpainting pipelines: how many steps a strength keeps,
set_begin_index, add_noise, and after each step the source outside a mask. The README.md in the output folder says what
every key holds.
"""

import inspect
import sys
from pathlib import Path

import diffusers
import torch
from safetensors.torch import save_file

import tiny
from make_scheduler_fixtures import ALPHAS, SAMPLERS, Draws, predict

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"
SETTINGS = ((20, 0.8), (20, 0.35), (7, 0.5), (5, 1.0), (10, 0.1))


def sample(name, steps, strength, blended, data, noise, mask, table):
    kind, flags = SAMPLERS[name]
    base = diffusers.PNDMScheduler.from_config(tiny.SCHEDULER)
    scheduler = getattr(diffusers, kind).from_config(base.config, **flags)
    draws = Draws(table)
    sys.modules[type(scheduler).__module__].randn_tensor = draws
    scheduler.set_timesteps(steps)
    skipped = max(steps - min(int(steps * strength), steps), 0)
    timesteps = scheduler.timesteps[skipped * scheduler.order:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(skipped * scheduler.order)
    options = {"eta": 0.3} if "eta" in inspect.signature(scheduler.step).parameters else {}
    x = scheduler.add_noise(data, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        output = predict(scheduler.scale_model_input(x, t), t, "epsilon", ALPHAS)
        if name == "lms":
            # By itself it counts the steps left out as history and goes up to 2.3 times too far; as told here it
            # begins with order 1, as k-diffusion does.
            options = {"order": min(i + 1, 4)}
        x = scheduler.step(output, t, x, **options).prev_sample
        if blended:
            source = data
            if i < len(timesteps) - 1:
                source = scheduler.add_noise(data, noise, torch.tensor([timesteps[i + 1]]))
            x = (1 - mask) * source + mask * x
    assert x.isfinite().all(), (name, steps, strength)
    return x, timesteps, draws.used


def main():
    generator = torch.Generator().manual_seed(7)
    data, noise = (torch.randn(1, 4, 2, 2, generator=generator) for _ in range(2))
    data = 0.7 + 0.5 * data
    mask = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).expand(1, 4, 2, 2)
    table = torch.randn(40, 16, generator=generator)
    result = {"data": data, "noise": noise, "mask": mask, "draws": table}
    about = {}
    for name in SAMPLERS:
        for steps, strength in SETTINGS:
            for blended in (False, True):
                x, timesteps, used = sample(name, steps, strength, blended, data, noise, mask, table)
                case = f"{name}.{'blended' if blended else 'plain'}.steps{steps}.strength{strength}"
                result[case] = x.flatten()
                about[case] = {"sampler": name, "steps": steps, "strength": strength, "blended": blended, "eta": 0.3,
                               "draws": used, "timesteps": [round(float(t), 4) for t in timesteps]}
    save_file({k: v.contiguous().clone() for k, v in result.items()}, OUT / "partway.safetensors")
    tiny.write_json(OUT / "partway.json", about, indent=None)


main()
