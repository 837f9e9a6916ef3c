"""Makes the fixtures of prompts: weights, chunks, editing, clip skip and textual inversion, on the tiny models.

    python make_prompt_fixtures.py [output folder]

The rules of AUTOMATIC1111's web page are written out here on top of transformers' CLIPTextModel, from their published
description; diffusers' own pipelines do what they can (clip_skip, load_textual_inversion, prompt_embeds). The
README.md in the output folder says what every key holds.
"""

import re
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

import tiny
from make_fixtures import must_differ

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "fixtures"
FOLDER = OUT / "prompts"
ROOM = 75
LONG = ", ".join(f"a {color} {thing} in the {place}" for color in ("small", "large", "quick")
                 for thing in ("bird", "house", "boat") for place in ("water", "night", "forest"))

tokenizer = CLIPTokenizer.from_pretrained(OUT / "tiny" / "tokenizer")
text_model = CLIPTextModel.from_pretrained(OUT / "tiny" / "text_encoder")
START, END, PAD = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
COMMA = tokenizer(",", add_special_tokens=False).input_ids[0]


# ---------------------------------------------------------------- the grammar of weights


def parse(prompt):
    """(text, weight) in order; text None for a break."""
    parts, opened = [], {"(": [], "[": []}

    def scale(start, factor):
        for part in parts[start:]:
            if part[0] is not None:
                part[1] *= factor

    i = 0
    while i < len(prompt):
        rest = prompt[i:]
        number = re.match(r":\s*([+-]?[.\d]+)\s*\)", rest)
        plain = re.match(r"[^\\()\[\]:]+", rest)
        step = 1
        if re.match(r"\\[()\[\]\\]", rest):
            parts.append([rest[1], 1.0])
            step = 2
        elif rest[0] in "([":
            opened[rest[0]].append(len(parts))
        elif number and opened["("]:
            scale(opened["("].pop(), float(number[1]))
            step = number.end()
        elif rest[0] == ")" and opened["("]:
            scale(opened["("].pop(), 1.1)
        elif rest[0] == "]" and opened["["]:
            scale(opened["["].pop(), 1 / 1.1)
        else:
            text = number[0] if number else plain[0] if plain else rest[0]
            step = len(text)
            for k, piece in enumerate(re.split(r"\s*\bBREAK\b\s*", text)):
                if k:
                    parts.append([None, 1.0])
                parts.append([piece, 1.0])
        i += step
    for start in opened["("]:
        scale(start, 1.1)
    for start in opened["["]:
        scale(start, 1 / 1.1)
    merged = []
    for text, weight in parts or [["", 1.0]]:
        if merged and None not in (text, merged[-1][0]) and merged[-1][1] == weight:
            merged[-1][0] += text
        else:
            merged.append([text, weight])
    return merged


# ---------------------------------------------------------------- chunks


def pieces(text, embeddings):
    """Token ids, and the tensor of an embedding where its name stands."""
    found = re.split("(" + "|".join(map(re.escape, embeddings)) + ")", text) if embeddings else [text]
    for piece in found:
        if piece in embeddings:
            yield embeddings[piece]
        else:
            yield from tokenizer(piece, add_special_tokens=False).input_ids


def chunks(prompt, embeddings):
    """Lists of (token, weight, vector or None), each of at most 75."""
    done, now, comma = [], [], None
    for text, weight in parse(prompt):
        if text is None:
            done.append(now)
            now, comma = [], None
            continue
        for piece in pieces(text, embeddings):
            vectors = isinstance(piece, torch.Tensor)
            if not vectors and piece == COMMA:
                comma = len(now)
            elif len(now) == ROOM and comma is not None and len(now) - comma <= 20:
                done.append(now[: comma + 1])
                now, comma = now[comma + 1 :], None
            size = len(piece) if vectors else 1
            if len(now) + size > ROOM:
                done.append(now)
                now, comma = [], None
            now = now + ([(0, weight, v) for v in piece] if vectors else [(piece, weight, None)])
    if now or not done:
        done.append(now)
    return done


