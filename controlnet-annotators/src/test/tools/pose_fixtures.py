"""Writes what OpenPose's reference makes of random weights and of constructed heat maps.

Usage: python pose_fixtures.py RESOURCES_FOLDER [wide]
Made with controlnet_aux 0.0.10, torch 2.7.1, scipy 1.17.1; OpenCV 4.10.0 and 5.0.0 give the same files.

The three networks at full width are listed and compared as learned_fixtures.py does it ("wide").
NAME_narrow.weights are networks of an eighth of the width, of hands of a sixteenth; that of bodies
finds a few in noise. pose-body.png has heat maps and fields of several people that a network could have
found, below each other: 19 heat maps as level / 200, 38 fields as (level - 128) / 100. The people that
the reference reads from them are in pose-body.txt, one a line: x,y of 18 joints, or -. pose-full.png has
these people with what the narrow networks of hands and faces find in photo.png.
"""

import os
import sys

import cv2
import numpy as np
import torch

from learned_fixtures import Case

CHANNELS = (64, 128, 256, 512)


def narrow(module, times):
    for name, child in module.named_children():
        if isinstance(child, torch.nn.Conv2d):
            ins, outs = child.in_channels, child.out_channels
            if ins in CHANNELS:
                ins //= times
            elif ins > 128:
                ins = ins - 128 + 128 // times
            outs = outs // times if outs in CHANNELS else outs
            setattr(
                module, name, torch.nn.Conv2d(ins, outs, child.kernel_size, child.stride, child.padding)
            )
        else:
            narrow(child, times)
    return module


def last(name):
    return name.split(".", 1)[1]


def networks(folder, suffix, change, known):
    from controlnet_aux.open_pose.face import FaceNet
    from controlnet_aux.open_pose.model import bodypose_model, handpose_model

    return {
        name: Case(folder, name + suffix).fill(
            change(name, build()), rename=rename, known=known.get(name, {})
        )
        for name, build, rename in (
            ("openpose", bodypose_model, last),
            ("openpose_hand", handpose_model, last),
            ("openpose_face", FaceNet, lambda name: name),
        )
    }


def detector(body, hand=None, face=None):
    from controlnet_aux.open_pose import OpenposeDetector
    from controlnet_aux.open_pose.body import Body
    from controlnet_aux.open_pose.face import Face, params
    from controlnet_aux.open_pose.hand import Hand

    parts = []
    for kind, model in ((Body, body), (Hand, hand), (Face, face)):
        part = kind.__new__(kind)
        part.model = model
        parts.append(part)
    parts[2].sigma, parts[2].threshold = params["gaussian_sigma"], params["heatmap_peak_thresh"]
    return OpenposeDetector(*parts)


def draw_10(people, height, width):
    """Bodies as annotator/openpose/util.py of lllyasviel/ControlNet 1.0 draws them."""
    import math

    colours = [tuple(colour) for colour in COLOURS]
    canvas = np.zeros((height, width, 3), np.uint8)
    for part in range(18):
        for person in people:
            if person[part] is not None:
                cv2.circle(canvas, tuple(map(int, person[part])), 4, colours[part], thickness=-1)
    for limb, (start, end) in enumerate(LIMBS):
        for person in people:
            if person[start] is None or person[end] is None:
                continue
            (x1, y1), (x2, y2) = person[start], person[end]
            above = canvas.copy()
            angle = math.degrees(math.atan2(y1 - y2, x1 - x2))
            polygon = cv2.ellipse2Poly(
                (int((x1 + x2) / 2), int((y1 + y2) / 2)),
                (int(math.sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2) / 2), 4),
                int(angle),
                0,
                360,
                1,
            )
            cv2.fillConvexPoly(above, polygon, colours[limb])
            canvas = cv2.addWeighted(canvas, 0.4, above, 0.6, 0)
    return canvas


COLOURS = [
    [255, 0, 0], [255, 85, 0], [255, 170, 0], [255, 255, 0], [170, 255, 0], [85, 255, 0],
    [0, 255, 0], [0, 255, 85], [0, 255, 170], [0, 255, 255], [0, 170, 255], [0, 85, 255],
    [0, 0, 255], [85, 0, 255], [170, 0, 255], [255, 0, 255], [255, 0, 170], [255, 0, 85],
]
LIMBS = [
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12),
    (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
]
FIELDS = [12, 20, 14, 16, 22, 24, 0, 2, 4, 6, 8, 10, 28, 30, 34, 32, 36, 18, 26]
FIGURE = [
    (0, -9), (0, -7), (-2, -7), (-3.2, -4), (-3, -1), (2, -7), (3.1, -4.2), (4.5, -2), (-1.2, -1),
    (-1.4, 3), (-1.5, 7), (1.2, -1), (1.5, 3.2), (1.3, 7), (-0.5, -9.6), (0.6, -9.5), (-1.2, -9.3),
    (1.3, -9.2),
]


