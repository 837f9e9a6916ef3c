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
    "ddim": ("DDIMScheduler", {}),
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
SPACINGS = ("karras", "exponential", "beta")
SOLVERS = ("euler", "heun", "lms", "dpm2", "dpm2_ancestral", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_3m_sde", "dpmpp_2s", "unipc",
           "deis")
DERIVED = []  # of these many, the usual setting alone
for solver in SOLVERS:
    for spacing in SPACINGS:
        if f"{solver}_{spacing}" not in SAMPLERS:
            DERIVED.append(f"{solver}_{spacing}")
            kind, flags = SAMPLERS[solver]
            SAMPLERS[DERIVED[-1]] = (kind, {**flags, f"use_{spacing}_sigmas": True})
SAMPLERS["unipc_bh1"] = ("UniPCMultistepScheduler", {"solver_type": "bh1"})
ETAS = {"tcd": (0.0, 0.3, 1.0)}

diffusers.logging.set_verbosity_error()
torch.set_num_threads(1)
torch.set_grad_enabled(False)

# What a scheduler's configuration may say besides: settings, predictions, steps.
ZERO_SNR = {"timestep_spacing": "trailing", "rescale_betas_zero_snr": True}
VARIANTS = {
    "usual": ({}, ("epsilon", "v_prediction"), STEPS),
    "leading": ({"timestep_spacing": "leading"}, ("epsilon",), (5, 20)),
    "linspace": ({"timestep_spacing": "linspace"}, ("epsilon",), (5, 20)),
    "trailing": ({"timestep_spacing": "trailing"}, ("epsilon",), (5, 20)),
    "zero_snr": (ZERO_SNR, ("v_prediction",), (5, 20)),
}

BETAS = np.linspace(math.sqrt(0.00085), math.sqrt(0.012), 1000) ** 2
ALPHAS = np.cumprod(1 - BETAS)
ROOTS = np.sqrt(ALPHAS)
ZERO_SNR_ALPHAS = ((ROOTS - ROOTS[-1]) * (ROOTS[0] / (ROOTS[0] - ROOTS[-1]))) ** 2


def predict(x, timestep, prediction, alphas):
    """The best prediction; alpha-bar is geometric between whole timesteps."""
    below = min(math.floor(timestep), len(alphas) - 2)
    share = float(timestep) - below
    alpha = alphas[below] ** (1 - share) * alphas[below + 1] ** share
    signal, spread = math.sqrt(alpha), math.sqrt(1 - alpha)
    x = x.double()
    surprise = (x - signal * MEAN) / (alpha * VARIANCE + 1 - alpha)
    noise = spread * surprise
    clean = MEAN + signal * VARIANCE * surprise
    return (noise if prediction == "epsilon" else signal * noise - spread * clean).float()


class Draws:
    """Stands for randn_tensor: hands out the rows of a fixed table and counts them."""

    def __init__(self, table):
        self.table, self.used = table, 0

    def __call__(self, shape, **options):
        self.used += 1
        return self.table[self.used - 1].reshape(shape).clone()


def sample(name, variant, steps, prediction, eta, start, table):
    kind, flags = SAMPLERS[name]
    settings = VARIANTS[variant][0]
    base = diffusers.PNDMScheduler.from_config(tiny.SCHEDULER)
    scheduler = getattr(diffusers, kind).from_config(base.config, prediction_type=prediction, **flags, **settings)
    draws = Draws(table)
    sys.modules[type(scheduler).__module__].randn_tensor = draws
    scheduler.set_timesteps(steps)
    if name.endswith("_beta"):
        scheduler.set_begin_index(0)  # its first timestep may come twice, and diffusers would begin at the second
    options = {"eta": eta} if "eta" in inspect.signature(scheduler.step).parameters else {}
    alphas = ZERO_SNR_ALPHAS if "rescale_betas_zero_snr" in settings else ALPHAS
    x = start * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        output = predict(scheduler.scale_model_input(x, t), t, prediction, alphas)
        x = scheduler.step(output, t, x, **options).prev_sample
        if name == "unipc_bh1" and scheduler.step_index == steps:
            # diffusers comes to infinity times zero. A step of first order to no noise takes the sample that it is given.
            x = scheduler.model_outputs[-1]
    assert x.isfinite().all(), (name, steps)
    return x, scheduler, draws.used


def main():
    start = torch.randn(16, generator=torch.Generator().manual_seed(5)).reshape(1, 4, 2, 2)
    table = torch.randn(DRAWS, 16, generator=torch.Generator().manual_seed(6))
    result = {"start": start, "noise": table}
    about = {"dataMean": MEAN, "dataVariance": VARIANCE, "timesteps": {}, "cases": {}}
    for name, (kind, _) in SAMPLERS.items():
        known = inspect.signature(getattr(diffusers, kind).__init__).parameters
        for variant, (settings, predictions, counts) in VARIANTS.items():
            if not set(settings) <= set(known) or (name in DERIVED and variant != "usual"):
                continue
            if name in DERIVED:
                predictions, counts = ("epsilon",), (1, 5, 20, 50)
            for steps in counts:
                for prediction in predictions:
                    for eta in ETAS.get(name, (0.0,)):
                        x, scheduler, used = sample(name, variant, steps, prediction, eta, start, table)
                        case = f"{name}.{variant}.{prediction}.eta{eta}.steps{steps}"
                        result[case] = x.flatten()
                        about["cases"][case] = {
                            "sampler": name,
                            "variant": variant,
                            "prediction": prediction,
                            "eta": eta,
                            "steps": steps,
                            "draws": used,
                            "initialNoiseScale": float(scheduler.init_noise_sigma),
                            "timesteps": f"{name}.{variant}.{steps}",
                        }
                about["timesteps"][f"{name}.{variant}.{steps}"] = [round(float(t), 4) for t in scheduler.timesteps]
    save_file({k: v.contiguous().clone() for k, v in result.items()}, OUT / "samplers.safetensors")
    tiny.write_json(OUT / "samplers.json", about, indent=None)


if __name__ == "__main__":
    main()
