"""Ten training steps of diffusers' ControlNet trainer on the tiny models, in every mode.

Writes fixtures/training.safetensors and fixtures/training.json. The loop is that of diffusers'
examples/controlnet/train_controlnet.py (prepare noisy latents, ControlNet, U-Net, loss, clip, AdamW,
schedule), with inputs that are stored instead of drawn. In bfloat16 (PyTorch's autocast) rounding decides the signs of
small gradients, and AdamW's first updates are little but signs: the reference has Java's memory layout, channels-last, and
how far two right implementations may be apart is measured by running the loop in the other layout, and stored with the modes.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import ControlNetModel, DDPMScheduler, UNet2DConditionModel
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel, compute_snr
from safetensors.torch import load_file, save_file

FIXTURES = Path(__file__).parents[1] / "resources" / "fixtures"
STEPS = 10
SAMPLES = 12  # values stored of each tensor

MODES = {
    "plain": {},
    "absolute": {"loss": "l1"},
    "velocity": {"prediction": "v_prediction"},
    "min_snr": {"snr_gamma": 5.0},
    "min_snr_velocity": {"snr_gamma": 5.0, "prediction": "v_prediction"},
    "only_mid": {"only_mid": True},
    "unlocked": {"unlocked": True},
    "clipped": {"clip": 0.01},
    "accumulated": {"accumulation": 2},
    "averaged": {"ema": 0.9},
    "cosine": {"schedule": "cosine", "warmup": 3},
    "linear": {"schedule": "linear", "warmup": 2},
    "warmup": {"schedule": "constant_with_warmup", "warmup": 4},
    "bfloat16": {"bfloat16": True},
    "bfloat16_accumulated": {"bfloat16": True, "accumulation": 2, "loss": "l1"},
}
ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "weight_decay": 1e-2, "eps": 1e-8}


def positions(count):
    """Where the stored values of a tensor with so many values are: the same rule as in the test."""
    take = min(count, SAMPLES)
    return [i * (count - 1) // max(1, take - 1) for i in range(take)]


def sampled(tensors):
    parts = [t.detach().reshape(-1)[positions(t.numel())].float() for t in tensors]
    return torch.cat(parts)


def run(mode, data, context, hints, layout=None):
    options = MODES[mode]
    layout = layout or (torch.channels_last if "bfloat16" in options else torch.contiguous_format)
    unet = UNet2DConditionModel.from_pretrained(FIXTURES / "tiny" / "unet").float().to(memory_format=layout)
    control = ControlNetModel.from_pretrained(FIXTURES / "tiny-control").float().to(memory_format=layout)
    unet.requires_grad_(False)
    named = {"control." + n: p for n, p in control.named_parameters()}
    if options.get("unlocked"):
        for name, parameter in unet.named_parameters():
            if name.startswith(("up_blocks.", "conv_norm_out.", "conv_out.")):
                parameter.requires_grad_(True)
                named["unet." + name] = parameter
    if options.get("only_mid"):
        named = {n: p for n, p in named.items() if "controlnet_down_blocks" not in n}
    names = sorted(named)
    start = {n: named[n].detach().clone() for n in names}
    accumulation = options.get("accumulation", 1)
    noises = DDPMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        num_train_timesteps=1000,
        prediction_type=options.get("prediction", "epsilon"),
    )
    optimizer = torch.optim.AdamW(list(named.values()), **ADAM)
    schedule = get_scheduler(
        options.get("schedule", "constant"),
        optimizer,
        num_warmup_steps=options.get("warmup", 0),
        num_training_steps=STEPS,
    )
    ema = EMAModel(list(named.values()), decay=options["ema"]) if "ema" in options else None
    losses, norms, rates, results = [], [], [], {}
    for step in range(STEPS):
        total = 0.0
        for micro in range(accumulation):
            i = (step * accumulation + micro) % STEPS
            latents, noise, timesteps = data["latents"][i], data["noise"][i], data["timesteps"][i].long()
            noisy = noises.add_noise(latents, noise, timesteps)
            with torch.autocast("cpu", torch.bfloat16, enabled=options.get("bfloat16", False)):
                down, mid = control(
                    noisy, timesteps, encoder_hidden_states=context, controlnet_cond=hints, return_dict=False
                )
                if options.get("only_mid"):
                    down = [torch.zeros_like(d) for d in down]
                prediction = unet(
                    noisy,
                    timesteps,
                    encoder_hidden_states=context,
                    down_block_additional_residuals=down,
                    mid_block_additional_residual=mid,
                    return_dict=False,
                )[0]
            prediction = prediction.float()
            if noises.config.prediction_type == "epsilon":
                target = noise
            else:
                target = noises.get_velocity(latents, noise, timesteps)
            if "snr_gamma" in options:
                snr = compute_snr(noises, timesteps)
                gamma = torch.full_like(snr, options["snr_gamma"])
                divisor = snr if noises.config.prediction_type == "epsilon" else snr + 1
                weights = torch.minimum(snr, gamma) / divisor
                each = F.mse_loss(prediction, target, reduction="none").mean(dim=[1, 2, 3])
                loss = (each * weights).mean()
            elif options.get("loss") == "l1":
                loss = F.l1_loss(prediction, target)
            else:
                loss = F.mse_loss(prediction, target)
            (loss / accumulation).backward()
            total += loss.item() / accumulation
        limit = options.get("clip", math.inf)
        norm = torch.nn.utils.clip_grad_norm_(list(named.values()), limit)
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if ema:
            ema.step(list(named.values()))
        losses.append(total)
        norms.append(norm.item())
        if step in (0, STEPS - 1):
            results[f"{mode}.update.{step + 1}"] = sampled([named[n] - start[n] for n in names])
            if ema:
                shadow = dict(zip(named, ema.shadow_params))
                results[f"{mode}.average.{step + 1}"] = sampled([shadow[n] - start[n] for n in names])
    results[f"{mode}.loss"] = torch.tensor(losses)
    results[f"{mode}.norm"] = torch.tensor(norms)
    results[f"{mode}.rate"] = torch.tensor(rates)
    return results


def apart(mode, tensors, again):
    """Relative RMS differences of two runs."""
    found = {}
    for what in ("loss", "norm", "update.1", f"update.{STEPS}"):
        first, second = tensors[f"{mode}.{what}"], again[f"{mode}.{what}"]
        found[what] = ((second - first).square().sum() / first.square().sum()).sqrt().item()
    return found


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    components = load_file(FIXTURES / "components.safetensors")
    context, hints = components["context"], components["unet.8x8.hint"]
    data = {
        "latents": torch.randn(STEPS, 2, 4, 8, 8),
        "noise": torch.randn(STEPS, 2, 4, 8, 8),
        # the second image has little noise: only there min-SNR weighs epsilon
        "timesteps": torch.stack([torch.randint(0, 1000, (STEPS,)), torch.randint(0, 150, (STEPS,))], 1).float(),
    }
    tensors = dict(data)
    for mode in MODES:
        tensors.update(run(mode, data, context, hints))
        print(mode, tensors[f"{mode}.loss"].tolist())
    differences = {
        mode: apart(mode, tensors, run(mode, data, context, hints, torch.contiguous_format))
        for mode, options in MODES.items()
        if "bfloat16" in options
    }
    print("apart", differences)
    for mode in MODES:
        if mode != "plain":
            off, on = tensors["plain.update.10"], tensors[f"{mode}.update.10"]
            if mode == "averaged":
                on = tensors["averaged.average.10"]
            if on.shape == off.shape:
                change = ((on - off).square().mean() / off.square().mean()).sqrt().item()
                assert change > 1e-2, (mode, change)
    save_file({k: v.contiguous().float() for k, v in tensors.items()}, FIXTURES / "training.safetensors")
    (FIXTURES / "training.json").write_text(
        json.dumps({"modes": MODES, "steps": STEPS, "samples": SAMPLES, "adam": ADAM, "apart": differences}, indent=1)
        + "\n"
    )


if __name__ == "__main__":
    main()
