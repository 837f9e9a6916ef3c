"""Writes small picture files of many kinds and what the reference tools read from them.

Usage: python picture_fixtures.py OUTPUT_FOLDER   (made with OpenCV 4.9.0, Pillow 12 and numpy 1.26)

For each NAME there are NAME.EXT and an entry in expected.txt: file, width, height, SHA-256 of the
expected RGB bytes. Alpha is put over white by HWC3's formula of the original code, in float32.
over-white.txt holds the SHA-256 of that formula's table over all 256 x 256 colours and alphas.
"""

import hashlib
import io
import os
import sys

import cv2
import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 24, 16


def colours(channels, depth=8):
    y, x, c = np.meshgrid(
        np.arange(HEIGHT), np.arange(WIDTH), np.arange(channels), indexing="ij"
    )
    value = (x * (7 + 5 * c) + y * (11 - 3 * c) + 40 * c) % 256
    if depth == 16:
        return (value * 256 + (x * 37 + y * 91 + c * 13) % 256).astype(np.uint16)
    return value.astype(np.uint8)


def over_white(rgba):
    colour = rgba[:, :, 0:3].astype(np.float32)
    alpha = rgba[:, :, 3:4].astype(np.float32) / 255.0
    result = colour * alpha + 255.0 * (1.0 - alpha)
    return result.clip(0, 255).astype(np.uint8)


def as_rgb(image):
    """Pillow's pixels, transparency over white."""
    image = ImageOps.exif_transpose(image)
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        return over_white(np.array(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def pillow(image, **options):
    def write(path):
        image.save(path, **options)
        return as_rgb(Image.open(path))

    return write


def opencv(array, expected, *options):
    def write(path):
        assert cv2.imwrite(path, array, options)
        return expected

    return write


def smooth(mode):
    """Little detail, so that JPEG decoders agree."""
    small = Image.fromarray(colours(3)[:4, :6]).resize((48, 32), Image.BICUBIC)
    return small.convert(mode)


def oriented(value, fmt):
    exif = Image.Exif()
    exif[274] = value
    image = smooth("RGB").crop((0, 0, 48, 24))
    if fmt == "jpg":
        return pillow(image, quality=95, subsampling=0, exif=exif)
    return pillow(image, exif=exif)


def ycck(path):
    """A CMYK JPEG whose Adobe marker says that its inks were transformed to YCCK."""
    buffer = io.BytesIO()
    smooth("CMYK").save(buffer, "JPEG", quality=95)
    data = bytearray(buffer.getvalue())
    adobe = data.index(b"Adobe")
    assert data[adobe + 11] == 0
    data[adobe + 11] = 2
    with open(path, "wb") as out:
        out.write(data)
    return as_rgb(Image.open(path))


def main(folder):
    rgb, rgba = colours(3), colours(4)
    grey, rgb16, rgba16 = rgb[:, :, 0], colours(3, 16), colours(4, 16)
    palette = Image.fromarray(rgb).quantize(40)
    files = {
        "rgb.png": pillow(Image.fromarray(rgb)),
        "rgba.png": pillow(Image.fromarray(rgba)),
        "grey.png": pillow(Image.fromarray(grey)),
        "grey-alpha.png": pillow(Image.fromarray(rgba[:, :, 2:4].copy(), "LA")),
        "one-bit.png": pillow(Image.fromarray(grey).convert("1")),
        "indexed.png": pillow(palette),
        "indexed-4-bit.png": pillow(Image.fromarray(rgb).quantize(12), bits=4),
        "indexed-transparent.png": pillow(palette, transparency=bytes(range(200, 240))),
        "rgb-colour-key.png": pillow(
            Image.fromarray(rgb), transparency=tuple(int(v) for v in rgb[3, 5])
        ),
        "grey-colour-key.png": pillow(Image.fromarray(grey), transparency=int(grey[3, 5])),
        "rgb16.png": opencv(rgb16[:, :, ::-1], (rgb16 >> 8).astype(np.uint8)),
        "grey16.png": opencv(
            rgb16[:, :, 0], np.repeat((rgb16[:, :, :1] >> 8).astype(np.uint8), 3, axis=2)
        ),
        "rgba16.png": opencv(
            rgba16[:, :, [2, 1, 0, 3]], over_white((rgba16 >> 8).astype(np.uint8))
        ),
        "rgb.bmp": pillow(Image.fromarray(rgb)),
        "grey.bmp": pillow(Image.fromarray(grey)),
        "indexed.gif": pillow(palette),
        "transparent.gif": pillow(palette, transparency=5),
        "rgb.tiff": pillow(Image.fromarray(rgb), compression="tiff_lzw"),
        "rgb16.tiff": opencv(
            rgb16[:, :, ::-1], (rgb16 >> 8).astype(np.uint8), cv2.IMWRITE_TIFF_COMPRESSION, 1
        ),
        "rgb.jpg": pillow(smooth("RGB"), quality=95, subsampling=0),
        "grey.jpg": pillow(smooth("L"), quality=95),
        "progressive.jpg": pillow(smooth("RGB"), quality=95, subsampling=0, progressive=True),
        "cmyk.jpg": pillow(smooth("CMYK"), quality=95),
        "ycck.jpg": ycck,
    }
    for value in range(1, 9):
        files[f"orientation-{value}.jpg"] = oriented(value, "jpg")
    files["orientation-6.png"] = oriented(6, "png")
    files["orientation-8.tiff"] = pillow(Image.fromarray(rgb), tiffinfo={274: 8})
    with open(os.path.join(folder, "expected.txt"), "w", encoding="ascii") as out:
        for name, write in files.items():
            expected = np.ascontiguousarray(write(os.path.join(folder, name)))
            digest = hashlib.sha256(expected.tobytes()).hexdigest()
            out.write(f"{name} {expected.shape[1]} {expected.shape[0]} {digest}\n")
            if name.endswith(".jpg"):
                with open(os.path.join(folder, name + ".rgb"), "wb") as raw:
                    raw.write(expected.tobytes())
    alpha, colour = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    table = over_white(np.stack([colour, colour, colour, alpha], axis=2).astype(np.uint8))
    with open(os.path.join(folder, "over-white.txt"), "w", encoding="ascii") as out:
        out.write(hashlib.sha256(table.tobytes()).hexdigest() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
