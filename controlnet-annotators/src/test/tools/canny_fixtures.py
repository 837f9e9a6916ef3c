"""Writes a small photograph-like picture and what cv2.Canny makes of it, for CannyTest.

Usage: python canny_fixtures.py OUTPUT_FOLDER   (made with OpenCV 4.9.0 and numpy 1.26)

photo.png, and for each pair of thresholds canny-LOW-HIGH.png. Also canny.txt with SHA-256 digests
of the edges (one byte a pixel) of other sizes: crops of the picture from its left upper corner.
"""

import hashlib
import os
import sys

import cv2
import numpy as np

THRESHOLDS = [(100, 200), (1, 255), (50, 60), (200, 100), (255, 255), (1, 1)]
SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (17, 5), (64, 64), (97, 61), (191, 127)]


def photo(width=192, height=128):
    """Shapes with shading and texture of several scales, different in each channel."""
    rng = np.random.default_rng(20)
    image = np.zeros((height, width, 3), np.float64)
    for scale in (4, 8, 16, 32, 64):
        noise = rng.normal(0, 6 + scale * 0.5, (height // scale + 3, width // scale + 3, 3))
        big = cv2.resize(noise, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        image += big[:height, :width]
    image += 120
    cv2.circle(image, (60, 60), 34, (200, 90, 40), -1)
    cv2.rectangle(image, (110, 20), (170, 100), (60, 120, 210), -1)
    cv2.line(image, (5, 120), (185, 8), (250, 250, 250), 3)
    image += rng.normal(0, 9, image.shape)
    return cv2.GaussianBlur(np.clip(image, 0, 255), (0, 0), 0.7).astype(np.uint8)


def main(folder):
    rgb = photo()
    cv2.imwrite(os.path.join(folder, "photo.png"), rgb[:, :, ::-1])
    for low, high in THRESHOLDS:
        cv2.imwrite(os.path.join(folder, f"canny-{low}-{high}.png"), cv2.Canny(rgb, low, high))
    with open(os.path.join(folder, "canny.txt"), "w", encoding="ascii") as out:
        for width, height in SIZES:
            crop = np.ascontiguousarray(rgb[:height, :width])
            for low, high in THRESHOLDS:
                digest = hashlib.sha256(cv2.Canny(crop, low, high).tobytes()).hexdigest()
                out.write(f"{width} {height} {low} {high} {digest}\n")


if __name__ == "__main__":
    main(sys.argv[1])
