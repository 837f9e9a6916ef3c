"""Writes the small checkpoints of ContainersTest and Float8Test, with PyTorch itself.

Usage: python torch_containers.py OUTPUT_FOLDER      (PyTorch 2.7.1, numpy, safetensors)

Floats of eight bits: a tensor "codes" of each type holds all 256 codes in order, and "values" beside
it the same as PyTorch converts them to 32-bit floats.
"""

import argparse
import collections
import datetime
import decimal
import fractions
import functools
import os
import pathlib
import sys
import types
import uuid

import numpy
import torch
from safetensors.torch import save_file

out = sys.argv[1]


def path(name):
    return os.path.join(out, name)


FLOAT8 = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"]


def float8(names, more):
    state = {}
    for name in names:
        codes = torch.arange(256, dtype=torch.uint8).view(getattr(torch, name))
        state[name + ".codes"] = codes
        state[name + ".values"] = codes.float()
    if more:
        wide = torch.arange(1, 13, dtype=torch.float32).reshape(3, 4).to(torch.float8_e4m3fn)
        state["transposed"] = wide.t()
        state["offset"] = torch.arange(0, 16, dtype=torch.float32).to(torch.float8_e5m2)[3:11]
    return state


torch.save(float8(FLOAT8, True), path("float8.pth"))
torch.save(float8(FLOAT8, True), path("float8_legacy.pth"), _use_new_zipfile_serialization=False)
save_file(float8(FLOAT8[:2], False), path("float8.safetensors"))
torch.save({"a": torch.arange(3).to(torch.uint16), "b": torch.ones(2, dtype=torch.complex64)},
           path("foreign.pth"))

ramp = torch.arange(1, 9, dtype=torch.float32).reshape(2, 4)
torch.save({"string_to_token": {"*": torch.tensor(265)},
            "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(ramp)})},
           path("embedding_original.pt"))
torch.save({"string_to_param": torch.nn.ParameterDict({"*": ramp})},
           path("embedding_original_legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(torch.nn.ParameterDict({"w": ramp}), path("parameter_dict.pth"))
torch.save(torch.nn.ParameterList([ramp, ramp[0]]), path("parameter_list.pth"))
torch.save({"state_dict": torch.nn.ParameterDict({"a": ramp}), "epoch": 3}, path("wrapped.pth"))

generator = torch.Generator()
numbers = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)
inert = {
    "namespace": argparse.Namespace(lr=1e-4, path=pathlib.PurePosixPath("/tmp/x")),
    "simple": types.SimpleNamespace(a=1),
    "path": pathlib.PurePosixPath("a/b"),
    "array": numbers,
    "scalar": numbers[0, 1],
    "dtype": numbers.dtype,
    "numpy_type": numpy.dtype("int64"),
    "date": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
    "delta": datetime.timedelta(3),
    "default": collections.defaultdict(list, {"a": [1]}),
    "counter": collections.Counter("aab"),
    "deque": collections.deque([1, 2]),
    "set": {1, 2},
    "frozen": frozenset({3}),
    "size": torch.Size([2, 3]),
    "device": torch.device("cpu"),
    "torch_dtype": torch.float16,
    "float8_dtype": torch.float8_e4m3fn,
    "version": torch.torch_version.TorchVersion("2.7.1"),
    "decimal": decimal.Decimal("1.5"),
    "fraction": fractions.Fraction(1, 3),
    "uuid": uuid.UUID(int=5),
    "complex": 1 + 2j,
    "ellipsis": Ellipsis,
    "bytes": b"abc",
    "bytearray": bytearray(b"abc"),
    "range": range(3),
    "slice": slice(1, 2),
    "big": 1 << 100,
    "w": ramp,
}
torch.save(inert, path("inert.pth"))
torch.save(inert, path("inert_legacy.pth"), _use_new_zipfile_serialization=False)
torch.save({"generator": generator, "w": ramp}, path("generator.pth"))
torch.save({"w": ramp, "f": functools.partial(print, 1)}, path("partial.pth"))
torch.save({"w": ramp, "net": torch.nn.Sequential()}, path("sequential.pth"))
torch.save({"w": ramp, "q": torch.quantize_per_tensor(ramp, 0.1, 0, torch.qint8)},
           path("quantized.pth"))
