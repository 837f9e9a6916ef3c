"""Writes small networks with the interface of DWPose's two, and the people that come of them.

Usage: python dwpose_fixtures.py RESOURCES_FOLDER
Made with onnx 1.23.2, onnxruntime 1.23.2, numpy 2.4.6, controlnet_aux 0.0.10 and OpenCV 4.10.0; OpenCV 5.0 warps
pictures with other rounding than the 4.9 of the library.

The published networks are not part of the tests. dwpose-boxes.onnx takes and gives what yolox_l.onnx does
([1, 3, 640, 640] to [1, 8400, 85]), dwpose-points.onnx what dw-ll_ucoco_384.onnx does ([people, 3, 384, 288]
to [people, 133, 576] and [people, 133, 768]); their few weights are random, and see local brightness and the
profiles of columns and rows, so that boxes of several strides and classes, also on top of each other,
and points of every score come out. What happens before, between and after them is written down here in numpy from
the description of sd-webui-controlnet at 04df012 (annotator/openpose/cv_ox_det.py, cv_ox_pose.py,
wholebody.py). dwpose.txt has the people in photo.png, four lines for each: body, left hand, right hand,
face, as x,y or -; dwpose.png shows them, drawn by controlnet_aux.
"""

import os
import sys

import cv2
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, save

SIDE = 640
STRIDES = (8, 16, 32)
PEOPLE = 6
LEAST_MARGIN = 2e-4  # so that no rounding decides
WIDTH, HEIGHT = 288, 384
MEAN = np.array([123.675, 116.28, 103.53])
DEVIATION = np.array([58.395, 57.12, 57.375])


def model(name, nodes, inputs, outputs, weights):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in inputs.items()],
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="fixtures")
    made.ir_version = 8
    return made


def boxes_network(bias):
    rng = np.random.default_rng(5)
    nodes, parts = [], []
    weights = {"shape": np.array([1, 85, -1], np.int64)}
    for stride in STRIDES:
        kernel = rng.normal(0, 0.01, (85, 3, 1, 1))
        kernel[0:2] *= 0.5
        kernel[2:4] *= 0.3
        offset = np.concatenate([rng.normal(0.5, 0.2, 2), [1.6, 2.0], [bias], rng.normal(-1, 1, 80)])
        offset[2:4] -= np.log(stride / 12)
        offset -= 110 * kernel.sum((1, 2, 3))  # around grey
        weights[f"w{stride}"], weights[f"b{stride}"] = kernel.astype(np.float32), offset.astype(np.float32)
        nodes += [
            helper.make_node(
                "AveragePool", ["images"], [f"p{stride}"], kernel_shape=[stride, stride], strides=[stride, stride]
            ),
            helper.make_node("Conv", [f"p{stride}", f"w{stride}", f"b{stride}"], [f"c{stride}"]),
            helper.make_node("Reshape", [f"c{stride}", "shape"], [f"r{stride}"]),
        ]
        parts.append(f"r{stride}")
    weights["split"] = np.array([4, 1, 80], np.int64)
    # some cells are surer than others, so that no picture has too many people
    weights["cells"] = rng.normal(0, 2, (1, 1, 8400)).astype(np.float32)
    nodes += [
        helper.make_node("Concat", parts, ["all"], axis=2),
        helper.make_node("Split", ["all", "split"], ["places", "thing", "kinds"], axis=1),
        helper.make_node("Add", ["thing", "cells"], ["things"]),
        helper.make_node("Concat", ["things", "kinds"], ["logits"], axis=1),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Concat", ["places", "scores"], ["columns"], axis=1),
        helper.make_node("Transpose", ["columns"], ["output"], perm=[0, 2, 1]),
    ]
    return model("boxes", nodes, {"images": [1, 3, SIDE, SIDE]}, {"output": [1, 8400, 85]}, weights)


