"""Makes the fixtures of tiny autoencoders (TAESD): what diffusers' AutoencoderTiny and its pipelines make of random ones.

    python make_tiny_autoencoder_fixtures.py [output folder]

Reads the models that make_fixtures.py and make_img2img_fixtures.py wrote. The README.md in the output folder says what
every key holds.
"""

import re
import sys
from pathlib import Path

import torch
from diffusers import (AutoencoderTiny, ControlNetModel, DDIMScheduler, EulerDiscreteScheduler, StableDiffusionPipeline,
                       UNet2DConditionModel)
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

import tiny
from make_fixtures import must_differ
from make_img2img_fixtures import case, run
from safetensors import safe_open

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"
FOLDER = OUT / "tiny-autoencoder"
WIDTH = 8

IMAGE_TO_IMAGE = {
    "img2img": case(control=False),
    "img2img_batch": case(images=2, sampler="euler_ancestral"),
    "img2img_seeds": case(images=2, seeds=(42, 7)),
    "blended": case(mask="mask-64x64", sampler="euler_ancestral", strength=0.7, images=2),
    "inpaint": case(base="tiny-inpaint", mask="mask-64x64", sampler="dpmpp_2m", strength=0.8),
}


def make_autoencoder():
    model = AutoencoderTiny(
        encoder_block_out_channels=(WIDTH,) * 4, decoder_block_out_channels=(WIDTH,) * 4,
        num_encoder_blocks=(1, 1, 2, 1), num_decoder_blocks=(2, 1, 1, 1))
    # the two activations of a block halve what its convolutions make of noise
    gains = ((".conv.0.weight", 1.5), (".conv.2.weight", 1.5), ("encoder.layers.9.weight", 3.0),
             ("decoder.layers.13.weight", 0.25))
    tiny.randomise(model, 501, gains)
    model.decoder.layers[13].bias.data += 0.6  # pictures, neither black nor white
    model.half().save_pretrained(FOLDER)
    return AutoencoderTiny.from_pretrained(FOLDER).float().requires_grad_(False)


def write_original():
    """The original's files: a half each, layers without prefix; its decoder counts the clamp as a layer."""
    halves = {"encoder": {}, "decoder": {}}
    with safe_open(FOLDER / "diffusion_pytorch_model.safetensors", "pt") as weights:
        for name in weights.keys():
            half, number, rest = re.fullmatch(r"(encoder|decoder)\.layers\.(\d+)(\..*)", name).groups()
            halves[half][f"{int(number) + (half == 'decoder')}{rest}"] = weights.get_tensor(name)
    original = FOLDER / "original"
    original.mkdir(exist_ok=True)
    torch.save(halves["decoder"], original / "taesd_decoder.pth")
    save_file(halves["encoder"], original / "taesd_encoder.safetensors")


def make_components(vae):
    tensors, about = {}, {}
    for name, images, height, width in (("64x64", 2, 8, 8), ("40x72", 1, 9, 5)):
        generator = torch.Generator().manual_seed(502 + images)
        latents = 2.5 * torch.randn((images, 4, height, width), generator=generator)
        decoded = vae.decode(latents).sample
        picture = decoded.clamp(-1, 1)
        tensors |= {f"{name}.latents": latents, f"{name}.decoded": decoded,
                    f"{name}.encoded": vae.encode(picture).latents}
        plain = vae.decoder.layers(latents).mul(2).sub(1)
        about[name] = {"clamp": must_differ(f"{name} clamp", decoded, plain),
                       "scale": must_differ(f"{name} scale", decoded, vae.decode(latents / 0.18215).sample)}
        if images > 1:
            about[name]["images"] = must_differ(name, decoded[0], decoded[1])
            about[name]["encodedImages"] = must_differ(name, tensors[f"{name}.encoded"][0], tensors[f"{name}.encoded"][1])
        print(name, f"decoded {decoded.mean():.2f} +- {decoded.std():.2f}, clipped {(decoded.abs() > 1).float().mean():.2f},"
              f" encoded {tensors[f'{name}.encoded'].std():.2f}")
    return tensors, about


def parts_of(vae):
    return dict(vae=vae, text_encoder=CLIPTextModel.from_pretrained(OUT / "tiny" / "text_encoder"),
                tokenizer=CLIPTokenizer.from_pretrained(OUT / "tiny" / "tokenizer"))


def make_text_to_image(vae):
    """The picture, and what the first and third step take it to be."""
    tensors = {}
    for name, kind in (("ddim", DDIMScheduler), ("euler", EulerDiscreteScheduler)):
        scheduler = kind.from_config({**tiny.SCHEDULER, "clip_sample": False})
        samples = []
        step = scheduler.step

        def keep(*args, **options):
            options["return_dict"] = True
            result = step(*args, **options)
            samples.append(result.pred_original_sample)
            return (result.prev_sample,)

        scheduler.step = keep
        pipeline = StableDiffusionPipeline(
            **parts_of(vae), unet=UNet2DConditionModel.from_pretrained(OUT / "tiny" / "unet"), scheduler=scheduler,
            safety_checker=None, feature_extractor=None, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        call = dict(prompt="a bird on a branch", negative_prompt="lowres", num_inference_steps=4, guidance_scale=3.0,
                    width=64, height=64)
        generator = torch.Generator().manual_seed(42)
        tensors[f"{name}.picture"] = pipeline(**call, generator=generator, output_type="pt").images
        expected = torch.cat(samples)
        generator = torch.Generator().manual_seed(42)
        tensors[f"{name}.latents"] = pipeline(**call, generator=generator, output_type="latent").images
        tensors[f"{name}.previews"] = (vae.decode(expected[::2]).sample / 2 + 0.5).clamp(0, 1)
        must_differ(f"{name} first and last step", expected[0], expected[-1])
        print(name, f"denoised {expected.std():.2f}")
    return tensors


def make_image_to_image(vae):
    parts = parts_of(vae)
    parts["controlnet"] = ControlNetModel.from_pretrained(OUT / "tiny-control").float()
    unets = {name: UNet2DConditionModel.from_pretrained(OUT / name / "unet").float() for name in ("tiny", "tiny-inpaint")}
    tensors, about = {}, {}
    with safe_open(OUT / "img2img" / "latents.safetensors", "pt") as usual:
        large = {"img2img": "plain", "img2img_seeds": "seeds", "blended": "blended_stochastic"}
        for name, spec in IMAGE_TO_IMAGE.items():
            pipeline, latents, calls, _ = run(parts, unets, spec)
            assert latents.isfinite().all(), name
            tensors[f"{name}.latents"] = latents
            about[name] = spec | {"reference": pipeline, "evaluations": calls}
            if name in large:
                about[name]["offDifference"] = must_differ(name, latents, usual.get_tensor(large[name]))
            print(name, pipeline, calls, f"{latents.std():.2f}", flush=True)
    return tensors, about


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    vae = make_autoencoder()
    write_original()
    tensors, about = make_components(vae)
    tensors |= make_text_to_image(vae)
    more, cases = make_image_to_image(vae)
    tensors |= more
    save_file({k: v.contiguous().clone().float() for k, v in tensors.items()}, FOLDER / "reference.safetensors")
    tiny.write_json(FOLDER / "reference.json", {"components": about, "cases": cases})


if __name__ == "__main__":
    main()
