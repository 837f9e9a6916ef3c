"""Makes the reference fixtures of the samplers: what diffusers' schedulers end in on Gaussian data.

    python make_scheduler_fixtures.py [output folder]

The best prediction for Gaussian data has a closed form, a function of the network's input and timestep alone, so no
network is needed. The README.md in the output folder says what every key holds.
"""

import inspect
import math
import sys
from pathlib import Path

import diffusers
import numpy as np
import torch
from safetensors.torch import save_file

import tiny

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"
MEAN, VARIANCE = 0.7, 0.25
STEPS = (1, 2, 3, 5, 10, 20, 50)
DRAWS = 101

# Name of the sampler: class of diffusers, what it is told beyond Stable Diffusion 1.5's configuration, and eta.
SDE = {"algorithm_type": "sde-dpmsolver++"}
KARRAS = {"use_karras_sigmas": True}
SAMPLERS = {
    "ddpm": ("DDPMScheduler", {}),
    "pndm": ("PNDMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "dpm2": ("KDPM2DiscreteScheduler", {}),
    "dpm2_ancestral": ("KDPM2AncestralDiscreteScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp_2m_karras": ("DPMSolverMultistepScheduler", KARRAS),
    "dpmpp_2m_sde": ("DPMSolverMultistepScheduler", SDE),
    "dpmpp_2m_sde_karras": ("DPMSolverMultistepScheduler", {**SDE, **KARRAS}),
    "dpmpp_3m_sde": ("DPMSolverMultistepScheduler", {**SDE, "solver_order": 3}),
    "dpmpp_3m_sde_karras": ("DPMSolverMultistepScheduler", {**SDE, **KARRAS, "solver_order": 3}),
    "dpmpp_2s": ("DPMSolverSinglestepScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
ETAS = {"tcd": (0.0, 0.3, 1.0)}

diffusers.logging.set_verbosity_error()
torch.set_num_threads(1)
torch.set_grad_enabled(False)

BETAS = np.linspace(math.sqrt(0.00085), math.sqrt(0.012), 1000) ** 2
LOG_ALPHAS = np.cumsum(np.log1p(-BETAS))


def predict(x, timestep, prediction):
    """The best prediction; alpha-bar is geometric between whole timesteps."""
    alpha = math.exp(np.interp(float(timestep), np.arange(1000), LOG_ALPHAS))
    signal, spread = math.sqrt(alpha), math.sqrt(1 - alpha)
    x = x.double()
    noise = spread * (x - signal * MEAN) / (alpha * VARIANCE + 1 - alpha)
    if prediction == "epsilon":
        return noise.float()
    return (signal * noise - spread * (x - spread * noise) / signal).float()


class Draws:
    """Stands for randn_tensor: hands out the rows of a fixed table and counts them."""

    def __init__(self, table):
        self.table, self.used = table, 0

    def __call__(self, shape, **options):
        self.used += 1
        return self.table[self.used - 1].reshape(shape).clone()


def sample(name, steps, prediction, eta, start, table):
    kind, flags = SAMPLERS[name]
    base = diffusers.PNDMScheduler.from_config(tiny.SCHEDULER)
    scheduler = getattr(diffusers, kind).from_config(base.config, prediction_type=prediction, **flags)
    draws = Draws(table)
    sys.modules[type(scheduler).__module__].randn_tensor = draws
    scheduler.set_timesteps(steps)
    options = {"eta": eta} if "eta" in inspect.signature(scheduler.step).parameters else {}
    x = start * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        x = scheduler.step(predict(scheduler.scale_model_input(x, t), t, prediction), t, x, **options).prev_sample
    assert x.isfinite().all(), (name, steps)
    return x, scheduler, draws.used


def main():
    start = torch.randn(16, generator=torch.Generator().manual_seed(5)).reshape(1, 4, 2, 2)
    table = torch.randn(DRAWS, 16, generator=torch.Generator().manual_seed(6))
    result = {"start": start, "noise": table}
    about = {"dataMean": MEAN, "dataVariance": VARIANCE, "timesteps": {}, "cases": {}}
    for name in SAMPLERS:
        for steps in STEPS:
            for prediction in ("epsilon", "v_prediction"):
                for eta in ETAS.get(name, (0.0,)):
                    x, scheduler, used = sample(name, steps, prediction, eta, start, table)
                    case = f"{name}.{prediction}.eta{eta}.steps{steps}"
                    result[case] = x.flatten()
                    about["cases"][case] = {
                        "sampler": name,
                        "prediction": prediction,
                        "eta": eta,
                        "steps": steps,
                        "draws": used,
                        "initialNoiseScale": float(scheduler.init_noise_sigma),
                    }
            about["timesteps"][f"{name}.{steps}"] = [round(float(t), 4) for t in scheduler.timesteps]
    save_file({k: v.contiguous().clone() for k, v in result.items()}, OUT / "samplers.safetensors")
    tiny.write_json(OUT / "samplers.json", about, indent=None)


main()