def states_of(chunk, skip):
    ids = [START] + [c[0] for c in chunk] + [END]
    ids += [PAD] * (77 - len(ids))
    weights = torch.ones(77)
    table = text_model.text_model.embeddings.token_embedding
    vectors = table(torch.tensor([ids]))
    for i, (_, weight, vector) in enumerate(chunk):
        weights[i + 1] = weight
        if vector is not None:
            vectors[0, i + 1] = vector
    hook = table.register_forward_hook(lambda *_: vectors)
    output = text_model(torch.tensor([ids]), output_hidden_states=True)
    hook.remove()
    z = text_model.text_model.final_layer_norm(output.hidden_states[-skip])
    before = z.mean()
    z = z * weights[None, :, None]
    return z * (before / z.mean())


def encode(prompt, least=1, skip=1, embeddings=()):
    all_chunks = chunks(prompt, dict(embeddings))
    all_chunks += [[]] * (least - len(all_chunks))
    return torch.cat([states_of(chunk, skip) for chunk in all_chunks], dim=1)


# ---------------------------------------------------------------- sampling


unet = UNet2DConditionModel.from_pretrained(OUT / "tiny" / "unet")
vae = AutoencoderKL.from_pretrained(OUT / "tiny" / "vae").float()


def sample(at_step, steps=6, guidance=5.0, seed=42):
    """DDIM with texts that may change: at_step gives (negative, positive) states for a step from 1."""
    ddim = DDIMScheduler.from_config(tiny.SCHEDULER)
    ddim.set_timesteps(steps)
    x = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed))
    for i, t in enumerate(ddim.timesteps):
        negative, positive = at_step(i + 1)
        without, noise = unet(x, t, negative).sample, unet(x, t, positive).sample
        x = ddim.step(without + guidance * (noise - without), t, x).prev_sample
    return x


def fixed(prompt, negative="lowres", **options):
    length = max(len(chunks(p, dict(options.get("embeddings", ())))) for p in (prompt, negative))
    pair = encode(negative, length, **options), encode(prompt, length, **options)
    return lambda step: pair