def points_network(seed):
    rng = np.random.default_rng(seed)
    nodes, weights = [], {}
    for name, axis, side in (("simcc_x", 2, WIDTH), ("simcc_y", 3, HEIGHT)):
        kernel = rng.normal(0, 0.16, (2 * 133, 3, 9)).astype(np.float32)
        offset = np.repeat(rng.normal(-0.7, 0.35, 133), 2).astype(np.float32)
        weights |= {f"w_{name}": kernel, f"b_{name}": offset, f"s_{name}": np.array([0, 133, 2, side], np.int64)}
        weights |= {f"t_{name}": np.array([0, 133, 2 * side], np.int64)}
        weights |= {f"o_{name}": rng.normal(0, 0.3, (1, 1, 2 * side)).astype(np.float32)}
        nodes += [
            helper.make_node("ReduceMean", ["input"], [f"m_{name}"], axes=[axis], keepdims=0),
            helper.make_node(
                "Conv", [f"m_{name}", f"w_{name}", f"b_{name}"], [f"c_{name}"], kernel_shape=[9], pads=[4, 4]
            ),
            helper.make_node("Reshape", [f"c_{name}", f"s_{name}"], [f"d_{name}"]),
            helper.make_node("Transpose", [f"d_{name}"], [f"i_{name}"], perm=[0, 1, 3, 2]),
            helper.make_node("Reshape", [f"i_{name}", f"t_{name}"], [f"l_{name}"]),
            helper.make_node("Add", [f"l_{name}", f"o_{name}"], [name]),
        ]
    outputs = {"simcc_x": ["people", 133, 2 * WIDTH], "simcc_y": ["people", 133, 2 * HEIGHT]}
    return model("points", nodes, {"input": ["people", 3, HEIGHT, WIDTH]}, outputs, weights)


