"""Names of Stable Diffusion 1.x weights: from diffusers' layout to that of the original single files.

Nothing here depends on the number of levels or blocks: both are read from the keys. Run with the folder of
key lists as argument to check the renaming against the published files' lists.
"""

import re
import sys

UNET_PREFIX = "model.diffusion_model."
VAE_PREFIX = "first_stage_model."
TEXT_PREFIX = "cond_stage_model.transformer.text_model."
CONTROL_PREFIX = "control_model."

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def _resnet(rest):
    part, leaf = rest.rsplit(".", 1)
    return RESNET[part] + "." + leaf


def _blocks_per_level(keys):
    return 1 + max(int(m[1]) for k in keys if (m := re.match(r"down_blocks\.0\.resnets\.(\d+)\.", k)))


def unet_key(key, keys):
    """The original name, without prefix, of a diffusers U-Net or ControlNet weight among `keys`."""
    blocks = _blocks_per_level(keys)
    for start, target in (
        ("time_embedding.linear_1.", "time_embed.0."),
        ("time_embedding.linear_2.", "time_embed.2."),
        ("conv_in.", "input_blocks.0.0."),
        ("conv_norm_out.", "out.0."),
        ("conv_out.", "out.2."),
        ("controlnet_mid_block.", "middle_block_out.0."),
        ("controlnet_cond_embedding.conv_in.", "input_hint_block.0."),
    ):
        if key.startswith(start):
            return target + key[len(start) :]
    if m := re.fullmatch(r"controlnet_down_blocks\.(\d+)\.(.*)", key):
        return f"zero_convs.{m[1]}.0.{m[2]}"
    if m := re.fullmatch(r"controlnet_cond_embedding\.blocks\.(\d+)\.(.*)", key):
        # Between two convolutions of the hint block there is an activation, which takes a number too.
        return f"input_hint_block.{2 * int(m[1]) + 2}.{m[2]}"
    if m := re.fullmatch(r"controlnet_cond_embedding\.conv_out\.(.*)", key):
        last = max(int(n[1]) for k in keys if (n := re.match(r"controlnet_cond_embedding\.blocks\.(\d+)\.", k)))
        return f"input_hint_block.{2 * last + 4}.{m[1]}"
    if m := re.fullmatch(r"down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", key):
        index = 1 + int(m[1]) * (blocks + 1) + int(m[3])
        return f"input_blocks.{index}." + ("0." + _resnet(m[4]) if m[2] == "resnets" else "1." + m[4])
    if m := re.fullmatch(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.*)", key):
        return f"input_blocks.{(int(m[1]) + 1) * (blocks + 1)}.0.op.{m[2]}"
    if m := re.fullmatch(r"mid_block\.resnets\.(\d+)\.(.*)", key):
        return f"middle_block.{2 * int(m[1])}." + _resnet(m[2])
    if m := re.fullmatch(r"mid_block\.attentions\.0\.(.*)", key):
        return f"middle_block.1.{m[1]}"
    if m := re.fullmatch(r"up_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", key):
        index = int(m[1]) * (blocks + 1) + int(m[3])
        return f"output_blocks.{index}." + ("0." + _resnet(m[4]) if m[2] == "resnets" else "1." + m[4])
    if m := re.fullmatch(r"up_blocks\.(\d+)\.upsamplers\.0\.conv\.(.*)", key):
        # The upsampler stands behind the attention, where there is one, of the level's last block.
        position = 2 if any(k.startswith(f"up_blocks.{m[1]}.attentions.") for k in keys) else 1
        return f"output_blocks.{int(m[1]) * (blocks + 1) + blocks}.{position}.conv.{m[2]}"
    raise KeyError(key)


def vae_key(key, keys):
    """The original name, without prefix, of a diffusers AutoencoderKL weight."""
    levels = 1 + max(int(m[1]) for k in keys if (m := re.match(r"decoder\.up_blocks\.(\d+)\.", k)))
    key = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    if m := re.fullmatch(r"encoder\.down_blocks\.(\d+)\.resnets\.(\d+)\.(.*)", key):
        return f"encoder.down.{m[1]}.block.{m[2]}.{m[3]}"
    if m := re.fullmatch(r"encoder\.down_blocks\.(\d+)\.downsamplers\.0\.(.*)", key):
        return f"encoder.down.{m[1]}.downsample.{m[2]}"
    # The original counts the decoder's levels from the full resolution, diffusers from the latents.
    if m := re.fullmatch(r"decoder\.up_blocks\.(\d+)\.resnets\.(\d+)\.(.*)", key):
        return f"decoder.up.{levels - 1 - int(m[1])}.block.{m[2]}.{m[3]}"
    if m := re.fullmatch(r"decoder\.up_blocks\.(\d+)\.upsamplers\.0\.(.*)", key):
        return f"decoder.up.{levels - 1 - int(m[1])}.upsample.{m[2]}"
    if m := re.fullmatch(r"(encoder|decoder)\.mid_block\.resnets\.(\d+)\.(.*)", key):
        return f"{m[1]}.mid.block_{int(m[2]) + 1}.{m[3]}"
    if m := re.fullmatch(r"(encoder|decoder)\.mid_block\.attentions\.0\.(.*)\.(weight|bias)", key):
        return f"{m[1]}.mid.attn_1.{VAE_ATTENTION[m[2]]}.{m[3]}"
    return key


def is_vae_projection(original):
    """Whether the weight is a matrix in diffusers and a 1 x 1 convolution in the original."""
    return re.search(r"\.attn_1\.(q|k|v|proj_out)\.weight$", original) is not None


def original_base(unet, vae, text):
    """One dictionary with the original names from three state dictionaries (text without `text_model.`)."""
    result = {}
    for key, value in unet.items():
        result[UNET_PREFIX + unet_key(key, unet)] = value
    for key, value in vae.items():
        name = vae_key(key, vae)
        result[VAE_PREFIX + name] = value[:, :, None, None] if is_vae_projection(name) else value
    for key, value in text.items():
        result[TEXT_PREFIX + key] = value
    return result


def original_control(control, prefix=CONTROL_PREFIX):
    return {prefix + unet_key(key, control): value for key, value in control.items()}


def _check(folder):
    def read(name):
        with open(f"{folder}/{name}.txt") as lines:
            return dict(line.split() for line in lines if line.strip())

    def compare(what, ours, theirs):
        if ours != theirs:
            wrong = sorted(set(ours.items()) ^ set(theirs.items()))[:10]
            raise SystemExit(f"{what}: the renamed keys differ: {wrong}")
        print(f"{what}: {len(ours)} keys agree")

    published = read("stable-diffusion-v1-5")
    unet, vae, text = (read("diffusers-" + n) for n in ("unet", "vae", "text_encoder"))
    compare("U-Net", {UNET_PREFIX + unet_key(k, unet): v for k, v in unet.items()},
            {k: v for k, v in published.items() if k.startswith(UNET_PREFIX)})
    compare("VAE",
            {VAE_PREFIX + vae_key(k, vae): v + "x1x1" if is_vae_projection(vae_key(k, vae)) and v.count("x") == 1 else v
             for k, v in vae.items()},
            {k: v for k, v in published.items() if k.startswith(VAE_PREFIX)})
    compare("text encoder", {TEXT_PREFIX + k: v for k, v in text.items()},
            {k: v for k, v in published.items() if k.startswith("cond_stage_model.") and "position_ids" not in k})
    control = read("diffusers-controlnet")
    compare("ControlNet", original_control(control), read("control-sd15"))


if __name__ == "__main__":
    _check(sys.argv[1])