def pipeline(**call):
    built = StableDiffusionPipeline(vae=vae, text_encoder=CLIPTextModel.from_pretrained(OUT / "tiny" / "text_encoder"),
                                    tokenizer=CLIPTokenizer.from_pretrained(OUT / "tiny" / "tokenizer"), unet=unet,
                                    scheduler=DDIMScheduler.from_config(tiny.SCHEDULER), safety_checker=None,
                                    feature_extractor=None, requires_safety_checker=False)
    built.set_progress_bar_config(disable=True)
    for token, file in call.pop("inversions", ()):
        built.load_textual_inversion(file, token=token)
    call.setdefault("guidance_scale", 5.0)
    return built(num_inference_steps=6, generator=torch.Generator().manual_seed(42), width=64, height=64,
                 output_type="latent", **call).images


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(9)
    one = torch.randn(32, generator=generator)
    three = torch.randn(3, 32, generator=generator)
    torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": torch.nn.Parameter(three)}, "name": "my-style",
                "step": 500, "sd_checkpoint": None, "sd_checkpoint_name": None}, FOLDER / "my-style.pt")
    torch.save({"<cat-toy>": one}, FOLDER / "learned_embeds.bin")
    soft = three.flip(0).half().contiguous()
    save_file({"emb_params": soft}, FOLDER / "soft.safetensors")
    save_file({"<cat-toy>": one}, FOLDER / "cat-toy.safetensors")
    embeddings = {"my-style": three, "<cat-toy>": one[None], "soft": soft.float()}

    result, about = {}, {}

    def add(name, latents, off, **request):
        result[name] = latents
        about[name] = {"prompt": "", "negative": "lowres", "clipSkip": 1, "syntax": "WEIGHTED", "guidance": 5.0, "off": off} | request
        if off:
            about[name]["offDifference"] = must_differ(name, latents, result[off])
        print(name, about[name].get("offDifference"), flush=True)

    def weighted(name, prompt, off="plain", negative="lowres", **options):
        request = {"prompt": prompt, "negative": negative}
        if "skip" in options:
            request["clipSkip"] = options["skip"]
        if "embeddings" in options:
            request["embeddings"] = True
        add(name, sample(fixed(prompt, negative, **options)), off, **request)

    bird = "a bird on a branch"
    add("plain", sample(fixed(bird)), None, prompt=bird)
    add("literal", pipeline(prompt="a (bird:1.5) on a [branch]", negative_prompt="lowres"), "plain",
        prompt="a (bird:1.5) on a [branch]", syntax="LITERAL")
    weighted("weighted", "a (bird:1.8) on a (branch:0.4)")
    weighted("round", "a (((bird))) on a ((branch:1.2))")
    weighted("square", "a [[[[bird]]]] on a branch")
    weighted("negative_weighted", bird, negative="(lowres:1.9), cropped")
    weighted("escaped", "a \\(bird\\) on a \\[branch\\]")
    weighted("unbalanced", "a (bird on a branch]")
    weighted("broken", "a bird BREAK on a (branch:1.3)")
    weighted("long", LONG)
    weighted("long_weighted", LONG.replace("house", "(house:1.4)"), off="long")
    weighted("both_long", LONG, negative=LONG.replace("bird", "fish"), off="long")
    weighted("skip_2", bird, skip=2)
    # diffusers skips layers for the prompt only, not for the negative one: compared without guidance.
    add("skip_2_literal", pipeline(prompt=bird, clip_skip=1, guidance_scale=1.0), "plain", prompt=bird, syntax="LITERAL",
        clipSkip=2, guidance=1.0)
    must_differ("skip", result["skip_2"], result["plain"])
    weighted("inversion", "a (my-style:1.3) of a <cat-toy>, soft", embeddings=embeddings)
    weighted("inversion_across", LONG[:330] + " my-style", off="long", embeddings=embeddings)
    add("inversion_literal", pipeline(prompt="a <cat-toy> on my-style", negative_prompt="lowres", inversions=[
        ("<cat-toy>", str(FOLDER / "learned_embeds.bin")), ("my-style", str(FOLDER / "my-style.pt"))]), "plain",
        prompt="a <cat-toy> on my-style", syntax="LITERAL", embeddings=True)

    def staged(name, prompt, texts, off="plain"):
        pairs = [fixed(text)(1) for text in texts]
        add(name, sample(lambda step: pairs[step - 1]), off, prompt=prompt)

    boat, house = "a small boat", "a small house"
    staged("edited", "a small [boat:house:0.5]", [boat] * 3 + [house] * 3)
    staged("edited_steps", "a small [boat:house:2]", [boat] * 2 + [house] * 4, off="edited")
    staged("begun", "a [small :2]boat", ["a boat"] * 2 + [boat] * 4)
    staged("ended", "a [small ::0.34]boat", [boat] * 2 + ["a boat"] * 4)
    staged("nested", "a [small [boat:house:0.5]:(bird:1.5):4]", [boat] * 3 + [house] + ["a (bird:1.5)"] * 2)
    staged("alternating", "a small [boat|house|bird]", [boat, house, "a small bird"] * 2)
    states = torch.randn(2, 60, 32, generator=generator)
    add("given", pipeline(prompt_embeds=states[:1], negative_prompt_embeds=states[1:]), "plain", given=True)
    result["given.states"] = states
    for prompt in ("(unbalanced", "(literal]", "(unnecessary)(parens)", "\\(literal\\]",
                   "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky)))."):
        about.setdefault("grammar", {})[prompt] = parse(prompt)
    save_file({k: v.contiguous().clone() for k, v in result.items()}, FOLDER / "latents.safetensors")
    tiny.write_json(FOLDER / "cases.json", about)


if __name__ == "__main__":
    main()
