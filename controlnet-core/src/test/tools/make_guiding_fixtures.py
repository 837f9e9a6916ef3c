"""Makes the reference fixtures of control and guidance: what the tiny models of make_fixtures.py come to.

    python make_guiding_fixtures.py [fixtures folder]

What diffusers can do is its pipelines' work, with its own callbacks; the rest is the loop below, which agrees with the
pipelines in every case that both can do. The README.md in the fixtures folder says what every key holds.
"""

import copy
import json

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    StableDiffusionControlNetPAGPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionPAGPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention_processor import PAGIdentitySelfAttnProcessor2_0
from PIL import Image, ImageDraw
from transformers import CLIPTextModel, CLIPTokenizer

import make_fixtures
import tiny
from make_fixtures import OUT, TOLERANCE, Models, as_tensor, hint, must_differ, relative, save, scheduler

POOLED = "tiny-control pooled"


def load():
    folder = OUT / "tiny"
    controls = {name: ControlNetModel.from_pretrained(OUT / name).float() for name in ("tiny-control", "tiny-control-b")}
    config = json.loads((OUT / "tiny-control" / "config.json").read_text()) | {"global_pool_conditions": True}
    tiny.write_json(OUT / "tiny-control-pooled.json", config)
    controls[POOLED] = copy.deepcopy(controls["tiny-control"])
    controls[POOLED].register_to_config(global_pool_conditions=True)
    return Models("tiny", UNet2DConditionModel.from_pretrained(folder / "unet"),
                  AutoencoderKL.from_pretrained(folder / "vae").float(),
                  CLIPTextModel.from_pretrained(folder / "text_encoder"), CLIPTokenizer.from_pretrained(folder / "tokenizer"),
                  controls)


# ---------------------------------------------------------------- masks


def soft(width, height):
    """A light spot that fades, off the middle."""
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot((x + 0.5) / width - 0.35, (y + 0.5) / height - 0.4)
    return Image.fromarray(np.round(255 * np.clip(1.3 - 2.5 * away, 0, 1)).astype(np.uint8), "L")


def hole(width, height):
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).ellipse((width * 0.3, height * 0.25, width * 0.8, height * 0.7), fill=255)
    return image


def mask(name):
    """The mask of a name such as soft-48x48 (width x height), as [1, 1, rows, columns] in 0..1."""
    kind, size = name.split("-")
    width, height = map(int, size.split("x"))
    image = {"soft": soft, "hole": hole}[kind](width, height)
    image.save(OUT / "hints" / f"{name}.png", optimize=True)
    return torch.from_numpy(np.asarray(image).astype(np.float32) / 255)[None, None]


# ---------------------------------------------------------------- cases


def control(image="a-64x64", model="tiny-control", scale=1.0, start=0.0, end=1.0, mode="balanced", weights=(), mask=None,
            holes=None):
    return {"model": model, "image": image, "scale": scale, "start": start, "end": end, "mode": mode,
            "weights": list(weights), "mask": mask, "holes": holes}


def picture(spec):
    """A control map as the network gets it."""
    values = as_tensor(hint(spec["image"]))
    if spec["holes"]:
        values = torch.where(mask(spec["holes"]) > 0.5, torch.tensor(-1.0), values)
    return values


class Case:
    def __init__(self, *controls, scale=5.0, rescale=0.0, start=0.0, end=1.0, pag=0.0, images=1, width=64, height=64,
                 steps=10, off=None, by_hand=False, why=""):
        self.controls, self.scale, self.rescale, self.start, self.end, self.pag = controls, scale, rescale, start, end, pag
        self.images, self.width, self.height, self.steps = images, width, height, steps
        self.off, self.by_hand, self.why = off, by_hand, why

    def inside(self, step, start, end):
        return not (step / self.steps < start or (step + 1) / self.steps > end)

    def at(self, scale, step):
        """A number, [from, to], or a number for each step."""
        if not isinstance(scale, list):
            return scale
        if len(scale) == 2:
            return scale[0] + (scale[1] - scale[0]) * step / (self.steps - 1)
        return scale[step]

    def guided(self, step):
        return self.inside(step, self.start, self.end)


PROMPT, NEGATIVE = "a bird on a branch", "lowres, bad anatomy"


