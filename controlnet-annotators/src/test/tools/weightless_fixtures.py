"""Writes what the originals of the annotators without weights make of a picture.

Usage: python weightless_fixtures.py FOLDER   (made with OpenCV 4.9.0 and numpy 1.26)

FOLDER holds photo.png of canny_fixtures.py. For WeightlessTest this writes NAME.png, the map of
photo.png with the defaults, and weightless.txt with the SHA-256 digests (R, G, B of all pixels, row
by row) of the maps with other options, of other sizes and of one with hard strokes.
A line is: name, options, kind of picture, its width and height, the map's width and height, digest.

The formulas are those of sd-webui-controlnet (56cec5b), lllyasviel/ControlNet (scribble) and
ControlNet-v1-1-nightly (shuffle), applied to the picture as it is, without their resizing.
"""

import hashlib
import os
import sys

import cv2
import numpy as np

# Beyond the first ones, several cells of the shuffle's grid and several stripes of the blurs.
SIZES = [(1, 1), (1, 9), (9, 1), (2, 3), (17, 5), (64, 64), (97, 61), (192, 128), (530, 300)]
LARGE = (1344, 900)
HARD = [(97, 61), (192, 128)]


def spread(grey):
    return np.repeat(grey[:, :, None], 3, axis=2)


def white_where(condition):
    return spread(np.where(condition, 255, 0).astype(np.uint8))


def invert(rgb):
    return 255 - rgb


def scribble(rgb):
    return white_where(rgb.min(axis=2) < 127)


def threshold(rgb, threshold=127):
    return white_where(rgb.min(axis=2) > threshold)


def binary(rgb, threshold=0):
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    otsu = cv2.THRESH_OTSU if threshold in (0, 255) else 0
    _, split = cv2.threshold(grey, 0 if otsu else threshold, 255, cv2.THRESH_BINARY_INV + otsu)
    return spread(split)


def blur(rgb, sigma=9.0):
    return cv2.GaussianBlur(rgb, (0, 0), sigma)


def scribble_xdog(rgb, threshold=32):
    picture = rgb.astype(np.float32)
    narrow = cv2.GaussianBlur(picture, (0, 0), 0.5)
    wide = cv2.GaussianBlur(picture, (0, 0), 5.0)
    lightness = (255 - np.min(wide - narrow, axis=2)).clip(0, 255).astype(np.uint8)
    doubled = np.uint8(2) * (np.uint8(255) - lightness)  # wraps around, as in the original
    return white_where(doubled > threshold)


def lineart_standard(rgb, sigma=6.0, threshold=8):
    picture = rgb.astype(np.float32)
    wide = cv2.GaussianBlur(picture, (0, 0), sigma)
    intensity = np.min(wide - picture, axis=2).clip(0, 255)
    lines = intensity[intensity > threshold]
    intensity /= max(16, np.median(lines) if lines.size else 0)
    intensity *= 127
    return spread(intensity.clip(0, 255).astype(np.uint8))


def tile_resample(rgb, rate=1.0):
    if rate < 1.1:
        return rgb
    height, width = rgb.shape[:2]
    size = (int(float(width) / rate), int(float(height) / rate))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def tile_colorfix(rgb):
    return rgb


def with_gamma(levels, gamma):
    power = (levels.astype(np.float32) / 255.0) ** gamma
    return spread((power * 255.0).clip(0, 255).astype(np.uint8))


def recolor_luminance(rgb, gamma=1.0):
    return with_gamma(cv2.cvtColor(rgb, cv2.COLOR_BGR2LAB)[:, :, 0], gamma)


def recolor_intensity(rgb, gamma=1.0):
    return with_gamma(cv2.cvtColor(rgb, cv2.COLOR_BGR2HSV)[:, :, 2], gamma)


