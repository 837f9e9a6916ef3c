"""Makes the reference fixtures: tiny random models and what diffusers computes with them.

    python make_fixtures.py [output folder]

The README.md in the output folder, written by hand, says what every file and key holds.
"""

import copy
import hashlib
import sys
import types
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.models.controlnets.multicontrolnet import MultiControlNetModel
from diffusers.utils import logging
from PIL import Image, ImageDraw
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

import layouts
import tiny

TOLERANCE = 1e-4  # relative RMS that a port may differ; a feature must show by 100 of it
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"

torch.set_num_threads(1)  # the tensors are tiny, and one thread gives the same bits everywhere
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)
logging.set_verbosity_error()
logging.disable_progress_bar()


def relative(a, b):
    a, b = a.double(), b.double()
    return ((a - b).pow(2).mean() / b.pow(2).mean()).sqrt().item()


def must_differ(what, a, b):
    difference = relative(a, b)
    assert difference > 100 * TOLERANCE, f"{what}: on and off differ by {difference:.2e} only"
    return difference


def save(tensors, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, path)


class Models:
    """A base with its controls."""

    def __init__(self, folder, unet, vae, text, tokenizer, controls):
        self.folder, self.unet, self.vae, self.text, self.tokenizer = folder, unet, vae, text, tokenizer
        self.controls = controls

    def factor(self):
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    def map(self, function):
        return Models(self.folder, *(function(copy.deepcopy(m)) for m in (self.unet, self.vae, self.text)),
                      self.tokenizer, {k: function(copy.deepcopy(v)) for k, v in self.controls.items()})


def scheduler():
    return DDIMScheduler.from_config(tiny.SCHEDULER)


# ---------------------------------------------------------------- the tiny models


def make_tiny():
    folder = OUT / "tiny"
    tokenizer = tiny.write_tokenizer(folder / "tokenizer", 200)
    unet = tiny.unet(channels=(16, 16, 32), blocks=2, heads=4, groups=8, context=32, sample_size=8, seed=101)
    vae = tiny.vae(channels=(16, 16, 32, 32), blocks=1, groups=8, sample_size=64, seed=102)
    text = tiny.text_encoder(tokenizer, width=32, layers=2, heads=2, seed=103)
    tiny.save_base(folder, unet, vae.half(), text)
    controls = {}
    # Some parts are stored as float16: a reader must widen them, and every reference is computed in float32.
    for name, seed, dtype in (("tiny-control", 104, torch.float32), ("tiny-control-b", 105, torch.float16)):
        tiny.control(unet, (16, 16, 32, 32), seed).to(dtype).save_pretrained(OUT / name)
        controls[name] = ControlNetModel.from_pretrained(OUT / name).float()
    # Read back, so that the references come from what is in the files.
    return Models("tiny", UNet2DConditionModel.from_pretrained(folder / "unet"),
                  AutoencoderKL.from_pretrained(folder / "vae").float(), CLIPTextModel.from_pretrained(folder / "text_encoder"),
                  CLIPTokenizer.from_pretrained(folder / "tokenizer"), controls)


def make_layout_models():
    """What a single file's defaults describe: 8 heads, 32 groups, one text head for every 64 values."""
    tokenizer = tiny.write_tokenizer(OUT / "layouts" / "tokenizer", 200)
    unet = tiny.unet(channels=(32, 32), blocks=2, heads=8, groups=32, context=32, sample_size=32, seed=201)
    vae = tiny.vae(channels=(32, 32), blocks=1, groups=32, sample_size=64, seed=202)
    text = tiny.text_encoder(tokenizer, width=32, layers=2, heads=1, seed=203)
    control = tiny.control(unet, (16, 32), seed=204)
    return Models("layouts", unet, vae, text, tokenizer, {"control": control})


def canonical(models):
    text = {k.removeprefix("text_model."): v for k, v in models.text.state_dict().items() if "position_ids" not in k}
    parts = {"unet": models.unet.state_dict(), "vae": models.vae.state_dict(), "text_encoder": text}
    return parts | {k: v.state_dict() for k, v in models.controls.items()}


