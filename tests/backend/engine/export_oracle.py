"""Runs exported code and TorchScript with real PyTorch, for test_export_parity.cpp.

FOLDER holds one folder for each case: `model.py` and `weights.safetensors`, `model.pt` where there is TorchScript, and
`case.safetensors` with `input.0`, ..., what GraphModule gave for them in evaluation mode, `output.0`, ..., what it gives in
float64, `exact.0`, ..., and whether the result can be compared at all, `steady.0`, ...; the same in training mode as
`training.output.0`, ... where nothing in the network is random. Prints a line for each case and form: CASE FORM ERROR,
where ERROR is the largest difference as a part of the largest number (or, where rounding alone changes the network's
results, in units of 1e-5 of that change), or why it failed.
"""

import json
import re
import struct
import sys
import warnings
from pathlib import Path

import numpy
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def read_tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    types = {"F32": numpy.float32, "I64": numpy.int64}
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def numbered(tensors, stem):
    found = []
    while f"{stem}.{len(found)}" in tensors:
        found.append(tensors[f"{stem}.{len(found)}"])
    return found


def error_of(outputs, expected, exact, steady, least):
    if isinstance(outputs, torch.Tensor):
        outputs = (outputs,)
    if [list(y.shape) for y in outputs] != [list(y.shape) for y in expected]:
        raise ValueError(f"shapes {[list(y.shape) for y in outputs]} instead of {[list(y.shape) for y in expected]}")
    worst = 0.0
    for y, wanted, free_of_rounding, is_steady in zip(outputs, expected, exact, steady):
        if y.dtype != wanted.dtype:
            raise ValueError(f"{y.dtype} instead of {wanted.dtype}")
        if not is_steady:
            continue
        y, wanted = y.double(), wanted.double()
        usual = wanted.isfinite()
        if not torch.equal(usual, y.isfinite()):
            raise ValueError("other numbers aren't finite")
        if usual.any():
            rounding = (wanted[usual] - free_of_rounding.double()[usual]).abs().max().nan_to_num(0, 0).item()
            scale = max(wanted[usual].abs().max().item(), least, 1e5 * rounding)
            worst = max(worst, (y[usual] - wanted[usual]).abs().max().item() / scale)
    return worst


def expected(tensors, prefix):
    return [numbered(tensors, prefix + stem) for stem in ("output", "exact", "steady")]


def load_code(case):
    source = (case / "model.py").read_text()
    scope = {"__name__": case.name}
    exec(compile(source, str(case / "model.py"), "exec"), scope)
    # A script of two networks against each other has no one model; the first network is the one that is compared.
    name = re.search(r"model = (\w+)\(\)", source) or re.search(r"^class (\w+)\(nn\.", source, re.MULTILINE)
    model = scope[name[1]]()
    scope["load_weights"](model, case / "weights.safetensors")
    return model


def load_script(case):
    model = torch.jit.load(str(case / "model.pt"))
    weights = read_tensors(case / "weights.safetensors")
    state = model.state_dict()
    if sorted(state) != sorted(weights):
        raise ValueError(f"the state_dict has {sorted(state)} instead of {sorted(weights)}")
    for name, tensor in weights.items():
        if not torch.allclose(state[name], tensor, 0, 0, equal_nan=True):
            raise ValueError(f"{name} differs")
    return model


for case in sorted(Path(sys.argv[1]).iterdir()):
    tensors = read_tensors(case / "case.safetensors")
    inputs = numbered(tensors, "input")
    # Random networks subtract the mean of constants, and divide what is left by next to nothing.
    least = 0.2 if case.name.startswith("random") else 1e-3
    for form, load, file in (("code", load_code, "model.py"), ("script", load_script, "model.pt")):
        if not (case / file).exists():
            continue
        try:
            with torch.no_grad():
                model = load(case)
                result = error_of(model.eval()(*inputs), *expected(tensors, ""), least)
                if "training.output.0" in tensors:
                    result = max(result, error_of(model.train()(*inputs), *expected(tensors, "training."), least))
            result = f"{result:.3e}"
        except Exception as problem:
            result = f"{type(problem).__name__}: {problem}".replace("\n", " ")[:600]
        print(case.name, form, result, flush=True)
