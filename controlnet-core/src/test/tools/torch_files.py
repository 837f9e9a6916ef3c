"""Writes the small checkpoints that TorchFilesTest reads, with PyTorch itself.

Usage: python torch_files.py OUTPUT_FOLDER      (PyTorch 2.7.1)

Every tensor's values are given by its index, so that the test can compute them: value i of a tensor
in row-major order is i + 1 (exact in all number types for the sizes here).
"""

import collections
import os
import pathlib
import pickle
import struct
import sys
import types
import zipfile

import numpy
import torch


def ramp(*shape, dtype=torch.float32):
    count = int(numpy.prod(shape)) if shape else 1
    return torch.arange(1, count + 1, dtype=torch.float32).reshape(shape).to(dtype)


def state():
    shared = ramp(4, 6)
    whole = torch.arange(0, 40, dtype=torch.float32)
    transposed = torch.empty(5, 3)
    view = transposed.t()
    view.copy_(ramp(3, 5))
    conv = torch.empty(2, 4, 3, 5).permute(0, 3, 1, 2)
    conv.copy_(ramp(2, 5, 4, 3))
    half = torch.empty(7, 3, dtype=torch.float16).t()
    half.copy_(ramp(3, 7, dtype=torch.float16))
    sliced = torch.zeros(4, 10)
    sliced[:, 1::2] = ramp(4, 5)
    return collections.OrderedDict(
        [
            ("plain", ramp(2, 3)),
            ("half", ramp(3, 2, dtype=torch.float16)),
            ("bfloat", ramp(5, dtype=torch.bfloat16)),
            ("double", ramp(2, 2, dtype=torch.float64)),
            ("long", ramp(3, dtype=torch.int64)),
            ("bytes", ramp(4, dtype=torch.uint8)),
            ("scalar", ramp()),
            ("empty", torch.zeros(0, 3)),
            ("shared_all", shared),
            ("shared_again", shared),
            ("offset", whole[1:25].reshape(4, 6)),
            ("transposed", view),
            ("permuted", conv),
            ("half_transposed", half),
            ("sliced", sliced[:, 1::2]),
            ("expanded", torch.ones(1).expand(3, 4)),
            ("parameter", torch.nn.Parameter(ramp(2, 2))),
        ]
    )


def foreign(module, name, bases=(object,), **members):
    """A class that claims to be from a package that is not installed here."""
    parts = module.split(".")
    for i in range(len(parts)):
        full = ".".join(parts[: i + 1])
        sys.modules.setdefault(full, types.ModuleType(full))
    cls = type(name, bases, dict(members))
    cls.__module__ = module
    cls.__qualname__ = name
    setattr(sys.modules[module], name, cls)
    return cls


class Call:
    """Pickles as a call of any function."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = state()
    torch.save(weights, folder / "zip.pth")
    torch.save(weights, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in (3, 4):
        torch.save(weights, folder / f"protocol{protocol}.pth", pickle_protocol=protocol)

    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    callback = foreign("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
    attributes = foreign("pytorch_lightning.utilities.parsing", "AttributeDict", (dict,))
    config = foreign("omegaconf.dictconfig", "DictConfig")
    inside = callback()
    inside.weights = ramp(3)
    hyper = attributes(rate=0.1)
    hyper.note = "n"
    conf = config()
    conf._metadata = {"x": [1, 2]}
    lightning = {
        "epoch": 6,
        "global_step": 470000,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": weights,
        "callbacks": {callback: {"best": numpy.float64(0.5), "path": pathlib.PosixPath("a/b")}},
        "instances": [inside, hyper, conf],
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [{"base": [1e-4], "last": numpy.int64(3), "when": {1, 2}}],
        "rng": (3, tuple(range(20)), None, True, -5, 2**70, -(2**65), b"bytes", 1.5),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "size": torch.Size([1, 2]),
        "default": collections.defaultdict(list, a=[1]),
        "array": numpy.arange(6).reshape(2, 3),
    }
    torch.save(lightning, folder / "lightning.ckpt")
    torch.save(lightning, folder / "lightning_legacy.ckpt", _use_new_zipfile_serialization=False)

    for wrapper in ("model", "depth_model"):  # NormalBae's and ZoeDepth's, LeReS's
        torch.save({wrapper: {"w": ramp(2)}, "epoch": 3}, folder / f"in_{wrapper}.pth")

    torch.save({"w": ramp(2), "x": Call(os.system, "echo executed > /dev/null")}, folder / "system.pth")
    torch.save(
        {"w": ramp(2), "x": Call(eval, "1 + 1")},
        folder / "eval_legacy.pth",
        _use_new_zipfile_serialization=False,
    )
    # A global that is dropped at once: nothing refers to it any more when the pickle has ended.
    torch.save({"w": ramp(2)}, folder / "zip_small.pth")
    with zipfile.ZipFile(folder / "zip_small.pth") as source:
        with zipfile.ZipFile(folder / "popped.pth", "w", zipfile.ZIP_STORED) as target:
            for entry in source.infolist():
                data = source.read(entry.filename)
                if entry.filename.endswith("data.pkl"):
                    data = data[:2] + b"cposix\nsystem\n0" + data[2:]
                target.writestr(entry.filename, data)
        with zipfile.ZipFile(folder / "compressed.pth", "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                target.writestr(entry.filename, source.read(entry.filename))
        # A tensor that would reach beyond its storage.
        with zipfile.ZipFile(folder / "outside.pth", "w", zipfile.ZIP_STORED) as target:
            for entry in source.infolist():
                data = source.read(entry.filename)
                if "/data/" in entry.filename:
                    data = data[:4]
                target.writestr(entry.filename, data)
    torch.save(torch.nn.Linear(2, 2), folder / "module.pth")
    (folder / "plain_pickle.pth").write_bytes(pickle.dumps({"w": [1.0]}, protocol=2))


main(sys.argv[1])
