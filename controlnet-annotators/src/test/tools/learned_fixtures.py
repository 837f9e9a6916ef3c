"""Writes what the reference's networks and annotators make of random weights, for LearnedTest.

Usage: python learned_fixtures.py RESOURCES_FOLDER [NAME ...]
Made with controlnet_aux 0.0.10, torch 2.7.1, transformers 4.57.1, timm 1.0.31, OpenCV 4.10.0.

Weights are not stored. NAME.weights lists them as the published file does: name, shape, mean and
standard deviation; each tensor is drawn by torch's generator with the CRC-32 of its name as the
seed, 65521 values at most, then repeated. NAME.outputs has what the network makes of photo.png
(R, G, B as level / 255): shape, step, every step-th value. maps.txt lists whole maps: annotator,
weights, part of the photograph, options, file, least number of levels in it.

manga_line, uniformer and the maps of seg_ofade20k and seg_ofcoco are not written here, since PyPI has no reference for
them; docs/annotators.md says where they came from.
"""

import math
import os
import re
import sys
import zlib

import cv2
import numpy as np
import torch

BLOCK = 65521
VALUES = 400
REFERENCES = {}
torch.set_grad_enabled(False)


def reference(function):
    REFERENCES[function.__name__] = function
    return function


def draw(name, shape, mean, deviation):
    count = math.prod(shape)
    generator = torch.Generator("cpu").manual_seed(zlib.crc32(name.encode()))
    block = torch.randn(min(count, BLOCK), generator=generator)
    values = block.repeat(-(-count // BLOCK))[:count].reshape(shape)
    return torch.tensor(mean, dtype=torch.float32) + torch.tensor(deviation) * values


def distribution(name, tensor, gain, known):
    """Mean and deviation that keep activations of ReLU networks at their size."""
    for ending, values in known.items():
        if name.endswith(ending):
            return values
    last = name.split(".")[-1]
    if last == "running_var":
        return 1.0, 0.1
    if tensor.ndim < 2:
        return (1.0, 0.1) if last == "weight" else (0.0, 0.1)
    return 0.0, gain / math.sqrt(math.prod(tensor.shape[1:]))


class Case:
    """One set of weights and what is made of it."""

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, "learned")
        self.name = name
        self.picture = cv2.imread(os.path.join(folder, "photo.png"))[:, :, ::-1]
        self.maps = []

    def beside(self, name):
        return Case(os.path.dirname(self.folder), name)

    def photo(self, size):
        width, height = map(int, size.split("x"))
        return np.ascontiguousarray(np.tile(self.picture, (9, 9, 1))[:height, :width])

    def fill(self, module, prefix="", gain=math.sqrt(2), known=None, rename=lambda name: name):
        """Draws a module's weights and lists them as prefix + rename(name)."""
        state = {}
        lines = []
        for name, tensor in module.state_dict().items():
            if not tensor.is_floating_point():
                state[name] = tensor
                continue
            mean, deviation = distribution(name, tensor, gain, known or {})
            # as a float32 prints, so that Java reads the same
            mean, deviation = float(np.float32(mean)), float(f"{deviation:.6g}")
            full = prefix + rename(name)
            state[name] = draw(full, tensor.shape, mean, deviation)
            shape = "x".join(map(str, tensor.shape))
            lines.append(f"{full} {shape} {mean:.6g} {deviation:.6g}")
        module.load_state_dict(state)
        module.eval()
        self.write(self.name + ".weights", lines)
        return module

    def outputs(self, size, network):
        rgb = self.photo(size).astype(np.float32) / 255
        outputs = network(torch.from_numpy(rgb).permute(2, 0, 1)[None])
        lines = [size]
        for output in outputs:
            flat = output.contiguous().reshape(-1).numpy()
            step = max(1, len(flat) // VALUES)
            if step % 2 == 0:
                step += 1
            values = " ".join(f"{value:.7g}" for value in flat[::step])
            lines.append(f"{'x'.join(map(str, output.shape))} {step} {values}")
            print(self.name, output.shape, "mean", flat.mean(), "deviation", flat.std())
        self.write(self.name + ".outputs", lines)

    def map(self, annotator, size, options, picture, levels=100, preview=False):
        """Notes a map; picture is RGB or grey."""
        picture = np.asarray(picture)
        if preview:
            picture = 255 - picture
        there = min(len(np.unique(channel)) for channel in np.moveaxis(np.atleast_3d(picture), 2, 0))
        print(self.name, annotator, options, "levels", there)
        assert there >= levels, there
        if picture.ndim == 3 and (picture == picture[:, :, :1]).all():
            picture = picture[:, :, 0]
        suffix = "" if options == "-" else "-" + options.replace("=", "_").replace(",", "-")
        file = annotator + suffix + ".png"
        bgr = picture if picture.ndim == 2 else picture[:, :, ::-1]
        cv2.imwrite(os.path.join(self.folder, file), bgr)
        self.maps.append(f"{annotator} {self.name} {size} {options} {file} {levels}")

    def write(self, file, lines):
        with open(os.path.join(self.folder, file), "w") as out:
            out.write("\n".join(lines) + "\n")


def side(size):
    """The detect resolution at which the reference leaves a picture as it is."""
    return min(map(int, size.split("x")))


@reference
def hed(case):
    from controlnet_aux.hed import ControlNetHED_Apache2, HEDdetector

    known = {"norm": (110, 10), "block1.convs.0.weight": (0, 0.27)}
    for block, deviation in zip("12345", (0.03, 0.02, 0.016, 0.012, 0.008)):
        known[f"block{block}.projection.weight"] = (0, deviation)
    network = case.fill(ControlNetHED_Apache2(), known=known)
    case.outputs("64x64", network)
    size = "192x128"
    detector = HEDdetector(network)
    for annotator, options, arguments, levels in (
        ("hed", "-", {}, 100),
        ("hed", "safe=true", {"safe": True}, 3),
        ("scribble_hed", "-", {"scribble": True}, 2),
    ):
        picture = detector(case.photo(size), side(size), side(size), output_type="np", **arguments)
        case.map(annotator, size, options, picture, levels)


@reference
def pidinet(case):
    from controlnet_aux.pidi import PidiNetDetector
    from controlnet_aux.pidi.model import pidinet as build

    network = case.fill(build(), prefix="module.", known={"classifier.weight": (0.25, 3)})
    case.outputs("64x64", lambda picture: network(picture)[-1:])
    size = "192x128"
    detector = PidiNetDetector(network)
    for annotator, options, arguments, levels in (
        ("pidinet", "-", {}, 100),
        ("pidinet", "safe=true", {"safe": True}, 3),
        ("pidinet", "binary=true", {"apply_filter": True}, 2),
        ("scribble_pidinet", "-", {"scribble": True}, 2),
    ):
        picture = detector(case.photo(size), side(size), side(size), output_type="np", **arguments)
        case.map(annotator, size, options, picture, levels)


@reference
def lineart(case):
    from controlnet_aux.lineart import Generator, LineartDetector

    network = case.fill(Generator(3, 1, 3), known={"model4.1.weight": (0, 0.025)})
    case.outputs("64x64", lambda picture: [network(picture)])
    size = "128x64"
    detector = LineartDetector(network, network)
    for annotator, coarse in (("lineart", False), ("lineart_coarse", True)):
        picture = detector(case.photo(size), coarse, side(size), side(size), output_type="np")
        case.map(annotator, size, "-", picture)


@reference
def lineart_anime(case):
    import functools

    from controlnet_aux.lineart_anime import LineartAnimeDetector, UnetGenerator

    norm = functools.partial(torch.nn.InstanceNorm2d, affine=False, track_running_stats=False)
    network = case.fill(
        UnetGenerator(3, 1, 8, 64, norm_layer=norm), prefix="module.", known={"model.model.3.weight": (0, 0.02)}
    )
    case.outputs("256x256", lambda picture: [network(picture)])
    size = "192x128"
    picture = LineartAnimeDetector(network)(case.photo(size), side(size), side(size), output_type="np")
    case.map("lineart_anime", size, "-", picture)


@reference
def mlsd(case):
    from controlnet_aux.mlsd import MLSDdetector
    from controlnet_aux.mlsd.models.mbv2_mlsd_large import MobileV2_MLSD_Large
    from controlnet_aux.mlsd.utils import pred_lines

    network = case.fill(MobileV2_MLSD_Large(), known={"block23.conv3.weight": (0, 0.08)})
    ones = torch.full((1, 1, 64, 64), float(np.float32(1) / np.float32(127.5) - np.float32(1)))
    case.outputs("64x64", lambda picture: [network(torch.cat([picture, ones], 1))])
    size = "128x128"
    picture = MLSDdetector(network)(case.photo(size), 0.1, 0.1, side(size), side(size), output_type="np")
    case.map("mlsd", size, "-", picture, 2)

    # lines that a network could have found: y, x, logit, start x and y, end x and y
    rng = np.random.default_rng(5)
    output = np.zeros((1, 9, 64, 96), np.float32)
    output[0, 0] = rng.uniform(-9, -7, (64, 96))
    lines = []
    for _ in range(24):
        y, x = int(rng.integers(4, 60)), int(rng.integers(4, 92))
        logit = float(np.float32(rng.uniform(-4, 4)))
        ends = np.float32(rng.normal(0, 14, 4))
        output[0, 0, y, x] = logit
        output[0, 1:5, y, x] = ends
        lines.append(f"{y} {x} {logit!r} " + " ".join(repr(float(end)) for end in ends))

    class Constructed(torch.nn.Linear):
        def forward(self, picture):
            return torch.from_numpy(output)

    case.write("mlsd.lines", lines)
    for score, distance in ((0.1, 0.1), (0.5, 12.0)):
        picture = np.zeros((128, 192), np.uint8)
        for line in pred_lines(np.zeros((128, 192, 3), np.uint8), Constructed(1, 1), [128, 192], score, distance):
            start_x, start_y, end_x, end_y = (int(value) for value in line)
            cv2.line(picture, (start_x, start_y), (end_x, end_y), [255, 255, 255], 1)
        print("mlsd lines", (picture > 0).sum())
        cv2.imwrite(os.path.join(case.folder, f"mlsd-lines-{score}-{distance}.png"), picture)


class AuthorsLayout:
    """A model of transformers under its authors' names, who keep some layers' queries, keys and values together."""

    def __init__(self, model, names, stacked):
        """names: pairs of a pattern and what takes its place; stacked: patterns of the names of three layers, of which
        the first gives the authors' name."""
        self.model = model
        self.names = names
        self.stacked = stacked

    def authors(self, name):
        for theirs, authors in self.names:
            name = re.sub(theirs, authors, name)
        return name

    def place(self, name):
        """The authors' name, which of the three it is, or None, and all three."""
        for layers in self.stacked:
            for number, layer in enumerate(layers):
                if layer in name:
                    three = [name.replace(layer, other) for other in layers]
                    return self.authors(three[0]), number, three
        return self.authors(name), None, []

    def state_dict(self):
        state = {}
        theirs = self.model.state_dict()
        for name, tensor in theirs.items():
            authors, number, three = self.place(name)
            if number is None:
                state[authors] = tensor
            elif number == 0:
                state[authors] = torch.cat([theirs[one] for one in three])
        return state

    def load_state_dict(self, state):
        theirs = {}
        for name in self.model.state_dict():
            authors, number, _ = self.place(name)
            theirs[name] = state[authors] if number is None else state[authors].chunk(3)[number]
        self.model.load_state_dict(theirs)

    def eval(self):
        self.model.eval()


DEPTH_ANYTHING = (
    (r"^backbone\.embeddings\.cls_token", "pretrained.cls_token"),
    (r"^backbone\.embeddings\.mask_token", "pretrained.mask_token"),
    (r"^backbone\.embeddings\.position_embeddings", "pretrained.pos_embed"),
    (r"^backbone\.embeddings\.patch_embeddings\.projection", "pretrained.patch_embed.proj"),
    (r"^backbone\.encoder\.layer", "pretrained.blocks"),
    (r"^backbone\.layernorm", "pretrained.norm"),
    (r"attention\.attention\.query", "attn.qkv"),
    (r"attention\.output\.dense", "attn.proj"),
    (r"layer_scale(\d)\.lambda1", r"ls\1.gamma"),
    (r"^neck\.reassemble_stage\.layers\.(\d)\.projection", r"depth_head.projects.\1"),
    (r"^neck\.reassemble_stage\.layers\.(\d)\.resize", r"depth_head.resize_layers.\1"),
    (r"^neck\.convs\.(\d)", lambda found: f"depth_head.scratch.layer{int(found[1]) + 1}_rn"),
    (r"^neck\.fusion_stage\.layers\.(\d)", lambda found: f"depth_head.scratch.refinenet{4 - int(found[1])}"),
    (r"(refinenet\d)\.projection", r"\1.out_conv"),
    (r"residual_layer(\d)\.convolution(\d)", r"resConfUnit\1.conv\2"),
    (r"^head\.conv1", "depth_head.scratch.output_conv1"),
    (r"^head\.conv2", "depth_head.scratch.output_conv2.0"),
    (r"^head\.conv3", "depth_head.scratch.output_conv2.2"),
)
TRANSFORMERS_ATTENTION = (".query.", ".key.", ".value.")


def depth_anything_model(size, version):
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    width, blocks, features, channels, stages = {
        "small": (384, 12, 64, [48, 96, 192, 384], [3, 6, 9, 12]),
        "base": (768, 12, 128, [96, 192, 384, 768], [3, 6, 9, 12]),
        "large": (1024, 24, 256, [256, 512, 1024, 1024], [5, 12, 18, 24]),
    }[size]
    if version == 1:
        stages = [blocks - 3, blocks - 2, blocks - 1, blocks]
    backbone = Dinov2Config(
        image_size=518,
        patch_size=14,
        hidden_size=width,
        num_hidden_layers=blocks,
        num_attention_heads=width // 64,
        out_indices=stages,
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=width,
        neck_hidden_sizes=channels,
        fusion_hidden_size=features,
    )
    return DepthAnythingForDepthEstimation(config)


def depth_anything_map(model, picture, size):
    """As sd-webui-controlnet, for RGB."""
    from controlnet_aux.midas.midas.transforms import Resize

    height, width = picture.shape[:2]
    resize = Resize(
        size,
        size,
        resize_target=False,
        keep_aspect_ratio=True,
        ensure_multiple_of=14,
        resize_method="lower_bound",
        image_interpolation_method=cv2.INTER_CUBIC,
    )
    image = cv2.resize(picture / 255.0, resize.get_size(width, height), interpolation=cv2.INTER_CUBIC)
    image = (image - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    depth = model(torch.from_numpy(image).float().permute(2, 0, 1)[None]).predicted_depth
    depth = torch.nn.functional.interpolate(depth[None], (height, width), mode="bilinear")[0, 0]
    depth = (depth - depth.min()) / (depth.max() - depth.min()) * 255.0
    return depth.numpy().astype(np.uint8)


DINO = {
    "cls_token": (0, 0.5),
    "pos_embed": (0, 0.5),
    "position_embeddings": (0, 0.5),
    "gamma": (0.3, 0.1),
    "lambda1": (0.3, 0.1),
    # most of what is activated last must not be negative
    "head.conv3.weight": (0.1, 0.1),
    "output_conv2.2.weight": (0.1, 0.1),
}


def depth_anything_case(case, size, version, authors):
    model = depth_anything_model(size, version)
    layout = AuthorsLayout(model, DEPTH_ANYTHING, [TRANSFORMERS_ATTENTION]) if authors else model
    case.fill(layout, gain=1, known=DINO)
    case.outputs("70x56", lambda picture: [model(picture).predicted_depth[:, None]])
    return model


@reference
def depth_anything(case):
    model = depth_anything_case(case, "small", 1, False)
    size = "192x128"
    case.map("depth_anything", size, "input_size=140", depth_anything_map(model, case.photo(size), 140))


@reference
def depth_anything_v2(case):
    model = depth_anything_case(case, "small", 2, True)
    size = "96x128"
    case.map("depth_anything_v2", size, "-", depth_anything_map(model, case.photo(size), 518))


@reference
def depth_anything_base(case):
    depth_anything_case(case, "base", 1, True)


@reference
def depth_anything_v2_large(case):
    depth_anything_case(case, "large", 2, False)


@reference
def teed(case):
    from controlnet_aux.anyline import AnylineDetector
    from controlnet_aux.teed import TEEDdetector
    from controlnet_aux.teed.ted import TED

    known = {f"up_block_{block}.features.{2 if block < 3 else 5}.weight": (0, 2) for block in (1, 2, 3)}
    network = case.fill(TED(), known=known)
    case.outputs("64x64", network)
    size = "192x128"
    for options, steps, levels in (("safe_steps=0", 0, 100), ("-", 2, 3), ("safe_steps=7", 7, 8)):
        picture = TEEDdetector(network)(case.photo(size), side(size), steps, output_type="np")
        case.map("teed", size, options, picture, levels)
    for options, sigma, threshold in (("-", 2.0, 3), ("sigma=5.5,threshold=9", 5.5, 9)):
        picture = AnylineDetector(network)(case.photo(size), side(size), sigma, threshold, output_type="np")
        case.map("anyline", size, options, picture)


def eighth(line):
    """The weight that takes its place in a network of an eighth of the width."""
    name, shape, mean, deviation = line.split(" ")
    sides = [int(side) // 8 if int(side) >= 8 else int(side) for side in shape.split("x")]
    if len(sides) > 1:
        deviation = f"{float(deviation) * math.sqrt(8):.6g}"
    return f"{name} {'x'.join(map(str, sides))} {mean} {deviation}"


@reference
def depth_leres(case):
    from controlnet_aux.leres import LeresDetector
    from controlnet_aux.leres.leres.multi_depth_model_woauxi import RelDepthModel

    known = {"bn3.weight": (0.3, 0.05), "adapt_conv.3.weight": (0, 0.05)}
    network = case.fill(RelDepthModel(backbone="resnext101"), prefix="module.", known=known)
    with open(os.path.join(case.folder, "depth_leres.weights")) as weights:
        narrow = [eighth(line) for line in weights.read().splitlines()]
    # an eighth of the width, for what only needs some network
    case.write("depth_leres_narrow.weights", narrow)
    case.outputs("64x64", lambda picture: [network.depth_model(picture)])
    size = "128x64"
    for options, near, background in (("-", 0, 0), ("remove_near=20,remove_background=30", 20, 30)):
        detector = LeresDetector(network, None)
        picture = detector(case.photo(size), near, background, False, side(size), side(size), output_type="np")
        case.map("depth_leres", size, options, picture)
    size = "192x128"
    detector = LeresDetector(network, merging(depth_merge_narrow(case.beside("depth_merge_narrow"))))
    picture = detector(case.photo(size), 0, 0, True, side(size), side(size), output_type="np")
    case.map("depth_leres_boosted", size, "merge_model=depth_merge_narrow", picture)


def merge_network(case, width):
    """The second network of the boost, which has no norms, so its weights must keep its values at their size."""
    from controlnet_aux.leres.pix2pix.models.networks import define_G

    network = define_G(2, 1, width, "unet_1024", "none", False, "normal", 0.02, [])
    known = {}
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.ConvTranspose2d):
            # of 16 places of the kernel, 4 meet each pixel
            known[name + ".weight"] = (0, math.sqrt(2 / (4 * module.in_channels)))
    known["model.model.3.weight"] = (0, 0.25 / math.sqrt(width))
    return case.fill(network, known=known)


def merging(network):
    from controlnet_aux.leres.pix2pix.models.pix2pix4depth_model import Pix2Pix4DepthModel
    from controlnet_aux.leres.pix2pix.options.test_options import TestOptions

    options = TestOptions().parse()
    options.gpu_ids = []
    model = Pix2Pix4DepthModel(options)
    model.netG = network
    return model


@reference
def depth_merge(case):
    network = merge_network(case, 64)
    case.outputs("1024x1024", lambda picture: [network(picture[:, :2])])


@reference
def depth_merge_narrow(case):
    return merge_network(case, 8)


@reference
def boost(case):
    """The steps around the networks, with simple functions in the places of these.

    boost.txt has for each photograph its size, the columns and rows with edges (the rest is smooth), scale and offset
    of what the second function gives, the resolution, the share of places near edges, and, where parts are looked at,
    the factor, the size in which they are sought, and x, y and side of each. The map has every fourth pixel.
    """
    import importlib

    from controlnet_aux.leres import LeresDetector

    depthmap = importlib.import_module("controlnet_aux.leres.leres.depthmap")

    class Depth(torch.nn.Linear):
        def depth_model(self, picture):
            mean = picture[0].numpy().mean(0)
            smooth = cv2.GaussianBlur(mean, (31, 31), 5) + 0.3 * cv2.GaussianBlur(mean, (5, 5), 1)
            return torch.from_numpy(smooth + np.linspace(0, 200, len(mean), dtype=np.float32)[:, None])[None, None]

    class Merge(torch.nn.Module):
        def forward(self, both):
            coarse, fine = both[0].numpy()
            merged = np.tanh(0.8 * coarse + 0.7 * (fine - cv2.blur(fine, (61, 61))))
            return torch.from_numpy(scale * merged + offset)[None, None]

    notes = []

    def note(name, words):
        function = getattr(depthmap, name)

        def noting(*arguments):
            result = function(*arguments)
            notes.extend(words(arguments, result))
            return result

        setattr(depthmap, name, noting)

    note("calculateprocessingres", lambda arguments, result: [result[0], repr(float(result[1]))])
    note(
        "generatepatchs",
        lambda arguments, result: [repr(float(depthmap.factor)), arguments[0].shape[1], arguments[0].shape[0]]
        + [f"{patch['rect'][0]},{patch['rect'][1]},{patch['rect'][2]}" for _, patch in result],
    )
    lines = []
    for size, columns, rows, scale, offset in (
        ("192x128", 192, 128, 1.0, 0.0),
        ("512x448", 512, 448, 1.0, 0.0),
        ("448x512", 448, 128, 1.0, 0.0),
        ("640x448", 200, 448, 0.5, 0.25),
    ):
        notes.clear()
        photo = case.photo(size)
        height, width = photo.shape[:2]
        y, x = np.mgrid[:height, :width]
        smooth = np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], 2)
        edgeless = (x >= columns) | (y >= rows)
        photo[edgeless] = smooth[edgeless]
        detector = LeresDetector(Depth(1, 1), merging(Merge()))
        picture = detector(photo, 0, 0, True, side(size), side(size), output_type="np")
        cv2.imwrite(os.path.join(case.folder, f"boost-{size}.png"), picture[::4, ::4, 0])
        lines.append(" ".join(map(str, [size, columns, rows, scale, offset, *notes])))
        print(lines[-1], "levels", len(np.unique(picture)))
    case.write("boost.txt", lines)


@reference
def normal_bae(case):
    import types

    from controlnet_aux.normalbae import NormalBaeDetector
    from controlnet_aux.normalbae.nets.NNET import NNET

    arguments = types.SimpleNamespace(architecture="BN", sampling_ratio=0.4, importance_ratio=0.7)
    known = {"out_conv_res1.0.weight": (0, 0.3), "out_conv_res1.6.bias": (0, 0.001)}
    # with a gain of 1.4 even the reference differs in float32 and float64
    network = case.fill(NNET(arguments), prefix="module.", gain=1.2, known=known)
    case.outputs("64x64", lambda picture: network(picture)[0][-1:])
    size = "128x64"
    picture = NormalBaeDetector(network)(case.photo(size), side(size), side(size), output_type="np")
    case.map("normal_bae", size, "-", picture)


@reference
def midas(case):
    from controlnet_aux.midas import MidasDetector
    from controlnet_aux.midas.midas.dpt_depth import DPTDepthModel

    known = {"cls_token": (0, 0.5), "pos_embed": (0, 0.5), "output_conv.4.weight": (1, 1)}
    network = case.fill(DPTDepthModel(backbone="vitb_rn50_384"), gain=1, known=known)
    with open(os.path.join(case.folder, "midas.weights")) as weights:
        short = [line for line in weights.read().splitlines() if not re.search(r"model\.blocks\.([4-9]|1\d)\.", line)]
    # fewer blocks, for what only needs some network
    case.write("midas_short.weights", short)
    case.outputs("128x64", lambda picture: [network(picture)[:, None]])
    size = "192x128"
    detector = MidasDetector(network)
    for options, arguments in (("-", {}), ("a=3.5,bg_threshold=0.4", {"a": 3.5, "bg_th": 0.4})):
        depth, normal = detector(
            case.photo(size),
            depth_and_normal=True,
            detect_resolution=side(size),
            image_resolution=side(size),
            output_type="np",
            **arguments,
        )
        if not arguments:
            case.map("depth_midas", size, options, depth)
        case.map("normal_midas", size, options, normal)


def zoe_depth(dpt, channels):
    from controlnet_aux.zoe.zoedepth.models.base_models.midas import MidasCore
    from controlnet_aux.zoe.zoedepth.models.zoedepth.zoedepth_v1 import ZoeDepth
    from controlnet_aux.zoe.zoedepth.utils.config import get_config

    config = get_config("zoedepth", "infer")
    size = MidasCore.parse_img_size(dict(config))["img_size"]
    core = MidasCore(dpt, fetch_features=True, keep_aspect_ratio=config["force_keep_ar"], img_size=size)
    core.output_channels = [channels] * 5
    return ZoeDepth(core, **config)


ZOE = {
    "cls_token": (0, 0.5),
    "gamma_1": (0.3, 0.1),
    "gamma_2": (0.3, 0.1),
    "relative_position_bias_table": (0, 1),
    "K_minus_1": (63, 0),
    "output_conv.4.weight": (0.1, 0.1),
    "mlp.2.weight": (0, 1),
    "seed_bin_regressor._net.2.weight": (0, 0.4),
    **{f"attractors.{i}._net.2.weight": (0, 0.4) for i in range(4)},
}


@reference
def zoe(case):
    """Full width, but only the four blocks that the decoder looks at."""
    from controlnet_aux.zoe.zoedepth.models.base_models.midas_repo.midas.dpt_depth import DPTDepthModel

    dpt = DPTDepthModel(backbone="beitl16_384", non_negative=True)
    blocks = dpt.pretrained.model.blocks
    dpt.pretrained.model.blocks = torch.nn.Sequential(*(blocks[i] for i in (5, 11, 17, 23)))
    network = case.fill(zoe_depth(dpt, 256), gain=1, known=ZOE)
    network.core.prep = torch.nn.Identity()
    case.outputs("96x64", lambda picture: [network(picture)["metric_depth"]])


@reference
def zoe_narrow(case):
    from controlnet_aux.zoe import ZoeDetector
    from controlnet_aux.zoe.zoedepth.models.base_models.midas_repo.midas import blocks, dpt_depth
    from controlnet_aux.zoe.zoedepth.models.base_models.midas_repo.midas.backbones import beit
    from controlnet_aux.zoe.zoedepth.models.base_models.midas import PrepForMidas
    from timm.models.beit import Beit

    def encoder(backbone, features, *rest, **named):
        channels = [8, 16, 32, 32]
        model = Beit(
            img_size=384,
            embed_dim=64,
            depth=4,
            num_heads=1,
            use_abs_pos_emb=False,
            use_rel_pos_bias=True,
            init_values=0.1,
        )
        pretrained = beit._make_beit_backbone(model, channels, [384, 384], [0, 1, 2, 3], 64, "project")
        return pretrained, blocks._make_scratch(channels, features, groups=1, expand=False)

    full = dpt_depth._make_encoder
    dpt_depth._make_encoder = encoder
    try:
        dpt = dpt_depth.DPTDepthModel(backbone="beitl16_384", features=16, head_features_1=16)
    finally:
        dpt_depth._make_encoder = full
    network = case.fill(zoe_depth(dpt, 16), gain=1, known=ZOE)
    size = "192x128"
    for options, height in (("-", 384), ("input_size=100", 100)):
        network.core.prep = PrepForMidas(img_size=[height, height * 4 // 3])
        picture = ZoeDetector(network)(case.photo(size), side(size), side(size), output_type="np")
        case.map("depth_zoe", size, options, picture)


ONEFORMER = (
    (r"^model\.pixel_level_module\.encoder\.", "backbone."),
    (r"^model\.pixel_level_module\.decoder\.(level_embed|encoder)", r"sem_seg_head.pixel_decoder.transformer.\1"),
    (r"^model\.pixel_level_module\.decoder\.", "sem_seg_head.pixel_decoder."),
    (r"^model\.transformer_module\.decoder\.", "sem_seg_head.predictor."),
    (r"^model\.transformer_module\.", "sem_seg_head.predictor."),
    (r"^model\.task_encoder\.", ""),
    (r"embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
    (r"embeddings\.norm", "patch_embed.norm"),
    (r"^backbone\.encoder\.", "backbone."),
    (r"layernorm_before", "norm1"),
    (r"layernorm_after", "norm2"),
    (r"attention\.self\.query", "attn.qkv"),
    (r"attention\.self\.", "attn."),
    (r"attention\.output\.dense", "attn.proj"),
    (r"intermediate\.dense", "mlp.fc1"),
    (r"output\.dense", "mlp.fc2"),
    (r"hidden_states_norms\.stage(\d)", lambda found: f"norm{int(found[1]) - 1}"),
    (r"input_projections", "input_proj"),
    (r"self_attn_layer_norm", "norm1"),
    (r"final_layer_norm", "norm2"),
    (r"\.fc([12])\.(?=weight|bias)", lambda found: found[0] if "mlp" in found.string else f".linear{found[1]}."),
    (r"mask_projection", "mask_features"),
    (r"(adapter|layer)_1\.0", r"\1_1"),
    (r"(adapter|layer)_1\.1", r"\1_1.norm"),
    (r"queries_embedder", "query_embed"),
    (r"query_transformer", "class_transformer"),
    (r"query_input_projection", "class_input_proj"),
    (r"predictor\.layers\.(\d)\.cross_attn", r"predictor.transformer_cross_attention_layers.\1"),
    (r"predictor\.layers\.(\d)\.self_attn", r"predictor.transformer_self_attention_layers.\1"),
    (r"predictor\.layers\.(\d)\.ffn", r"predictor.transformer_ffn_layers.\1"),
    (r"q_proj\.(weight|bias)", r"in_proj_\1"),
    (r"(mlp|mask_embed)\.layers\.(\d)\.0", r"\1.layers.\2"),
)
SPLIT_ATTENTION = (".q_proj.", ".k_proj.", ".v_proj.")


def oneformer_weights(width, attention=1.5, attended=0.5, deformed=1, queries=2):
    """Most random networks of this kind find one class everywhere, or tell float32 and float64 apart: where a mask is
    near zero, rounding decides whether a query looks there. With these gains, found by trying, the queries differ, and
    float32 is within 1e-5 of float64.
    """
    scale = 1 / math.sqrt(width)
    return {
        "relative_position_bias_table": (0, 1),
        "predictor.level_embed.weight": (0, 0.1),
        "level_embed": (0, 1),
        "query_embed.weight": (0, queries),
        "queries_embedder.weight": (0, queries),
        "sampling_offsets.bias": (0, 2),
        "output_proj.weight": (0, deformed * scale),
        "in_proj_weight": (0, attention * scale),
        "in_proj_bias": (0, 0.01),
        "out_proj.weight": (0, attended * scale),
        "linear2.weight": (0, 0.009),
        "mask_features.bias": (0, 0.01),
        "mask_embed.layers.2.weight": (0, 4 * scale),
        "mask_embed.layers.2.0.weight": (0, 4 * scale),
        "mask_embed.layers.2.bias": (0, 0.01),
        "class_embed.weight": (0, 40 * scale),
    }


NARROW_ONEFORMER = oneformer_weights(64, attention=2, attended=4, deformed=0.3, queries=1)


def oneformer_model(classes, backbone, queries, width=256, **sizes):
    from transformers import OneFormerConfig, OneFormerForUniversalSegmentation, SwinConfig

    stages = [f"stage{stage}" for stage in (1, 2, 3, 4)]
    config = OneFormerConfig(
        backbone_config=SwinConfig(image_size=384, out_features=stages, **backbone),
        num_queries=queries,
        num_labels=classes,
        is_training=False,
        hidden_dim=width,
        conv_dim=width,
        mask_dim=width,
        **sizes,
    )
    model = OneFormerForUniversalSegmentation(config)
    del model.criterion
    return model.eval()


def semantic_task():
    """ "The task is semantic" in CLIP's tokens. """
    task = torch.zeros(1, 77)
    task[0, :7] = torch.tensor([49406, 518, 10549, 533, 29119, 1550, 49407])
    return task


def oneformer_case(case, size, model, known, authors=True):
    """The authors' names are those of the published .pth files."""
    attention = [TRANSFORMERS_ATTENTION, SPLIT_ATTENTION]
    case.fill(AuthorsLayout(model, ONEFORMER, attention) if authors else model, gain=1, known=known)

    def network(picture):
        found = model(picture, semantic_task())
        return [found.class_queries_logits, found.masks_queries_logits]

    case.outputs(size, network)


@reference
def oneformer(case):
    """Full width, but two blocks of the 18 of the third stage, and fewer queries."""
    backbone = dict(embed_dim=192, depths=[2, 2, 2, 2], num_heads=[6, 12, 24, 48], window_size=12)
    oneformer_case(case, "160x96", oneformer_model(150, backbone, 40), oneformer_weights(256))


def narrow_oneformer(classes=133):
    backbone = dict(embed_dim=32, depths=[2, 2, 2, 2], num_heads=[1, 2, 4, 8], window_size=4)
    return oneformer_model(classes, backbone, 40, width=64, dim_feedforward=64)


@reference
def oneformer_narrow(case):
    oneformer_case(case, "96x64", narrow_oneformer(), NARROW_ONEFORMER)


@reference
def oneformer_narrow_ade20k(case):
    oneformer_case(case, "32x32", narrow_oneformer(150), NARROW_ONEFORMER)


@reference
def oneformer_transformers(case):
    """Under the names of transformers."""
    oneformer_case(case, "96x64", narrow_oneformer(), NARROW_ONEFORMER, authors=False)


def main(folder, names):
    os.makedirs(os.path.join(folder, "learned"), exist_ok=True)
    listing = os.path.join(folder, "learned", "maps.txt")
    maps = {}
    if os.path.exists(listing):
        for line in open(listing).read().splitlines():
            maps.setdefault(line.split(" ")[1], []).append(line)
    for name in names or REFERENCES:
        case = Case(folder, name)
        REFERENCES[name](case)
        if case.maps:
            maps[name] = case.maps
    with open(listing, "w") as out:
        out.write("\n".join(line for name in sorted(maps) for line in maps[name]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