def constructed(rows, columns):
    """Three people, of whom the second lacks an arm and the third overlaps the first."""
    rng = np.random.default_rng(11)
    y, x = np.mgrid[:rows, :columns].astype(np.float64)
    heat = np.zeros((19, rows, columns))
    fields = np.zeros((38, rows, columns))
    limbs = LIMBS + [(2, 16), (5, 17)]
    for centre, size, missing in (((9.3, 12.2), 1.0, ()), ((24.7, 11.6), 0.93, (6, 7, 17)), ((33.1, 12.9), 0.85, (10,))):
        points = [
            None
            if part in missing
            else (centre[0] + size * dx + rng.normal(0, 0.15), centre[1] + size * dy + rng.normal(0, 0.15))
            for part, (dx, dy) in enumerate(FIGURE)
        ]
        for part, point in enumerate(points):
            if point is not None:
                peak = 0.95 * np.exp(-((x - point[0]) ** 2 + (y - point[1]) ** 2) / 1.6)
                heat[part] = np.maximum(heat[part], peak)
        for limb, (start, end) in enumerate(limbs):
            if points[start] is None or points[end] is None:
                continue
            a, b = np.array(points[start]), np.array(points[end])
            length = np.hypot(*(b - a))
            unit = (b - a) / length
            along = (x - a[0]) * unit[0] + (y - a[1]) * unit[1]
            across = np.abs((x - a[0]) * unit[1] - (y - a[1]) * unit[0])
            near = (along > -0.8) & (along < length + 0.8) & (across < 0.9)
            for axis in range(2):
                fields[FIELDS[limb] + axis][near] = unit[axis] * 0.9
    heat += rng.uniform(0, 0.015, heat.shape)
    levels = np.concatenate([np.rint(heat * 200), np.rint(fields * 100 + 128)])
    return np.clip(levels, 0, 255).astype(np.uint8)


ROWS, COLUMNS, HEIGHT, WIDTH = 23, 44, 184, 352


def constructed_network(folder=None):
    """A network that finds these people in every picture; its output is stored in the folder."""
    levels = constructed(ROWS, COLUMNS)
    if folder:
        cv2.imwrite(os.path.join(folder, "learned", "pose-body.png"), levels.reshape(-1, COLUMNS))
    heat = torch.from_numpy(levels[:19].astype(np.float32) / np.float32(200))[None]
    fields = torch.from_numpy((levels[19:].astype(np.float32) - 128) / np.float32(100))[None]

    class Constructed(torch.nn.Linear):
        def forward(self, picture):
            assert picture.shape[2:] == (8 * ROWS, 8 * COLUMNS), picture.shape
            return fields, heat

    return Constructed(1, 1)


def full(folder, hand, face):
    """The constructed people with hands and faces."""
    from controlnet_aux.open_pose import draw_poses

    photo = Case(folder, "pose").photo(f"{WIDTH}x{HEIGHT}")
    poses = detector(constructed_network(), hand, face).detect_poses(photo, True, True)
    for pose in poses:
        hands = [hand and sum(point.x > 0 for point in hand) for hand in (pose.left_hand, pose.right_hand)]
        print("points of hands", hands, "of the face", pose.face and len(pose.face))
    canvas = draw_poses(poses, HEIGHT, WIDTH)
    cv2.imwrite(os.path.join(folder, "learned", "pose-full.png"), canvas[:, :, ::-1])


def body(folder):
    rows, columns, height, width = ROWS, COLUMNS, HEIGHT, WIDTH
    poses = detector(constructed_network(folder)).detect_poses(np.zeros((height, width, 3), np.uint8))
    print("people", len(poses), [int(pose.body.total_parts) for pose in poses])
    people = [
        [None if point is None else (point.x * width, point.y * height) for point in pose.body.keypoints]
        for pose in poses
    ]
    with open(os.path.join(folder, "learned", "pose-body.txt"), "w") as out:
        for person in people:
            out.write(" ".join("-" if point is None else "%r,%r" % (float(point[0]), float(point[1])) for point in person) + "\n")
    from controlnet_aux.open_pose import draw_poses

    for name, canvas in (("1.1", draw_poses(poses, height, width)), ("1.0", draw_10(people, height, width))):
        cv2.imwrite(os.path.join(folder, "learned", f"pose-body-{name}.png"), canvas[:, :, ::-1])


def wide_networks(folder):
    known = {"openpose": {"Mconv7_stage6_L2.bias": (0.3, 0.1)}}
    wide = networks(folder, "", lambda name, module: module, known)
    for name, network in wide.items():
        case = Case(folder, name)
        case.outputs("64x64", OUTPUTS[name](network))


OUTPUTS = {
    "openpose": lambda network: network,
    "openpose_hand": lambda network: lambda picture: [network(picture)],
    "openpose_face": lambda network: lambda picture: network(picture)[-1:],
}


def main(folder, parts):
    if "wide" in parts:
        wide_networks(folder)
    body(folder)
    known = {
        "openpose": {
            "Mconv7_stage6_L1.bias": (0, 1.0),
            "Mconv7_stage6_L2.bias": (-0.17, 0.05),
            "Mconv7_stage6_L1.weight": (0, 0.1),
            "Mconv7_stage6_L2.weight": (0, 0.25),
        },
        "openpose_hand": {"Mconv7_stage6.bias": (0.1, 0.1), "Mconv7_stage6.weight": (0, 1.5)},
    }
    times = {"openpose": 8, "openpose_hand": 16, "openpose_face": 8}
    thin = networks(folder, "_narrow", lambda name, module: narrow(module, times[name]), known)
    full(folder, thin["openpose_hand"], thin["openpose_face"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or ["wide"])