def digests(models):
    def one(tensor):
        data = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
        return {"shape": list(tensor.shape), "sha256": hashlib.sha256(data).hexdigest()}

    return {part: {k: one(v) for k, v in sorted(tensors.items())} for part, tensors in canonical(models).items()}


def write_layouts(models):
    folder = OUT / "layouts"
    parts = canonical(models)
    base = layouts.original_base(parts["unet"], parts["vae"], parts["text_encoder"])
    base = {k: v.contiguous() for k, v in base.items()}
    alphas = scheduler().alphas_cumprod
    buffers = {
        "betas": scheduler().betas,
        "alphas_cumprod": alphas,
        "alphas_cumprod_prev": torch.cat([torch.ones(1), alphas[:-1]]),
        "sqrt_alphas_cumprod": alphas.sqrt(),
        layouts.TEXT_PREFIX + "embeddings.position_ids": torch.arange(77).unsqueeze(0),
        "model_ema.decay": torch.tensor(0.9999),
        "model_ema.num_updates": torch.tensor(3, dtype=torch.int32),
        "model_ema.diffusion_modelout2weight": torch.full_like(base["model.diffusion_model.out.2.weight"], 7.0),
    }
    half = {k: v.half() for k, v in base.items()}
    control = layouts.original_control(parts["control"])
    bare = layouts.original_control(parts["control"], prefix="")

    # A checkpoint as PyTorch Lightning leaves it: the class of a callback as a key, an object with state, a
    # numpy scalar, and the optimizer's tensors. The modules are made here: nothing needs the real ones.
    def stand_in(module, name):
        names = module.split(".")
        for i in range(1, len(names) + 1):
            sys.modules.setdefault(".".join(names[:i]), types.ModuleType(".".join(names[:i])))
        cls = type(name, (), {"__module__": module})
        setattr(sys.modules[module], name, cls)
        return cls

    callback = stand_in("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
    other = stand_in("pytorch_lightning.utilities.parsing", "AttributeDict")()
    other.learning_rate = 1e-4
    checkpoint = {
        "epoch": 1,
        "global_step": 470000,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": OrderedDict(list(buffers.items())[:4] + list(half.items()) + list(buffers.items())[4:]),
        "callbacks": {callback: {"monitor": "val/loss", "best_model_score": torch.tensor(0.25), "best_k_models": {}}},
        "optimizer_states": [{
            "state": {0: {"step": 7, "exp_avg": torch.full((3, 2), 5.0), "exp_avg_sq": torch.full((3, 2), 6.0)}},
            "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.999), "eps": 1e-8, "amsgrad": False, "params": [0]}],
        }],
        "lr_schedulers": [{"last_epoch": 7, "_last_lr": [np.float64(1e-4)], "verbose": False}],
        "hyper_parameters": other,
    }
    torch.save(checkpoint, folder / "base-fp16.ckpt")
    # Older transformers name the text encoder's weights without text_model.
    save({k.replace("transformer.text_model.", "transformer."): v for k, v in half.items()}, folder / "base-fp16.safetensors")
    merged = half | {k: v.half() for k, v in control.items()}
    torch.save({"state_dict": merged}, folder / "merged-legacy-fp16.pt", _use_new_zipfile_serialization=False)
    torch.save(control, folder / "control.pth")
    torch.save({k: v.half() for k, v in bare.items()}, folder / "control-bare-legacy-fp16.pth",
               _use_new_zipfile_serialization=False)
    save({k: v.half() for k, v in bare.items()}, folder / "control-fp16.safetensors")
    rounded = models.map(lambda m: m.half().float())
    tiny.write_json(folder / "tensors.json", {"float16": digests(rounded), "float32": {"control": digests(models)["control"]}},
                    indent=None)
    return rounded


# ---------------------------------------------------------------- pictures


def hint_a(width, height):
    """White lines on black, as an edge map."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.15, height * 0.2, width * 0.7, height * 0.8), outline="white", width=2)
    draw.line((0, height * 0.9, width, height * 0.55), fill="white", width=2)
    draw.line((width * 0.8, 0, width * 0.6, height), fill="white", width=1)
    return image


def hint_b(width, height):
    """Areas and gradients in colour, as a segmentation or normal map."""
    y, x = np.mgrid[0:height, 0:width]
    array = np.stack([255 * x / (width - 1), 255 * y / (height - 1), 255 * ((x // 12 + y // 9) % 3) / 2], -1)
    return Image.fromarray(np.round(array).astype(np.uint8), "RGB")


HINTS = {"a": hint_a, "b": hint_b}


def hint(name):
    """The picture of a name such as a-64x64 (width x height), written once."""
    kind, size = name.split("-")
    width, height = map(int, size.split("x"))
    image = HINTS[kind](width, height)
    path = OUT / "hints" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return image


def as_tensor(image):
    return torch.from_numpy(np.asarray(image).astype(np.float32) / 255).permute(2, 0, 1)[None]


# ---------------------------------------------------------------- components


def make_components(models):
    result, about = {}, {"texts": {}}
    texts = ["a bird on a branch", "", "a drawing of a small blue boat, best quality, extremely detailed", "zebra 3!"]
    tokenizer = models.tokenizer
    ids = tokenizer(texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    states = models.text(ids)[0]
    for i, text in enumerate(texts):
        about["texts"][str(i)] = {"text": text, "ids": ids[i].tolist()}
        result[f"text.{i}.states"] = states[i : i + 1]
    must_differ("text", states[0], states[1])

    generator = torch.Generator().manual_seed(1)
    context = states[[0, 2]]
    result["context"] = context
    first, second = models.controls["tiny-control"], models.controls["tiny-control-b"]
    cases = {"8x8": 801, "5x7": 321, "12x9": 1}
    about["unet"] = {}
    for size, timestep in cases.items():
        height, width = map(int, size.split("x"))
        about["unet"][size] = {"timestep": timestep, "rows": height, "columns": width}
        latents = torch.randn((2, 4, height, width), generator=generator)
        picture = torch.cat([as_tensor(HINTS[k](8 * width, 8 * height)) for k in "ab"])
        key = f"unet.{size}."
        result[key + "latents"], result[key + "hint"] = latents, picture
        plain = models.unet(latents, timestep, context).sample
        result[key + "plain"] = plain
        result[key + "other_context"] = models.unet(latents, timestep, context.flip(0)).sample
        result[key + "other_time"] = models.unet(latents, 500, context).sample
        must_differ(key + "context", result[key + "other_context"], plain)
        must_differ(key + "time", result[key + "other_time"], plain)
        for name, model in (("control", first), ("control_b", second)):
            for scale in (1.0, 0.6) if name == "control" else (1.0,):
                down, mid = model(latents, timestep, context, controlnet_cond=picture, conditioning_scale=scale, return_dict=False)
                predicted = models.unet(latents, timestep, context, down_block_additional_residuals=down,
                                        mid_block_additional_residual=mid).sample
                at = f"{key}{name}_{scale}."
                result[at + "prediction"] = predicted
                must_differ(at, predicted, plain)
                if scale == 1 and name == "control":
                    for i, residual in enumerate([*down, mid]):
                        result[at + f"residual.{i}"] = residual
                    result[at + "only_mid"] = models.unet(
                        latents, timestep, context, down_block_additional_residuals=[0 * d for d in down],
                        mid_block_additional_residual=mid).sample
                    must_differ(at + "only_mid", result[at + "only_mid"], plain)
                    must_differ(at + "only_mid", result[at + "only_mid"], predicted)
                    other = model(latents, timestep, context, controlnet_cond=picture.flip(0), return_dict=False)
                    result[at + "other_hint"] = models.unet(
                        latents, timestep, context, down_block_additional_residuals=other[0],
                        mid_block_additional_residual=other[1]).sample
                    must_differ(at + "other_hint", result[at + "other_hint"], predicted)
    # The control's output at scale 0.6 is 0.6 times that at 1: only the predictions are kept.

    for size in ("64x64", "72x40"):
        height, width = map(int, size.split("x"))
        picture = torch.cat([as_tensor(HINTS[k](width, height)) for k in "ab"]) * 2 - 1
        moments = models.vae.encode(picture).latent_dist
        result[f"vae.{size}.image"] = picture
        result[f"vae.{size}.mean"], result[f"vae.{size}.logvar"] = moments.mean, moments.logvar
        drawn = moments.sample(torch.Generator().manual_seed(21)) * models.vae.config.scaling_factor
        result[f"vae.{size}.sampled"] = drawn
        must_differ("vae sample", drawn, moments.mean * models.vae.config.scaling_factor)
        latents = torch.randn((2, 4, height // 8, width // 8), generator=generator)
        result[f"vae.{size}.latents"] = latents
        result[f"vae.{size}.decoded"] = models.vae.decode(latents / models.vae.config.scaling_factor).sample
        must_differ("vae encode", moments.mean[0], moments.mean[1])
        must_differ("vae decode", result[f"vae.{size}.decoded"][0], result[f"vae.{size}.decoded"][1])
    save(result, OUT / "components.safetensors")
    tiny.write_json(OUT / "components.json", about)


# ---------------------------------------------------------------- sampling


def make_sampling():
    """DDIM on Gaussian data, whose best noise prediction is known in closed form."""
    mean, variance = 0.7, 0.25
    result, about = {}, {"dataMean": mean, "dataVariance": variance, "cases": {}, "timesteps": {}}
    start = torch.randn(16, generator=torch.Generator().manual_seed(5)).reshape(1, 4, 2, 2)
    result["start"] = start
    result["alphas_cumprod"] = scheduler().alphas_cumprod
    for prediction in ("epsilon", "v_prediction"):
        for eta in (0.0, 0.5, 1.0):
            for steps in (1, 2, 3, 5, 7, 20, 50, 333):
                ddim = DDIMScheduler.from_config(tiny.SCHEDULER, prediction_type=prediction)
                ddim.set_timesteps(steps)
                generator = torch.Generator().manual_seed(1000 * steps + int(10 * eta))
                x, path, noises, outputs = start, [], [], []
                for t in ddim.timesteps:
                    alpha = ddim.alphas_cumprod[t].double()
                    wide = x.double()
                    noise_part = (1 - alpha).sqrt() * (wide - alpha.sqrt() * mean) / (alpha * variance + 1 - alpha)
                    if prediction == "v_prediction":
                        clean = (wide - (1 - alpha).sqrt() * noise_part) / alpha.sqrt()
                        output = alpha.sqrt() * noise_part - (1 - alpha).sqrt() * clean
                    else:
                        output = noise_part
                    output = output.float()
                    noise = torch.randn(x.shape, generator=generator)
                    x = ddim.step(output, t, x, eta=eta, variance_noise=noise if eta > 0 else None).prev_sample
                    path.append(x.flatten())
                    noises.append(noise.flatten())
                    outputs.append(output.flatten())
                name = f"{prediction}.eta{eta}.steps{steps}"
                about["cases"][name] = {"prediction": prediction, "eta": eta, "steps": steps}
                result[name + ".path"] = torch.stack(path)
                if steps <= 50:
                    result[name + ".outputs"] = torch.stack(outputs)
                if eta > 0:
                    result[name + ".noise"] = torch.stack(noises)
    for steps in [*range(1, 51), 99, 100, 101, 111, 200, 250, 251, 300, 333, 334, 400, 499, 500, 501, 600, 999, 1000]:
        ddim = scheduler()
        ddim.set_timesteps(steps)
        about["timesteps"][str(steps)] = ddim.timesteps.tolist()
    must_differ("eta", result["epsilon.eta1.0.steps20.path"][-1], result["epsilon.eta0.0.steps20.path"][-1])
    save(result, OUT / "sampling.safetensors")
    tiny.write_json(OUT / "sampling.json", about, indent=None)


def make_random():
    result, about = {}, {}
    for seed in (0, 1, 42, 65535, 2**31, 2**32 - 1, 2**40 + 7):
        generator = torch.Generator().manual_seed(seed)
        counts = [16, 5, 15, 17, 1, 256, 31, 1000, 4, 4096 if seed == 42 else 40]
        about[str(seed)] = counts
        for i, count in enumerate(counts):
            result[f"randn.{seed}.{i}"] = torch.randn(count, generator=generator)
    save(result, OUT / "random.safetensors")
    tiny.write_json(OUT / "random.json", about, indent=None)


# ---------------------------------------------------------------- end to end


class Case:
    def __init__(self, prompts=("a bird on a branch",), negatives=("lowres, bad anatomy",), images=1, width=64,
                 height=64, steps=20, guidance=9.0, eta=0.0, seed=42, controls=(), guess=None, only_mid=False,
                 off=None, by_hand=False, why=""):
        self.prompts, self.negatives, self.images = list(prompts), list(negatives), images
        self.width, self.height, self.steps, self.guidance, self.eta = width, height, steps, guidance, eta
        self.seed, self.controls, self.guess, self.only_mid = seed, list(controls), guess, only_mid
        self.off, self.by_hand, self.why = off, by_hand, why

    def batch(self):
        return len(self.prompts) * self.images

    def generator(self):
        if isinstance(self.seed, list):
            return [torch.Generator().manual_seed(s) for s in self.seed]
        return torch.Generator().manual_seed(self.seed)

    def describe(self, models):
        return {
            "why": self.why, "base": models.folder, "prompts": self.prompts, "negativePrompts": self.negatives,
            "imagesPerPrompt": self.images, "width": self.width, "height": self.height, "steps": self.steps,
            "guidanceScale": self.guidance, "eta": self.eta, "seeds": self.seed if isinstance(self.seed, list) else [self.seed],
            "controls": self.controls, "guessMode": self.guess, "onlyMidControl": self.only_mid, "off": self.off,
            "reference": "loop over the modules" if self.by_hand else
                ("StableDiffusionControlNetPipeline" if self.controls else "StableDiffusionPipeline"),
        }


def control(image="a-64x64", model="tiny-control", scale=1.0, start=0.0, end=1.0):
    return {"model": model, "image": image, "scale": scale, "start": start, "end": end}


def by_pipeline(models, case):
    shared = dict(vae=models.vae, text_encoder=models.text, tokenizer=models.tokenizer, unet=models.unet,
                  scheduler=scheduler(), safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    call = dict(prompt=case.prompts, negative_prompt=case.negatives, num_images_per_prompt=case.images,
                num_inference_steps=case.steps, guidance_scale=case.guidance, eta=case.eta, width=case.width,
                height=case.height, generator=case.generator(), output_type="latent")
    if case.controls:
        nets = [models.controls[c["model"]] for c in case.controls]
        one = len(nets) == 1

        def each(name):
            values = [c[name] for c in case.controls]
            return values[0] if one else values

        images = [hint(c["image"]) for c in case.controls]
        pipeline = StableDiffusionControlNetPipeline(controlnet=nets[0] if one else MultiControlNetModel(nets), **shared)
        call |= dict(image=images[0] if one else images, controlnet_conditioning_scale=each("scale"),
                     control_guidance_start=each("start"), control_guidance_end=each("end"),
                     guess_mode=case.guess == "diffusers")
    else:
        pipeline = StableDiffusionPipeline(**shared)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(**call).images


def by_hand(models, case, dtype=torch.float32):
    """The same sampling written out: it checks the pipelines, and does what they cannot."""
    # transformers' causal mask cannot be made in float64: the texts stay float32.
    models = models.map(lambda m: m if isinstance(m, CLIPTextModel) else m.to(dtype))

    def encode(texts):
        texts = [t for t in texts for _ in range(case.images)]
        ids = models.tokenizer(texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
        return models.text(ids)[0].to(dtype)

    generator = case.generator()
    shape = (4, case.height // models.factor(), case.width // models.factor())

    def draw():
        if isinstance(generator, list):
            return torch.cat([torch.randn((1, *shape), generator=g) for g in generator]).to(dtype)
        return torch.randn((case.batch(), *shape), generator=generator).to(dtype)

    positive, negative = encode(case.prompts), encode(case.negatives)
    hints = [as_tensor(hint(c["image"])).to(dtype).expand(case.batch(), -1, -1, -1) for c in case.controls]
    ddim = scheduler()
    ddim.set_timesteps(case.steps)
    x = draw()

    def predict(states, t, index, controlled):
        total = None
        for spec, picture in zip(case.controls, hints):
            keep = not (index / case.steps < spec["start"] or (index + 1) / case.steps > spec["end"])
            if not (controlled and keep):
                continue
            down, mid = models.controls[spec["model"]](x, t, states, controlnet_cond=picture, return_dict=False)
            residuals = [*down, mid]
            last = len(residuals) - 1
            for i in range(last + 1):
                weight = spec["scale"]
                if case.guess == "original":
                    weight *= 0.825 ** (last - i)
                elif case.guess == "diffusers":
                    weight *= 10 ** (-1 + i / last)
                if case.only_mid and i < last:
                    weight = 0.0
                residuals[i] = residuals[i] * weight
            total = residuals if total is None else [a + b for a, b in zip(total, residuals)]
        if total is None:
            return models.unet(x, t, states).sample
        return models.unet(x, t, states, down_block_additional_residuals=total[:-1],
                           mid_block_additional_residual=total[-1]).sample

    for index, t in enumerate(ddim.timesteps):
        noise = predict(positive, t, index, True)
        if case.guidance != 1:
            without = predict(negative, t, index, case.guess is None)
            noise = without + case.guidance * (noise - without)
        x = ddim.step(noise, t, x, eta=case.eta, variance_noise=draw() if case.eta > 0 else None).prev_sample
    return x


def truncated(decoded):
    return (decoded * 127.5 + 127.5).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()


def run(models, cases, result, about):
    for name, case in cases.items():
        hand = by_hand(models, case)
        latents = hand if case.by_hand else by_pipeline(models, case)
        agreement = relative(hand, latents)
        assert agreement < 2e-5, f"{name}: pipeline and loop differ by {agreement:.2e}"
        wide = by_hand(models, case, torch.float64)
        rounding = relative(latents, wide)
        assert rounding < TOLERANCE / 5, f"{name}: badly conditioned, float32 and float64 differ by {rounding:.2e}"
        result[name + ".latents"] = latents
        entry = case.describe(models) | {"float64Difference": rounding}
        decoded = models.vae.decode(latents / models.vae.config.scaling_factor).sample
        entry["images"] = []
        for i, pixels in enumerate(truncated(decoded)):
            path = f"images/{name}-{i}.png"
            (OUT / "images").mkdir(exist_ok=True)
            Image.fromarray(pixels).save(OUT / path, optimize=True)
            entry["images"].append(path)
        spread = decoded.std().item()
        outside = (decoded.abs() > 1).float().mean().item()
        assert spread > 0.1 and outside < 0.4, f"{name}: a poor picture: {spread:.2f} {outside:.2f}"
        if case.off:
            entry["offDifference"] = must_differ(f"{name} against {case.off}", latents, result[case.off + ".latents"])
        about[name] = entry
        print(f"{name}: std {latents.std():.2f}, float32 to float64 {rounding:.1e}, to off {entry.get('offDifference', 0):.2g}",
              flush=True)


def end_to_end_cases():
    one = [control()]
    return {
        "plain": Case(why="plain Stable Diffusion"),
        "control": Case(controls=one, off="plain", why="one control at scale 1"),
        "other_prompt": Case(prompts=["a house at night"], controls=one, off="control"),
        "other_negative": Case(negatives=[""], controls=one, off="control", why="the empty negative prompt"),
        "other_hint": Case(controls=[control("b-64x64")], off="control"),
        "other_seed": Case(controls=one, seed=43, off="control"),
        "control_b": Case(controls=[control("b-64x64", "tiny-control-b")], off="plain", why="the second control alone"),
        "scale_0.6": Case(controls=[control(scale=0.6)], off="control"),
        "scale_0": Case(controls=[control(scale=0.0)], off="control", why="must equal plain"),
        "guidance_1": Case(controls=one, guidance=1.0, off="control", why="no unconditional half"),
        "guidance_0.5": Case(controls=one, guidance=0.5, off="guidance_1", by_hand=True,
                             why="diffusers drops guidance below 1; we follow the original, which does not"),
        "steps_7": Case(controls=one, steps=7, off="control", why="a number of steps that does not divide 1000"),
        "eta_0.7": Case(controls=one, eta=0.7, off="control"),
        "eta_1_seeds": Case(controls=one, eta=1.0, images=2, seed=[42, 7], steps=5, why="step noise from each image's seed"),
        "batch_2": Case(controls=one, images=2, steps=10, why="one seed draws the whole batch"),
        "batch_2_seeds": Case(controls=one, images=2, steps=10, seed=[42, 7], off="batch_2", why="a seed for each image"),
        "two_prompts": Case(prompts=["a bird on a branch", "a house at night"], negatives=["lowres, bad anatomy", "cropped"],
                            controls=one, steps=10, off="batch_2", why="each prompt with its negative prompt"),
        "two_prompts_2_images": Case(prompts=["a bird on a branch", "a house at night"], negatives=["", "cropped"], images=2,
                                     controls=one, steps=5, why="images of one prompt stand together"),
        "two_controls": Case(controls=[control(scale=0.8, end=0.6), control("b-64x64", "tiny-control-b", 0.5, 0.3, 1.0)],
                             off="control", why="scales and windows"),
        "window": Case(controls=[control(start=0.2, end=0.5)], off="control"),
        "guess_diffusers": Case(controls=one, guess="diffusers", guidance=3.0, off="control"),
        "guess_original": Case(controls=one, guess="original", guidance=3.0, off="guess_diffusers", by_hand=True,
                               why="0.825^(n-1-i), no control in the unconditional half"),
        "only_mid": Case(controls=one, only_mid=True, off="control", by_hand=True),
        "only_mid_guess": Case(controls=one, only_mid=True, guess="original", off="only_mid", by_hand=True),
        "wide": Case(controls=[control("a-128x64")], width=128, steps=10, why="not square"),
        "odd": Case(controls=[control("a-56x72")], width=56, height=72, steps=10, why="multiples of 8, not of 64"),
        "plain_odd": Case(width=56, height=72, steps=10, off="odd"),
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    models = make_tiny()
    make_components(models)
    make_sampling()
    make_random()
    result, about = {}, {}
    run(models, end_to_end_cases(), result, about)
    assert relative(result["scale_0.latents"], result["plain.latents"]) < 1e-6
    must_differ("only_mid", result["only_mid.latents"], result["plain.latents"])

    exact = make_layout_models()
    rounded = write_layouts(exact)
    # The bases are stored as float16 only. "control" runs with the control's float16 files.
    exact = Models("layouts", rounded.unet, rounded.vae, rounded.text, rounded.tokenizer,
                   {"control": rounded.controls["control"], "control-float32": exact.controls["control"]})
    cases = {
        "layouts.plain": Case(steps=10),
        "layouts.control": Case(steps=10, controls=[control(model="control")], off="layouts.plain"),
        "layouts.control_float32": Case(steps=10, controls=[control(model="control-float32")], off="layouts.plain"),
    }
    run(exact, cases, result, about)
    print("float16 to float32", relative(result["layouts.control.latents"], result["layouts.control_float32.latents"]))
    save(result, OUT / "e2e.safetensors")
    tiny.write_json(OUT / "e2e.json", about)
    print(f"{sum(p.stat().st_size for p in OUT.rglob('*') if p.is_file()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
