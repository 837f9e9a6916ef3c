"""Times annotators of controlnet_aux and of this library in turns and prints a table of ratios in Markdown.

    python annotator_timings.py FOLDER [--size 512] [--runs 5] [--rounds 2] [--names hed canny ...]

FOLDER gets random weights under the published names, as the tests draw them. Each figure is the median of whole calls,
photograph to map, in a process that has loaded its weights and called once: `AnnotatorTimings` here, the detectors of
controlnet_aux in a process of their own; for Depth Anything and OneFormer, which are not in controlnet_aux, the networks
of transformers, OneFormer's without the drawing. `canny` starts a process for every map instead, Python with `import cv2`
and `from controlnet_aux import CannyDetector` against `controlnet annotate`.
Build first: mvn -B package -DskipTests -pl controlnet-examples/controlnet-benchmarks,controlnet-examples/controlnet-cli -am
"""

import argparse
import functools
import json
import statistics
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "controlnet-annotators/src/test/tools"))
import learned_fixtures as fixtures  # noqa: E402

LISTS = ROOT / "controlnet-annotators/src/test/resources/io/github/controlnet/annotators/learned"


def hed():
    from controlnet_aux.hed import ControlNetHED_Apache2, HEDdetector

    return ControlNetHED_Apache2(), HEDdetector


def pidinet():
    from controlnet_aux.pidi import PidiNetDetector
    from controlnet_aux.pidi.model import pidinet as build

    return build(), PidiNetDetector


def lineart():
    from controlnet_aux.lineart import Generator, LineartDetector

    return Generator(3, 1, 3), lambda network: LineartDetector(network, network)


def lineart_anime():
    from controlnet_aux.lineart_anime import LineartAnimeDetector, UnetGenerator

    norm = functools.partial(torch.nn.InstanceNorm2d, affine=False, track_running_stats=False)
    return UnetGenerator(3, 1, 8, 64, norm_layer=norm), LineartAnimeDetector


def mlsd():
    from controlnet_aux.mlsd import MLSDdetector
    from controlnet_aux.mlsd.models.mbv2_mlsd_large import MobileV2_MLSD_Large

    return MobileV2_MLSD_Large(), MLSDdetector


def teed():
    from controlnet_aux.teed import TEEDdetector
    from controlnet_aux.teed.ted import TED

    return TED(), TEEDdetector


def depth_leres():
    from controlnet_aux.leres import LeresDetector
    from controlnet_aux.leres.leres.multi_depth_model_woauxi import RelDepthModel

    return RelDepthModel(backbone="resnext101"), lambda network: LeresDetector(network, None)


def normal_bae():
    from controlnet_aux.normalbae import NormalBaeDetector
    from controlnet_aux.normalbae.nets.NNET import NNET

    return NNET(types.SimpleNamespace(architecture="BN", sampling_ratio=0.4, importance_ratio=0.7)), NormalBaeDetector


def depth_midas():
    from controlnet_aux.midas import MidasDetector
    from controlnet_aux.midas.midas.dpt_depth import DPTDepthModel

    return DPTDepthModel(backbone="vitb_rn50_384"), MidasDetector


def openpose():
    from controlnet_aux.open_pose import OpenposeDetector
    from controlnet_aux.open_pose.body import Body
    from controlnet_aux.open_pose.model import bodypose_model

    network = bodypose_model()

    def detector(network):
        body = Body.__new__(Body)
        body.model = network
        return OpenposeDetector(body)

    return network, detector


def depth_zoe():
    from controlnet_aux.zoe import ZoeDetector
    from controlnet_aux.zoe.zoedepth.models.base_models.midas_repo.midas.dpt_depth import DPTDepthModel

    return fixtures.zoe_depth(DPTDepthModel(backbone="beitl16_384", non_negative=True), 256), ZoeDetector


def depth_anything_v2():
    def detector(network):
        return lambda picture, **_: fixtures.depth_anything_map(network, picture, 518)

    return fixtures.depth_anything_model("small", 2), detector