def by_pipeline(models, case):
    pag, controlled = case.pag != 0, bool(case.controls)
    kind = {(False, False): StableDiffusionPipeline, (False, True): StableDiffusionControlNetPipeline,
            (True, False): StableDiffusionPAGPipeline, (True, True): StableDiffusionControlNetPAGPipeline}[pag, controlled]
    parts = dict(vae=models.vae, text_encoder=models.text, tokenizer=models.tokenizer, unet=copy.deepcopy(models.unet),
                 scheduler=scheduler(), safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    call = dict(prompt=PROMPT, negative_prompt=NEGATIVE, num_images_per_prompt=case.images, width=case.width,
                height=case.height, num_inference_steps=case.steps, output_type="latent",
                generator=torch.Generator().manual_seed(42))
    if controlled:
        (spec,) = case.controls
        assert spec["mode"] == "balanced" and not spec["weights"] and not spec["mask"] and not isinstance(spec["scale"], list)
        parts |= dict(controlnet=models.controls[spec["model"]])
        call |= dict(image=picture(spec), controlnet_conditioning_scale=spec["scale"],
                     control_guidance_start=spec["start"], control_guidance_end=spec["end"])
    if pag:
        call |= dict(pag_scale=case.pag)
    if case.rescale:
        call |= dict(guidance_rescale=case.rescale)

    def scale(step):
        # Just above 1 it still computes both halves, and they come to the conditional one.
        value = case.at(case.scale, step) if case.guided(step) else 1.0
        return 1 + 1e-12 if value == 1 and case.changes else value

    case.changes = isinstance(case.scale, list) or (case.start, case.end) != (0, 1)

    def next_scale(pipeline, step, timestep, tensors):
        if case.changes and step + 1 < case.steps:
            pipeline._guidance_scale = scale(step + 1)
        return {}

    pipeline = kind(**parts)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(guidance_scale=scale(0), callback_on_step_end=next_scale, **call).images


def by_hand(models, case, dtype=torch.float32):
    """The same sampling written out."""
    models = models.map(lambda m: m if isinstance(m, CLIPTextModel) else m.to(dtype))

    def encode(text):
        ids = models.tokenizer([text] * case.images, padding="max_length", max_length=77, truncation=True,
                               return_tensors="pt").input_ids
        return models.text(ids)[0].to(dtype)

    perturbed_unet = copy.deepcopy(models.unet)
    for name, module in perturbed_unet.named_modules():
        if name.startswith("mid_block") and name.endswith("attn1"):
            module.set_processor(Identity())
    positive, negative = encode(PROMPT), encode(NEGATIVE)
    ddim = scheduler()
    ddim.set_timesteps(case.steps)
    generator = torch.Generator().manual_seed(42)
    x = torch.randn((case.images, 4, case.height // 8, case.width // 8), generator=generator).to(dtype)

    def predict(states, t, step, conditional, unet=models.unet):
        total = None
        for spec in case.controls:
            net = models.controls[spec["model"]]
            only_conditional = spec["mode"] in ("control", "resolution") or net.config.global_pool_conditions
            if not case.inside(step, spec["start"], spec["end"]) or (only_conditional and not conditional):
                continue
            down, mid = net(x, t, states, controlnet_cond=picture(spec).to(dtype).expand(case.images, -1, -1, -1),
                            return_dict=False)
            plain, _ = models.controls["tiny-control"](x, t, states, controlnet_cond=picture(spec).to(dtype).expand(
                case.images, -1, -1, -1), return_dict=False)
            sizes = [tuple(r.shape[2:]) for r in plain]
            sizes.append(sizes[-1])
            residuals = []
            for i, residual in enumerate([*down, mid]):
                last = len(down)
                weight = case.at(spec["scale"], step)
                if spec["mode"] in ("prompt", "control"):
                    weight *= 0.825 ** (last - i)
                elif spec["mode"] == "resolution":
                    weight *= x.shape[2] / sizes[i][0]
                if spec["weights"]:
                    weight *= spec["weights"][i]
                residual = residual * weight
                if spec["mask"]:
                    residual = residual * F.interpolate(mask(spec["mask"]), size=sizes[i], mode="bilinear").to(dtype)
                residuals.append(residual)
            total = residuals if total is None else [a + b for a, b in zip(total, residuals)]
        if total is None:
            return unet(x, t, states).sample
        return unet(x, t, states, down_block_additional_residuals=total[:-1], mid_block_additional_residual=total[-1]).sample

    for step, t in enumerate(ddim.timesteps):
        conditional = predict(positive, t, step, True)
        noise = conditional
        if case.guided(step):
            scale = case.at(case.scale, step)
            if scale != 1:
                without = predict(negative, t, step, False)
                noise = without + scale * (conditional - without)
            if case.pag:
                noise = noise + case.pag * (conditional - predict(positive, t, step, True, perturbed_unet))
            if case.rescale:
                ratio = conditional.std((1, 2, 3), keepdim=True) / noise.std((1, 2, 3), keepdim=True)
                noise = case.rescale * noise * ratio + (1 - case.rescale) * noise
        x = ddim.step(noise, t, x).prev_sample
    return x


class Identity(PAGIdentitySelfAttnProcessor2_0):
    """diffusers' processor computes one half plainly and perturbs the other: this is its second half alone."""

    def __call__(self, attn, hidden_states, *args, **kwargs):
        twice = torch.cat([hidden_states, hidden_states])
        return super().__call__(attn, twice, *args, **kwargs).chunk(2)[1]


def cases():
    weights = [0.2, 0.5, 1.5, 0.0, 0.7, 1.0, -0.3, 0.4, 1.2, 0.8]
    listed = [9.0, 7.5, 6.0, 5.0, 4.0, 1.0, 3.0, 2.0, 1.5, 0.5]
    both = (control(mode="prompt", mask="soft-48x48"),
            control("b-64x64", "tiny-control-b", 0.8, 0.0, 0.7, "control", weights[::-1], "hole-64x64"))
    return {
        "plain": Case(),
        "control": Case(control(), off="plain"),
        "mode_prompt": Case(control(mode="prompt"), off="control", by_hand=True),
        "mode_control": Case(control(mode="control"), off="mode_prompt", by_hand=True),
        "mode_resolution": Case(control(mode="resolution", scale=0.5), off="mode_control", by_hand=True),
        "mode_control_unguided": Case(control(mode="control"), scale=1.0, off="mode_control", by_hand=True),
        "layer_weights": Case(control(weights=weights), off="control", by_hand=True),
        "mask_soft": Case(control(mask="soft-48x48"), off="control", by_hand=True),
        "control_odd": Case(control("a-56x72"), width=56, height=72),
        "mask_odd": Case(control("a-56x72", mask="soft-30x40"), width=56, height=72, off="control_odd", by_hand=True,
                         why="sizes that do not halve evenly"),
        "mask_batch": Case(control(mask="hole-64x64"), images=2, off="mask_soft", by_hand=True),
        "schedule_linear": Case(control(scale=[1.0, -0.2]), off="control", by_hand=True),
        "schedule_list": Case(control(scale=listed[::-1]), off="schedule_linear", by_hand=True),
        "pooled": Case(control(model=POOLED), off="control"),
        "pooled_masked": Case(control(model=POOLED, mask="soft-48x48"), off="pooled", by_hand=True),
        "inpaint": Case(control("b-64x64", holes="hole-64x64"), off="control"),
        "everything": Case(*both, scale=[9.0, 3.0], rescale=0.5, start=0.1, end=0.8, off="control", by_hand=True),
        "guidance_linear": Case(control(), scale=[9.0, 2.0], off="control"),
        "guidance_list": Case(control(), scale=listed, off="guidance_linear", by_hand=True,
                              why="1 in one step, and below 1 in another"),
        "interval": Case(control(), start=0.2, end=0.7, off="control"),
        "interval_late": Case(start=0.5, off="plain"),
        "interval_none": Case(start=0.5, end=0.5, off="plain", by_hand=True),
        "rescale": Case(rescale=0.7, scale=9.0, off="plain"),
        "rescale_batch": Case(control(), rescale=1.0, images=2, by_hand=True, off="control_batch"),
        "control_batch": Case(control(), images=2),
        "pag": Case(pag=3.0, off="plain"),
        "pag_control": Case(control(), pag=2.0, off="control"),
        "pag_unguided": Case(control(), scale=1.0, pag=2.0, off="pag_control"),
        "pag_batch": Case(control(mode="control"), pag=2.0, images=2, rescale=0.6, off="mask_batch", by_hand=True),
    }


def main():
    models = load()
    result, about, all_cases = {}, {}, cases()
    for name, case in all_cases.items():
        hand = by_hand(models, case)
        latents = hand if case.by_hand else by_pipeline(models, case)
        agreement = relative(hand, latents)
        assert agreement < 2e-5, f"{name}: pipeline and loop differ by {agreement:.2e}"
        rounding = relative(latents, by_hand(models, case, torch.float64))
        assert rounding < TOLERANCE / 5, f"{name}: badly conditioned, float32 and float64 differ by {rounding:.2e}"
        result[name] = latents
        about[name] = {
            "why": case.why, "controls": case.controls, "guidanceScale": case.scale, "rescale": case.rescale,
            "start": case.start, "end": case.end, "pagScale": case.pag, "images": case.images, "width": case.width,
            "height": case.height, "steps": case.steps, "off": case.off, "float64Difference": rounding,
            "reference": "loop over the modules" if case.by_hand else "pipeline of diffusers",
        }
        print(f"{name}: std {latents.std():.2f}, float32 to float64 {rounding:.1e}", flush=True)
    for name, case in all_cases.items():
        if case.off:
            about[name]["offDifference"] = must_differ(f"{name} against {case.off}", result[name], result[case.off])
    generator = torch.Generator().manual_seed(3)
    for size in ((1, 1), (3, 5), (48, 48), (30, 40)):
        grid = torch.rand((1, 1, *size), generator=generator)
        result["region.{}x{}".format(*size)] = grid[0, 0]
        for to in ((8, 8), (5, 7), (1, 2), (64, 40)):
            result["region.{}x{}.{}x{}".format(*size, *to)] = F.interpolate(grid, size=to, mode="bilinear")[0, 0]
    save(result, OUT / "guiding.safetensors")
    tiny.write_json(OUT / "guiding.json", {"prompt": PROMPT, "negativePrompt": NEGATIVE, "cases": about}, indent=1)


if __name__ == "__main__":
    main()
