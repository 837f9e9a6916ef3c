"""Writes digests of photographs that Pillow resized, for PillowResizeTest.

Usage: python segment_fixtures.py RESOURCES_FOLDER   (made with Pillow 13.0.0)

resize.txt: the size of a crop of photo.png from its left upper corner, the size that
PIL.Image.resize(..., BILINEAR) brought it to, and the SHA-256 of the result, three bytes a pixel.
"""

import hashlib
import os
import sys

from PIL import Image

SIZES = [
    ((192, 128), (192, 128)),
    ((192, 128), (96, 64)),
    ((192, 128), (240, 160)),
    ((192, 128), (240, 128)),
    ((192, 128), (192, 85)),
    ((191, 127), (61, 200)),
    ((97, 61), (318, 200)),
    ((128, 128), (127, 129)),
    ((150, 101), (7, 5)),
    ((17, 5), (136, 40)),
    ((64, 3), (1, 1)),
    ((1, 9), (3, 31)),
    ((1, 1), (4, 2)),
]


def main(folder):
    photo = Image.open(os.path.join(folder, "photo.png")).convert("RGB")
    with open(os.path.join(folder, "resize.txt"), "w", encoding="ascii") as out:
        for size, resized in SIZES:
            image = photo.crop((0, 0, *size)).resize(resized, Image.BILINEAR)
            digest = hashlib.sha256(image.tobytes()).hexdigest()
            print(*size, *resized, digest, file=out)


if __name__ == "__main__":
    main(sys.argv[1])