def run(network, picture):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(network.SerializeToString(), options, ["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: picture})


def overlaps(box, others):
    """Intersection over union, with pixels counted at both ends."""
    size = np.minimum(box[2:4], others[:, 2:4]) - np.maximum(box[0:2], others[:, 0:2]) + 1
    shared = np.maximum(0, size).prod(1)
    areas = (others[:, 2:4] - others[:, 0:2] + 1).prod(1)
    return shared / ((box[2:4] - box[0:2] + 1).prod() + areas - shared)


def find_boxes(network, photo):
    """Left, top, right and bottom of the people; None when nothing at all was found."""
    height, width = photo.shape[:2]
    ratio = min(SIDE / height, SIDE / width)
    canvas = np.full((SIDE, SIDE, 3), 114, np.uint8)
    rows, columns = int(height * ratio), int(width * ratio)
    canvas[:rows, :columns] = cv2.resize(photo, (columns, rows))
    output = run(network, canvas.transpose(2, 0, 1)[None].astype(np.float32))[0][0]
    cells = []
    for stride in STRIDES:
        y, x = np.divmod(np.arange((SIDE // stride) ** 2), SIDE // stride)
        cells.append(np.stack([x, y, np.full_like(x, stride)], 1))
    cells = np.concatenate(cells)
    centre = ((output[:, :2] + cells[:, :2]) * cells[:, 2:]).astype(np.float32)
    size = np.exp(output[:, 2:4]) * cells[:, 2:].astype(np.float32)
    places = np.concatenate([centre - size / 2, centre + size / 2], 1) / np.float32(ratio)
    scores = output[:, 4:5] * output[:, 5:]
    found = scores > 0.1
    if not found.any():
        return None, {}
    seen = np.flatnonzero(found[:, 0])
    seen = seen[np.argsort(-scores[seen, 0])]
    kept = []
    while len(seen):
        kept.append(seen[0])
        seen = seen[1:][overlaps(places[seen[0]], places[seen[1:]]) <= 0.45]
    people = [at for at in kept if scores[at, 0] > 0.3]
    facts = {"seen": int(found[:, 0].sum()), "kept": len(kept), "strides": cells[people, 2].tolist()}
    return places[people], facts


def find_points(network, photo, boxes):
    """x, y and score of 133 points of each, and by how much each was decided at the least."""
    pictures, centres, sizes = [], [], []
    for left, top, right, bottom in boxes:
        centre = np.array([left + right, top + bottom], np.float32) * np.float32(0.5)
        width, height = np.array([right - left, bottom - top], np.float32) * np.float32(1.25)
        if width > height * np.float32(WIDTH / HEIGHT):
            height = width / np.float32(WIDTH / HEIGHT)
        else:
            width = height * np.float32(WIDTH / HEIGHT)
        source = np.array(
            [centre, centre - (0, width / 2), centre + (-width / 2, -width / 2)], np.float32
        )
        target = np.array(
            [(WIDTH / 2, HEIGHT / 2), (WIDTH / 2, HEIGHT / 2 - WIDTH / 2), (0, HEIGHT / 2 - WIDTH / 2)], np.float32
        )
        part = cv2.warpAffine(photo, cv2.getAffineTransform(source, target), (WIDTH, HEIGHT))
        pictures.append(((part - MEAN) / DEVIATION).transpose(2, 0, 1).astype(np.float32))
        centres.append(centre)
        sizes.append(np.array([width, height]))
    across, down = run(network, np.stack(pictures))
    points = np.zeros((len(boxes), 133, 3))
    points[..., 2] = np.minimum(across.max(2), down.max(2))
    for axis, values in enumerate((across, down)):
        place = np.where(points[..., 2] > 0, values.argmax(2), -1) / 2
        for person in range(len(boxes)):
            side = (WIDTH, HEIGHT)[axis]
            points[person, :, axis] = (
                place[person] / side * sizes[person][axis] + centres[person][axis] - sizes[person][axis] / 2
            )
    best = [np.sort(values, 2)[..., -2:] for values in (across, down)]
    found = points[..., 2] > 0.29
    margin = min((two[..., 1] - two[..., 0])[found].min() for two in best)
    return points, min(margin, np.abs(points[..., 2] - 0.3).min())


BODY = [0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]


def parts(points):
    """Body, left hand, right hand, face: (x, y) or None."""

    def present(some):
        return [None if point[2] < 0.3 else (point[0], point[1]) for point in some]

    body = present([points[0] if at is None else points[at] for at in BODY])
    shoulders = points[[5, 6]]
    body[1] = tuple(shoulders[:, :2].mean(0)) if (shoulders[:, 2] > 0.3).all() else None
    left, right, face = present(points[91:112]), present(points[112:133]), present(points[23:91])
    if any(face):
        face += [body[14], body[15]]
    return [body] + [part if any(part) else [] for part in (left, right, face)]


def main(folder):
    from controlnet_aux.open_pose import util
    from controlnet_aux.open_pose.body import Keypoint

    learned = os.path.join(folder, "learned")
    photo = cv2.imread(os.path.join(folder, "photo.png"))[:, :, ::-1].copy()
    height, width = photo.shape[:2]
    for bias in np.arange(-12, 0, 0.25):
        network = boxes_network(bias)
        boxes, facts = find_boxes(network, photo)
        if boxes is not None and len(boxes) >= PEOPLE:
            break
    print("bias", bias, "boxes", len(boxes), facts)
    for seed in range(1000):
        points = points_network(seed)
        found, margin = find_points(points, photo, boxes)
        if margin > LEAST_MARGIN:
            break
    print("seed", seed, "margin", margin)
    for name, made in (("boxes", network), ("points", points)):
        save(made, os.path.join(learned, f"dwpose-{name}.onnx"))
    people = [parts(person) for person in found]
    canvas = np.zeros((height, width, 3), np.uint8)
    with open(os.path.join(learned, "dwpose.txt"), "w") as out:
        for person in people:
            print([sum(point is not None for point in part) for part in person])
            for part in person:
                out.write(" ".join("-" if p is None else "%r,%r" % (float(p[0]), float(p[1])) for p in part) + "\n")
            shares = [[p and Keypoint(p[0] / width, p[1] / height) for p in part] for part in person]
            canvas = util.draw_bodypose(canvas, shares[0])
            for hand in shares[1:3]:  # which it takes without gaps
                canvas = util.draw_handpose(canvas, [p or Keypoint(-1, -1) for p in hand])
            canvas = util.draw_facepose(canvas, [p for p in shares[3] if p])
    cv2.imwrite(os.path.join(learned, "dwpose.png"), canvas[:, :, ::-1])


if __name__ == "__main__":
    main(sys.argv[1])
