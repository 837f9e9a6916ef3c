"""Makes the fixtures of decoding in tiles, with the autoencoder of make_fixtures.py.

    python make_tiling_fixtures.py [fixtures folder]

The README.md in the fixtures folder says what every key holds.
"""

import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

from make_fixtures import OUT, TOLERANCE, relative

TILE = 16
EVERY = 4
SIZES = ((28, 37), (16, 40), (25, 9))


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    vae = AutoencoderKL.from_pretrained(OUT / "tiny" / "vae").float()
    vae.tile_latent_min_size = TILE
    vae.tile_sample_min_size = TILE * 8
    result = {}
    for height, width in SIZES:
        latents = torch.randn(1, 4, height, width, generator=torch.Generator().manual_seed(height))
        vae.disable_tiling()
        whole = vae.decode(latents).sample
        vae.enable_tiling()
        tiled = vae.decode(latents).sample
        off = relative(whole[:, :, ::EVERY, ::EVERY], tiled[:, :, ::EVERY, ::EVERY])
        assert off > 100 * TOLERANCE, off
        print(height, width, "tiles off:", off)
        name = f"{height}x{width}"
        result[name + ".latents"] = latents
        result[name + ".pixels"] = tiled[:, :, ::EVERY, ::EVERY].contiguous()
    save_file(result, OUT / "tiling.safetensors")


if __name__ == "__main__":
    main()
