"""Makes the fixtures of image to image and inpainting: what diffusers' pipelines end in on the tiny models.

    python make_img2img_fixtures.py [output folder]

Reads the models that make_fixtures.py wrote; adds tiny-inpaint, a U-Net of nine channels. The README.md in the output
folder says what every key holds.
"""

import sys
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from diffusers.image_processor import VaeImageProcessor
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

import tiny
from make_fixtures import HINTS, must_differ
from make_scheduler_fixtures import SAMPLERS

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"
FOLDER = OUT / "img2img"


def make_inpainting_unet():
    config = UNet2DConditionModel.load_config(OUT / "tiny" / "unet")
    unet = UNet2DConditionModel.from_config({**config, "in_channels": 9})
    tiny.randomise(unet, 301, tiny.UNET_GAINS).half().save_pretrained(OUT / "tiny-inpaint" / "unet")
    return UNet2DConditionModel.from_pretrained(OUT / "tiny-inpaint" / "unet").float()


def picture(name):
    kind, size = name.split("-")
    width, height = map(int, size.split("x"))
    image = HINTS[kind](width, height)
    image.save(FOLDER / f"{name}.png")
    return image


def mask(name, width, height, box, ellipse=False):
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    (draw.ellipse if ellipse else draw.rectangle)(box, fill=255)
    image.save(FOLDER / f"{name}.png")
    return image


def case(base="tiny", control=True, sampler="ddim", steps=10, strength=0.6, mask=None, blur=0, padding=None, images=1,
         seeds=(42,), guidance=3.0, init="b-64x64", hint="a-64x64", window=(0.0, 1.0), off=None, content="original"):
    return dict(base=base, control=control, sampler=sampler, steps=steps, strength=strength, mask=mask, blur=blur,
                padding=padding, images=images, seeds=list(seeds), guidance=guidance, init=init, hint=hint,
                start=window[0], end=window[1], off=off, content=content)


CASES = {
    "plain": case(control=False),
    "weaker": case(control=False, strength=0.3, off="plain"),
    "full": case(strength=1.0),
    "control": case(off="plain"),
    "window": case(window=(0.3, 0.7), off="control"),
    "batch": case(images=2),
    "seeds": case(images=2, seeds=(42, 7)),
    "euler_ancestral": case(sampler="euler_ancestral"),
    "heun": case(sampler="heun", steps=6, strength=0.5),
    "dpm2_ancestral": case(sampler="dpm2_ancestral", steps=6, strength=0.5),
    "dpmpp_2m_karras": case(sampler="dpmpp_2m_karras"),
    "dpmpp_2m_sde": case(sampler="dpmpp_2m_sde"),
    "unipc": case(sampler="unipc"),
    "pndm": case(sampler="pndm"),
    "blended": case(control=False, mask="mask-64x64", strength=1.0),
    "blended_weaker": case(mask="mask-64x64", strength=0.6, off="control"),
    "blended_stochastic": case(mask="mask-64x64", sampler="euler_ancestral", strength=0.7, images=2),
    "blended_heun": case(mask="mask-64x64", sampler="heun", steps=6, strength=0.5),
    "blurred": case(mask="mask-64x64", blur=6, off="blended_weaker"),
    "only_masked": case(mask="mask-128x96", padding=16, strength=0.7, init="b-128x96", hint="a-128x96"),
    "inpaint": case(base="tiny-inpaint", control=False, mask="mask-64x64", strength=1.0),
    "inpaint_weaker": case(base="tiny-inpaint", mask="mask-64x64", sampler="dpmpp_2m", strength=0.8, off="inpaint"),
    "inpaint_batch": case(base="tiny-inpaint", mask="mask-64x64", sampler="euler_ancestral", strength=0.9, images=2),
    "fill": case(mask="mask-64x64", content="fill", off="blended_weaker"),
    "fill_full": case(control=False, mask="mask-64x64", strength=1.0, content="fill", off="blended"),
    "fill_blurred": case(mask="mask-64x64", blur=6, content="fill", off="blurred"),
    "noise": case(mask="mask-64x64", content="noise", off="fill"),
    "noise_batch": case(mask="mask-64x64", sampler="euler_ancestral", strength=0.7, images=2, content="noise",
                        off="blended_stochastic"),
    "nothing": case(mask="mask-64x64", content="nothing", off="noise"),
    "inpaint_nothing": case(base="tiny-inpaint", mask="mask-64x64", sampler="dpmpp_2m", strength=0.8,
                            content="nothing", off="inpaint_weaker"),
}


def filled(image, grey):
    """Colours from around the mask run into it, as the web UI's modules/masking.py does with Pillow."""
    seen = Image.new("RGBa", image.size)
    seen.paste(image.convert("RGBA").convert("RGBa"), mask=ImageOps.invert(grey))
    result = Image.new("RGBA", image.size)
    for radius, times in ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1)):
        layer = seen.filter(ImageFilter.GaussianBlur(radius)).convert("RGBA")
        for _ in range(times):
            result.alpha_composite(layer)
    return result.convert("RGB")


def replace_content(pipeline, content, grey):
    """Has a pipeline begin with other latents under the mask, at any strength."""
    prepare = pipeline.prepare_latents

    def replaced(*args, **options):
        _, noise, source = prepare(*args, **{**options, "return_noise": True, "return_image_latents": True})[:3]
        shape = torch.from_numpy((np.asarray(grey) >= 128).astype(np.float32))[None, None]
        shape = torch.nn.functional.interpolate(shape, size=source.shape[-2:])
        if content != "fill":
            source = source * (1 - shape) + (noise if content == "noise" else 0) * shape
        latents = pipeline.scheduler.add_noise(source, noise, options.get("timestep", args[9] if len(args) > 9 else None))
        wanted = pipeline.unet.config.in_channels == 4
        return (latents, noise, source) if wanted else (latents, noise)

    pipeline.prepare_latents = replaced