def noise_disk(height, width, spacing=256):
    noise = np.random.uniform(0, 1, (height // spacing + 2, width // spacing + 2, 1))
    size = (width + 2 * spacing, height + 2 * spacing)
    noise = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    noise = noise[spacing : spacing + height, spacing : spacing + width]
    noise -= noise.min()
    noise /= noise.max()
    return noise


def shuffle(rgb, seed=12345):
    np.random.seed(seed)
    height, width = rgb.shape[:2]
    x = noise_disk(height, width) * float(width - 1)
    y = noise_disk(height, width) * float(height - 1)
    flow = np.stack([x, y], axis=2).astype(np.float32)
    return cv2.remap(rgb, flow, None, cv2.INTER_LINEAR)


OPTIONS = {
    invert: [{}],
    scribble: [{}],
    threshold: [{}] + [{"threshold": t} for t in (0, 60, 200, 255)],
    binary: [{}] + [{"threshold": t} for t in (1, 100, 254, 255)],
    blur: [{}] + [{"sigma": s} for s in (0.01, 0.5, 2.37, 64.0)],
    scribble_xdog: [{}] + [{"threshold": t} for t in (1, 10, 64)],
    lineart_standard: [{}]
    + [{"sigma": s, "threshold": t} for s, t in ((0.01, 8), (0.5, 0), (20.0, 16), (100.0, 3))],
    tile_resample: [{}] + [{"rate": r} for r in (1.09, 1.1, 2.0, 3.7, 8.0)],
    tile_colorfix: [{}],
    recolor_luminance: [{}] + [{"gamma": g} for g in (0.1, 0.5, 1.7, 2.0)],
    recolor_intensity: [{}] + [{"gamma": g} for g in (0.1, 0.5, 1.7, 2.0)],
    shuffle: [{}] + [{"seed": s} for s in (0, 1, 999999999)],
}

# Maps that are one of the photograph's pixels at each place need no picture of their own.
WITHOUT_PICTURE = (invert, tile_colorfix, tile_resample)


def pictures(rgb):
    tiled = np.tile(rgb, (LARGE[1] // rgb.shape[0] + 1, LARGE[0] // rgb.shape[1], 1))
    for width, height in SIZES + [LARGE]:
        yield "photo", np.ascontiguousarray(tiled[:height, :width])
    for width, height in HARD:
        crop = np.where(tiled[:height, :width] < 90, 0, 255).astype(np.uint8)
        crop[:, np.arange(width) % 16 < 2] = 0  # dark enough to make scribble_xdog wrap around
        yield "hard", crop


def drawable(function, options, height, width):
    """The shuffle of one pixel divides 0 by 0; a side of no pixels cannot be resized to.

    The large picture is for the defaults alone, so that the tests are quick.
    """
    if (width, height) == LARGE and options:
        return False
    if function is shuffle:
        return width * height > 1
    return min(width, height) >= options.get("rate", 1)


def main(folder):
    rgb = cv2.imread(os.path.join(folder, "photo.png"))[:, :, ::-1]
    rgb = np.ascontiguousarray(rgb)
    with open(os.path.join(folder, "weightless.txt"), "w", encoding="ascii") as out:
        for function, all_options in OPTIONS.items():
            name = function.__name__
            if function not in WITHOUT_PICTURE:
                cv2.imwrite(os.path.join(folder, name + ".png"), function(rgb)[:, :, ::-1])
            for options in all_options:
                text = ",".join(f"{key}={value}" for key, value in options.items()) or "-"
                for kind, picture in pictures(rgb):
                    height, width = picture.shape[:2]
                    if not drawable(function, options, height, width):
                        continue
                    made = function(picture, **options)
                    digest = hashlib.sha256(np.ascontiguousarray(made).tobytes()).hexdigest()
                    size = f"{made.shape[1]} {made.shape[0]}"
                    out.write(f"{name} {text} {kind} {width} {height} {size} {digest}\n")


if __name__ == "__main__":
    main(sys.argv[1])