def seg_ofade20k():
    network = fixtures.oneformer_model(
        150, dict(embed_dim=192, depths=[2, 2, 18, 2], num_heads=[6, 12, 24, 48], window_size=12), 250
    )

    def detector(network):
        def labels(picture, **_):
            small = np.asarray(Image.fromarray(picture).resize((640, 640), Image.BILINEAR), np.float32) / 255
            normal = (small - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
            found = network(torch.from_numpy(normal).float().permute(2, 0, 1)[None], fixtures.semantic_task())
            masks = torch.nn.functional.interpolate(found.masks_queries_logits, (640, 640), mode="bilinear")
            masks = torch.nn.functional.interpolate(masks, picture.shape[:2], mode="bilinear").sigmoid()
            classes = found.class_queries_logits.softmax(-1)[..., :-1]
            return torch.einsum("bqc,bqhw->bchw", classes, masks).argmax(1)

        return labels

    return network, detector


LEARNED = {
    f.__name__: f
    for f in (
        hed,
        pidinet,
        lineart,
        lineart_anime,
        mlsd,
        teed,
        depth_midas,
        depth_leres,
        normal_bae,
        depth_zoe,
        depth_anything_v2,
        seg_ofade20k,
        openpose,
    )
}
FILES = {"depth_midas": "midas"}
# whose lists name fewer blocks than the networks have, or are in another layout
OWN = {
    "depth_zoe": lambda: fixtures.ZOE,
    "depth_anything_v2": lambda: fixtures.DINO,
    "seg_ofade20k": lambda: fixtures.oneformer_weights(256),
}


def weights(name):
    """The published names with values, as the tests draw them."""
    state = {}
    if name in OWN:
        for full, tensor in LEARNED[name]()[0].state_dict().items():
            if tensor.is_floating_point():
                mean, deviation = fixtures.distribution(full, tensor, 1, OWN[name]())
                tensor = fixtures.draw(full, tensor.shape, float(mean), float(deviation))
            state[full] = tensor
        return state
    for line in (LISTS / f"{FILES.get(name, name)}.weights").read_text().splitlines():
        full, shape, mean, deviation = line.split()
        shape = tuple(map(int, shape.split("x"))) if shape else ()
        state[full] = fixtures.draw(full, shape, float(mean), float(deviation))
    return state


def photo(size):
    picture = np.asarray(Image.open(LISTS.parent / "photo.png").convert("RGB"))
    repeats = -(-size // min(picture.shape[:2]))
    return np.ascontiguousarray(np.tile(picture, (repeats, repeats, 1))[:size, :size])


def time_reference(name, folder, size, runs):
    """Runs in a process of its own: prints the seconds of each call."""
    torch.set_grad_enabled(False)
    network, detector = LEARNED[name]()
    state = {k.removeprefix("module."): v for k, v in torch.load(folder / f"{name}.pth").items()}
    network.load_state_dict(state, strict=False)
    annotator, picture = detector(network.eval()), photo(size)
    seconds = []
    for _ in range(runs + 1):
        at = time.perf_counter()
        annotator(picture, detect_resolution=size, **({} if name == "teed" else {"image_resolution": size}))
        seconds.append(time.perf_counter() - at)
    print(json.dumps(seconds[1:]))


def run(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def time_process(command):
    at = time.perf_counter()
    run(command)
    return time.perf_counter() - at


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--size", type=int, default=512)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--names", nargs="+", default=["canny", *LEARNED])
    arguments.add_argument("--reference", help="for the script's own use")
    options = arguments.parse_args()
    if options.reference:
        time_reference(options.reference, options.folder, options.size, options.runs)
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    picture = options.folder / f"photo-{options.size}.png"
    Image.fromarray(photo(options.size)).save(picture)
    target = ROOT / "controlnet-examples/controlnet-benchmarks/target"
    java = ["java", "-cp", f"{target}/classes:{target}/lib/*", "io.github.controlnet.benchmarks.AnnotatorTimings"]
    print("| annotator | controlnet_aux, s | ours, s | ratio |\n|---|---|---|---|")
    for name in options.names:
        ours, theirs = [], []
        if name in LEARNED:
            file = options.folder / f"{name}.pth"
            if not file.exists():
                torch.save(weights(name), file)
            for _ in range(options.rounds):
                theirs += json.loads(run([
                    sys.executable, __file__, options.folder, "--size", options.size, "--runs", options.runs,
                    "--reference", name]).splitlines()[-1])
                ours += json.loads(run([*java, name, file, picture, options.runs]).splitlines()[-1])
        else:
            script = ("import cv2, sys; from controlnet_aux import CannyDetector; "
                      f"CannyDetector()(cv2.imread(sys.argv[1])[:, :, ::-1].copy(), detect_resolution={options.size}, "
                      f"image_resolution={options.size}, output_type='pil').save(sys.argv[2])")
            out = options.folder / "map.png"
            for _ in range(options.rounds * options.runs):
                theirs.append(time_process([sys.executable, "-c", script, picture, out]))
                ours.append(time_process([ROOT / "controlnet", "annotate", name, picture, out]))
            name += " (process)"
        a, b = statistics.median(theirs), statistics.median(ours)
        print(f"| {name} | {a:.3f} | {b:.3f} | {b / a:.2f} |", flush=True)


if __name__ == "__main__":
    main()