def run(parts, unets, spec):
    kind, flags = SAMPLERS[spec["sampler"]]
    base = diffusers.PNDMScheduler.from_config(tiny.SCHEDULER)
    scheduler = getattr(diffusers, kind).from_config(base.config, **flags)
    parts = dict(parts, unet=unets[spec["base"]], scheduler=scheduler, safety_checker=None, feature_extractor=None,
                 requires_safety_checker=False)
    control = parts.pop("controlnet")
    call = dict(prompt="a bird on a branch", negative_prompt="lowres", image=picture(spec["init"]),
                strength=spec["strength"], num_inference_steps=spec["steps"], guidance_scale=spec["guidance"],
                num_images_per_prompt=spec["images"])
    generators = [torch.Generator().manual_seed(seed) for seed in spec["seeds"]]
    call["generator"] = generators if len(generators) > 1 else generators[0]
    name = "StableDiffusion"
    if spec["control"]:
        name += "ControlNet"
        parts["controlnet"] = control
        call |= dict(control_image=picture(spec["hint"]), control_guidance_start=spec["start"],
                     control_guidance_end=spec["end"], controlnet_conditioning_scale=0.8)
    name += "InpaintPipeline" if spec["mask"] else "Img2ImgPipeline"
    pipeline = getattr(diffusers, name)(**parts)
    pipeline.set_progress_bar_config(disable=True)
    if spec["mask"]:
        mask_image = Image.open(FOLDER / f"{spec['mask']}.png")
        if spec["blur"]:
            mask_image = pipeline.mask_processor.blur(mask_image, blur_factor=spec["blur"])
        if spec["content"] != "original":
            call["image"] = filled(call["image"], mask_image)
            replace_content(pipeline, spec["content"], mask_image)
        call |= dict(mask_image=mask_image, width=64, height=64)
        if spec["padding"] is not None:
            call["padding_mask_crop"] = spec["padding"]
    latents = []

    def keep(_, index, timestep, values):
        latents.append(values["latents"].clone())
        return {}

    images = pipeline(callback_on_step_end=keep, **call).images
    return name, latents[-1], len(latents), images


def make_pipelines():
    text = CLIPTextModel.from_pretrained(OUT / "tiny" / "text_encoder")
    parts = dict(vae=AutoencoderKL.from_pretrained(OUT / "tiny" / "vae").float(), text_encoder=text,
                 tokenizer=CLIPTokenizer.from_pretrained(OUT / "tiny" / "tokenizer"),
                 controlnet=ControlNetModel.from_pretrained(OUT / "tiny-control").float())
    unets = {"tiny": UNet2DConditionModel.from_pretrained(OUT / "tiny" / "unet"), "tiny-inpaint": make_inpainting_unet()}
    mask("mask-64x64", 64, 64, (18, 10, 49, 45), ellipse=True)
    mask("mask-128x96", 128, 96, (48, 24, 79, 55))
    result, about = {}, {}
    for name, spec in CASES.items():
        pipeline, latents, calls, images = run(parts, unets, spec)
        assert latents.isfinite().all(), name
        result[name] = latents
        about[name] = spec | {"reference": pipeline, "evaluations": calls}
        if spec["off"]:
            about[name]["offDifference"] = must_differ(name, latents, result[spec["off"]])
        if name == "only_masked":
            images[0].save(FOLDER / "only_masked-result.png", optimize=True)
        print(name, pipeline, calls, f"{latents.std():.2f}", flush=True)
    save_file({k: v.contiguous().clone() for k, v in result.items()}, FOLDER / "latents.safetensors")
    tiny.write_json(FOLDER / "cases.json", about)


def make_masks():
    """Blurs of Pillow, and the regions that diffusers crops."""
    random = np.random.default_rng(11)
    noise = Image.fromarray((random.random((30, 41)) < 0.15).astype(np.uint8) * 255, "L")
    noise.save(FOLDER / "noise.png")
    for radius in (0.5, 1, 2.6, 4, 12, 40):
        noise.filter(ImageFilter.GaussianBlur(radius)).save(FOLDER / f"noise-blur-{radius}.png", optimize=True)
    photo, grey = picture("b-128x96"), Image.new("L", (128, 96))
    ImageDraw.Draw(grey).ellipse((20, 8, 110, 80), fill=255)
    for name, shape in (("hard", grey), ("soft", grey.filter(ImageFilter.GaussianBlur(5)))):
        shape.save(FOLDER / f"fill-{name}-mask.png", optimize=True)
        filled(photo, shape).save(FOLDER / f"fill-{name}.png", optimize=True)
    regions = []
    for _ in range(200):
        width, height = (int(n) for n in random.integers(8, 200, 2))
        left, top = int(random.integers(0, width)), int(random.integers(0, height))
        right, bottom = int(random.integers(left, width)), int(random.integers(top, height))
        image = Image.new("L", (width, height))
        ImageDraw.Draw(image).rectangle((left, top, right, bottom), fill=255)
        target = [int(n) * 64 for n in random.integers(1, 9, 2)]
        padding = int(random.integers(0, 40))
        x1, y1, x2, y2 = VaeImageProcessor.get_crop_region(image, target[0], target[1], pad=padding)
        regions.append([width, height, left, top, right, bottom, *target, padding, x1, y1, x2 - x1, y2 - y1])
    tiny.write_json(FOLDER / "regions.json", regions, indent=None)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    make_masks()
    make_pipelines()


if __name__ == "__main__":
    main()
