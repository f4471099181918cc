"""What autograd of real PyTorch keeps of single layers, for test_saved_tensors.cpp.

FOLDER/cases.json lists layers in training: `constructor` (empty for functions), `expression` of x0, x1, ... and
`module`, the `definitions` that it needs, the shapes of `inputs` without the batch, `words` (how many there are, 0 for
real numbers) and `is_positive`. Writes FOLDER/kept.json: for each whether inputs and outputs are kept, and how many bytes
are besides, per number of the output. Tensors of less than half as many numbers as the output aren't counted.
"""

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn

BATCH = 64  # so many that what is kept once and not for each sample is less than half an output
torch.manual_seed(1)
folder = Path(sys.argv[1])


def places(tensors):
    return {tensor.storage().data_ptr() for tensor in tensors}


def random_input(case, shape):
    if case["words"]:
        return torch.randint(0, case["words"], [BATCH, *shape])
    x = torch.randn(BATCH, *shape)
    # Not a leaf: a copy that the layer alone may keep.
    return (x.abs() + 0.1 if case["is_positive"] else x).requires_grad_().clone()


def kept_of(case):
    scope = {"torch": torch, "nn": nn, "F": F, "math": math, "self": SimpleNamespace(training=True)}
    exec(case["definitions"], scope)
    module = eval(case["constructor"], scope) if case["constructor"] else nn.Identity()
    inputs = [random_input(case, shape) for shape in case["inputs"]]
    scope |= {"module": module, **{f"x{port}": x for port, x in enumerate(inputs)}}
    saved = {}

    def pack(tensor):
        saved[tensor.storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = eval(case["expression"], scope)
    outputs = [result] if isinstance(result, torch.Tensor) else list(result)
    count = sum(y.numel() for y in outputs)
    known = places(inputs) | places(outputs) | places(module.parameters()) | places(module.buffers())
    besides = [t for place, t in saved.items() if place not in known and 2 * t.numel() >= count]
    return {
        "input": not places(inputs).isdisjoint(saved),
        "output": not (places(outputs) - places(inputs)).isdisjoint(saved),
        "bytes": sum(t.numel() * t.element_size() for t in besides) / count,
    }


cases = json.loads((folder / "cases.json").read_text())
(folder / "kept.json").write_text(json.dumps([kept_of(case) for case in cases]))
